"""The architecture holds in every file, and each rule catches what it forbids."""

import unicodedata
from collections.abc import Sequence

import pytest

from contracts.forms import FORMS
from tests.architecture import exactness, history, province, rules, wording
from tests.architecture.addresses import foreign_addresses
from tests.architecture.digits import numbers_are_read_with_ascii_digits
from tests.architecture.docstrings import docstrings_begin_with_a_verb
from tests.architecture.privacy import private_attributes_stay_at_home
from tests.architecture.rules import RULES, Rule
from tests.architecture.source import Source, sources
from tools.files import ROOT, tracked_texts

USECASES = "services/treatment/methadone/usecases.py"
DOMAIN = "services/treatment/methadone/domain/episodes.py"
FORM = "services/treatment/methadone.py"
REGISTER = "REGISTER = Register()\n"
PRODUCT = "services/reporting/documents/http.py"
CHASSIS = "services/chassis/persistence/outbox.py"
TEST = "tests/unit/test_planted.py"

# rule → (file, text) that it must catch
PLANTED: dict[Rule, Sequence[tuple[str, str]]] = {
    wording.no_vietnamese_outside_the_catalogue: [
        (USECASES, "SAID = 'Không có quyền thực hiện'\n"),
        (USECASES, "def use(count):\n    return f'{count} dòng'\n"),
        ("khopso/commands/figures.py", "HEADINGS = ['đơn vị / unit']\n"),
        ("services/reporting/documents/usecases.py", "REMARK = 'Không có số liệu.'\n"),
    ],
    wording.no_english_sentences_outside_the_catalogue: [
        ("khopso/commands/figures.py", "console.line('nothing was found')\n"),
        ("khopso/commands/figures.py", "console.note(f'{count} rows were handled')\n"),
        (
            "khopso/commands/figures.py",
            "def figure(code: Annotated[str, typer.Option(help='the code asked')]): ...\n",
        ),
        ("khopso/cli.py", "app.command('x', help='do something')(run)\n"),
        (USECASES, "raise Problem(404, 'no such record')\n"),
        (USECASES, "raise FailureError(2, 'not there' if gone else 'not here')\n"),
        (USECASES, "SAID = Message('một', 'one of them')\n"),
        ("services/treatment/http.py", "SCHEMA = {'rows': {'description': 'the rows of a register'}}\n"),
        (
            "services/treatment/http.py",
            "def read(on: Annotated[str, Query(description='the day asked')]): ...\n",
        ),
    ],
    rules.no_commit_outside_the_chassis: [
        (USECASES, "async def use(session):\n    await session.commit()\n"),
        ("services/reporting/facts/repository.py", "def use(connection):\n    connection.rollback()\n"),
    ],
    rules.no_clock_in_a_domain: [
        (DOMAIN, "from datetime import UTC, datetime\nnow = datetime.now(UTC)\n"),
        (DOMAIN, "import datetime\ntoday = datetime.date.today()\n"),
        (DOMAIN, "import time\nnow = time.time()\n"),
        (DOMAIN, "from uuid import uuid4\nnew = uuid4()\n"),
        ("services/reporting/facts/projections/spells.py", "from datetime import date\nd = date.today()\n"),
        (FORM, f"from datetime import date\nd = date.today()\n{REGISTER}"),
    ],
    rules.domain_imports_only_the_standard_library_and_code_lists: [
        (DOMAIN, "import sqlalchemy\n"),
        (DOMAIN, "from services.chassis.persistence.session import raw\n"),
        (DOMAIN, "from contracts.events.treatment import Slip\n"),
        (DOMAIN, "from services.treatment.methadone.repository import load\n"),
        (DOMAIN, "from services.registry.index.domain.edges import Edge\n"),
        (DOMAIN, "from . import repository\n"),
    ],
    rules.forms_are_pure: [
        (FORM, f"import sqlalchemy\n{REGISTER}"),
        (FORM, f"from services.chassis.persistence import raw\n{REGISTER}"),
        (FORM, f"from services.registers import Intake\n{REGISTER}"),
        (FORM, f"from services.registers.store import heads\n{REGISTER}"),
        (FORM, f"from services.treatment.directory import repository\n{REGISTER}"),
        (FORM, f"from services.treatment.detox import STAGES\n{REGISTER}"),
    ],
    rules.layers_point_inwards: [
        (USECASES, "from services.treatment.methadone.http import router\n"),
        (USECASES, "from services.treatment.app import build\n"),
        ("services/treatment/repository.py", "from services.treatment import usecases\n"),
        ("services/treatment/http.py", "from services.treatment.consumers import HANDLED\n"),
        ("services/treatment/consumers.py", "from services.treatment.doses.http import router\n"),
    ],
    rules.ground_imports_only_what_it_may: [
        ("contracts/envelope.py", "import orjson\n"),
        ("contracts/envelope.py", "from services.chassis import ids\n"),
        ("reference/areas.py", "import pydantic\n"),
        ("proof/closing.py", "from contracts.envelope import wire\n"),
        ("texts/messages.py", "import httpx\n"),
    ],
    rules.packages_are_entered_by_their_door: [
        (CHASSIS, "from services.chassis.runtime.settings import ServiceSettings\n"),
        ("services/reporting/checks/usecases.py", "import services.reporting.figures.evaluate\n"),
        ("services/reporting/checks/app.py", "from services.reporting.figures.evaluate import Scope\n"),
        ("khopso/api.py", "from texts.messages import message\n"),
        ("services/reporting/checks/app.py", "from services.reporting.figures import evaluate\n"),
        ("services/treatment/http.py", "from services.registers import store\n"),
        # Each door by itself: a name that is misspelt on the list would guard nothing.
        *(("khopso/planted.py", f"import {door}.inside\n") for door in rules.DOORS),
        *(("khopso/planted.py", f"from {door}.inside import thing\n") for door in rules.DOORS),
    ],
    rules.suites_share_through_support: [
        (TEST, "from tests.component.reporting.asking import value\n"),
        (TEST, "import tests.failure.trial\n"),
        ("tests/support/wait.py", "from tests.unit.chassis import test_db\n"),
    ],
    numbers_are_read_with_ascii_digits: [
        ("services/reporting/checks/asking.py", "ok = text.isdecimal()\n"),
        ("khopso/words.py", "ok = text.strip().isdigit()\n"),
        ("tablecheck/reading.py", 'import re\nNUMBER = re.compile(r"\\d+")\n'),
        ("services/chassis/runtime/settings.py", 'x = Field(pattern=r"^\\d+$")\n'),
    ],
    exactness.exact_values_have_named_readers: [
        (PRODUCT, "from services.reporting.figures.exact import compute\n"),
        (PRODUCT, "from services.reporting.figures import exact\n"),
        (PRODUCT, "from services.reporting.figures import snapshot\n"),
        (PRODUCT, "from services.reporting import figures\nx = figures.exact.compute\n"),
        (PRODUCT, "from services.reporting.facts import use_generation\n"),
        (PRODUCT, "def use(reading):\n    return reading.unprotected\n"),
        (PRODUCT, "from services.reporting.disclosure import policy\n"),
        ("services/reporting/checks/http.py", "from services.reporting.figures.exact import members\n"),
        ("services/reporting/checks/usecases.py", "import services.reporting.disclosure.policy\n"),
        ("services/reporting/app.py", "from services.reporting.figures.exact import compute\n"),
    ],
    history.migrations_import_no_project_code: [
        (
            "services/reporting/migrations/0099_x.py",
            "from services.reporting.facts.tables import GENERATION\n",
        ),
        ("services/registry/migrations/0099_x.py", "from reference import FIGURES\n"),
    ],
    rules.chassis_knows_no_business: [
        (CHASSIS, "def append_detox(rows): ...\n"),
        (CHASSIS, 'TOPIC = "treatment.methadone"\n'),
        (CHASSIS, "class DrugCases: ...\n"),
    ],
    rules.no_environment_outside_settings: [
        (CHASSIS, 'import os\nx = os.environ["KHOPSO_X"]\n'),
        ("deploy/embedded/supervisor.py", 'import os\nx = os.getenv("HOME")\n'),
        ("khopso/api.py", "from os import environ\n"),
    ],
    rules.no_print_outside_the_command_line: [
        (CHASSIS, 'print("here")\n'),
        ("deploy/embedded/supervisor.py", 'print("here")\n'),
        (TEST, 'print("here")\n'),
    ],
    rules.files_stay_short: [(CHASSIS, "x = 1\n" * 401)],
    docstrings_begin_with_a_verb: [
        (CHASSIS, 'def number():\n    """The number."""\n'),
        (USECASES, 'class Read:\n    async def rows(self):\n        """Every row."""\n'),
    ],
    rules.no_naive_datetimes: [
        (CHASSIS, "from datetime import datetime\nx = datetime(2023, 1, 1)\n"),
        (CHASSIS, "from datetime import datetime\nx = datetime.now()\n"),
        (CHASSIS, "from datetime import datetime\nx = datetime.utcnow()\n"),
        (CHASSIS, "from datetime import datetime\nx = datetime.fromtimestamp(0)\n"),
        (CHASSIS, "from datetime import datetime\nx = datetime.combine(a, b)\n"),
    ],
    private_attributes_stay_at_home: [
        (CHASSIS, "def pace(subscriber):\n    subscriber.consumer._fetcher._fetch_max_wait_ms = 15\n"),
        (CHASSIS, "from services.chassis import clock\nx = clock._now\n"),
        ("services/reporting/documents/render_xlsx.py", "def mark(run):\n    return run._r\n"),
        ("khopso/api.py", "class Api:\n    def f(self, other):\n        return other._urls\n"),
    ],
    rules.tests_wait_on_conditions: [
        (TEST, "import time\ndef test_x():\n    time.sleep(1)\n"),
        (TEST, "import asyncio\nasync def test_x():\n    await asyncio.sleep(0.1)\n"),
        (TEST, "import time\ndef test_x():\n    while True:\n        time.sleep(1)\n"),
        (TEST, "import time\ndef wait(deadline):\n    time.sleep(deadline)\n"),
        (TEST, "import time\ndef test_slow_start():\n    time.sleep(5)\n"),
    ],
    province.no_province_outside_its_pack: [
        ("khopso/api.py", 'OPERATOR = "committee:30"\n'),
        ("services/reporting/figures/territories.py", 'TOP = "30@2008"\n'),
        ("khopso/commands/demo.py", 'def f(year):\n    print(f"Tỉnh Hải Dương {year}")\n'),
        ("reference/areas.py", 'DEFAULT_PROVINCE = "30"\n'),
        ("reference/settings.py", 'DEFAULT = "hai-duong"\n'),
        ("contracts/forms/examples.py", 'ROW = {"commune_code": "10513"}\n'),
        ("services/reporting/figures/shapes.py", 'EXAMPLE = {"area": "288", "unit": "police:99001"}\n'),
        ("services/registry/app.py", 'OPERATOR = b"committee:30"\n'),
        ("khopso/words.py", "COMMUNE = 10513\n"),
        ("services/reporting/facts/statements.py", "WHERE = \"WHERE area_code = '30'\"\n"),
        ("khopso/api.py", 'PATH = "/v1/figures/registry.users?area=30&by=commune"\n'),
        ("khopso/api.py", 'LABOUR = "labour:30"\n'),
        ("khopso/words.py", 'TITLE = "TỈNH HẢI DƯƠNG"\n'),
        ("khopso/words.py", 'TITLE = "tinh Hai Duong"\n'),
        ("khopso/words.py", f'TITLE = "{unicodedata.normalize("NFD", "tỉnh Hải Dương")}"\n'),
        ("khopso/words.py", 'TOWN = "Chí Linh"\n'),
        ("khopso/words.py", "HAI_DUONG = province()\n"),
        ("khopso/words.py", "def report_of_hai_duong(year):\n    return year\n"),
        ("services/reporting/app.py", "class HaiDuong:\n    pass\n"),
        ("services/reporting/app.py", "from provinces import hai_duong\n"),
    ],
}

# rule → (file, text) that it must let pass
INNOCENT: dict[Rule, Sequence[tuple[str, str]]] = {
    wording.no_vietnamese_outside_the_catalogue: [
        (USECASES, '"""Vụ cháy: what is documented."""\n# chú thích\nSAID = message("area_scope")\n'),
        (USECASES, "DOC = 'Persons in detox (cai nghiện) on the day.'\nLETTER = 'đ'\n"),
        ("contracts/forms/treatment.py", "COLUMN = Column('slip_no', 'Số phiếu')\n"),
        ("services/reporting/documents/grids.py", "TOTAL = 'Tổng cộng'\n"),
        (TEST, "SAID = 'Không có quyền'\n"),
    ],
    wording.no_english_sentences_outside_the_catalogue: [
        ("khopso/commands/figures.py", "console.line(f\"{spoken('figure.by')} {by}\")\n"),
        ("khopso/commands/figures.py", "console.line(f'SHA-256 {hash}', 'red' if bad else 'green')\n"),
        ("khopso/commands/figures.py", "x = typer.Option('--as-of', help=help_of('cli.option.as_of'))\n"),
        (USECASES, "log.info('outbox to be sent again')\nraise ValueError('must not be empty')\n"),
        (USECASES, "raise Problem(404, 'figure_near', codes=', '.join(near))\n"),
    ],
    rules.no_commit_outside_the_chassis: [
        ("services/chassis/persistence/session.py", "def f(s):\n    s.commit()\n")
    ],
    rules.no_clock_in_a_domain: [
        (USECASES, "import time\nx = time.monotonic()\n"),
        (DOMAIN, "from uuid import uuid5\nx = uuid5(a, b)\n"),
    ],
    rules.domain_imports_only_the_standard_library_and_code_lists: [
        (
            DOMAIN,
            "from datetime import date\nfrom reference.codes import SEX\nfrom contracts.forms import FORMS\n",
        ),
        (DOMAIN, "from services.treatment.methadone.domain.spells import Spell\n"),
    ],
    rules.forms_are_pure: [
        (FORM, f"from contracts.forms import FORMS\nfrom services.registers import Row\n{REGISTER}"),
        (FORM, f"from services.treatment.directory.domain import Directory\n{REGISTER}"),
        ("services/treatment/registers.py", "from services.treatment.directory import repository\n"),
    ],
    rules.layers_point_inwards: [
        (USECASES, "from services.treatment.methadone.domain.episodes import decide\n"),
        (USECASES, "from services.chassis.http.app import Problem\n"),
        ("services/treatment/app.py", "from services.treatment.methadone.http import router\n"),
    ],
    rules.suites_share_through_support: [
        (TEST, "from tests.support.wait import eventually\nfrom tests.unit.registers import building\n"),
    ],
    rules.ground_imports_only_what_it_may: [("contracts/x.py", "import json\nfrom pydantic import Field\n")],
    rules.packages_are_entered_by_their_door: [
        ("services/reporting/checks/usecases.py", "from services.reporting.figures import Scope\n"),
        ("services/reporting/figures/x.py", "from services.reporting.figures.evaluate import Scope\n"),
        ("services/reporting/app.py", "from services.reporting.checks.http import checks_router\n"),
        (TEST, "from services.reporting.figures.evaluate import Scope\n"),
    ],
    exactness.exact_values_have_named_readers: [
        (PRODUCT, "from services.reporting.figures import QueryService, Scope\n"),
        (PRODUCT, "def use(reading):\n    return reading.exact(code, scope, reader)\n"),
        ("services/reporting/checks/usecases.py", "from services.reporting.figures.exact import members\n"),
        (
            "services/reporting/figures/overlap.py",
            "from services.reporting.figures.answering import compute\n",
        ),
        ("services/reporting/app.py", "from services.reporting.disclosure import ReleaseControl\n"),
        ("services/reporting/app.py", "from services.reporting.figures.http import figures_router\n"),
        (TEST, "from services.reporting.figures.exact import compute\n"),
    ],
    numbers_are_read_with_ascii_digits: [
        ("reference/digits.py", "ok = text.isascii() and text.isdigit()\n"),
        ("khopso/words.py", 'import re\nA = re.compile(r"\\d+", re.ASCII)\nB = re.compile("[0-9]+")\n'),
        (TEST, "ok = text.isdigit()\n"),
    ],
    history.migrations_import_no_project_code: [
        (
            "services/registry/migrations/0099_x.py",
            "import re\nimport sqlalchemy as sa\nfrom alembic import op\n",
        ),
        (
            "services/chassis/persistence/migrations.py",
            "from services.chassis.runtime import ServiceSettings\n",
        ),
    ],
    rules.chassis_knows_no_business: [(CHASSIS, '"""Unlike methadone."""\nx = "topic"\n')],
    rules.no_environment_outside_settings: [("khopso/settings.py", "import os\nx = os.environ\n")],
    rules.no_print_outside_the_command_line: [("khopso/cli.py", 'print("here")\n')],
    rules.files_stay_short: [(CHASSIS, "x = 1\n" * 400)],
    docstrings_begin_with_a_verb: [
        (CHASSIS, 'def number():\n    """Return the number."""\n\n\ndef _part():\n    """The part."""\n'),
        (CHASSIS, 'class Number:\n    """A number."""\n'),
        (CHASSIS, '@router.get("/x")\ndef number():\n    """The number."""\n'),
    ],
    rules.no_naive_datetimes: [
        (CHASSIS, "from datetime import UTC, datetime\nx = datetime(2023, 1, 1, tzinfo=UTC)\n"),
        (CHASSIS, "from datetime import UTC, datetime\nx = datetime.now(UTC)\n"),
    ],
    private_attributes_stay_at_home: [
        (
            CHASSIS,
            "class A:\n    def __init__(self):\n        self._x = 1\n    def same(self, other):\n        return other._x\n",
        ),
        (CHASSIS, "def names(kind, row):\n    return kind._fields, row._replace(a=1), row.__class__\n"),
        ("services/reporting/documents/render_docx.py", "def mark(run):\n    return run._r\n"),
        (TEST, "def test_x(relay):\n    assert relay._topics\n"),
    ],
    rules.tests_wait_on_conditions: [
        (TEST, "import time\ndef wait(deadline):\n    while not ready():\n        time.sleep(0.02)\n"),
        (TEST, "import asyncio\nasync def slowly():\n    await asyncio.sleep(0.02)\n"),
        (TEST, "import asyncio\nasync def test_x():\n    await asyncio.sleep(0)\n"),
    ],
    province.no_province_outside_its_pack: [
        ("khopso/api.py", '"""As Hải Dương (30@2008) has it."""\nKEPT_DAYS, SHARE = 30, "30 %"\n'),
        (
            "khopso/words.py",
            'FIRST, LAW, AT = "từ kỳ trước", "Nghị định 30/2020/NĐ-CP", "08:30"\nMOST = 100_000\n',
        ),
        ("services/reporting/figures/area.py", "def of_area(area, district, tinh):\n    return area\n"),
        ("demo/__init__.py", 'PROVINCE = "30"\n'),
        (TEST, 'UNIT = "police:288"\n'),
        ("services/reporting/migrations/0006_publishing.py", 'DEFAULT = "30"\n'),
    ],
}


def findings(rule: Rule, source: Source) -> list[str]:
    return [f"{source.path}:{line}: {why}" for line, why in rule(source)]


def test_no_data_template_or_catalogue_outside_a_pack_names_a_province() -> None:
    assert list(province.provinces_in_texts()) == []
    assert "hai duong" in province.named_in("thay cho 207 đơn vị của Hải Dương")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds_in_every_file(rule: Rule) -> None:
    assert [finding for source in sources() for finding in findings(rule, source)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_catches_what_it_forbids_and_nothing_else(rule: Rule) -> None:
    for path, text in PLANTED[rule]:
        assert findings(rule, Source.of(path, text)) != [], text
    for path, text in INNOCENT[rule]:
        assert findings(rule, Source.of(path, text)) == [], text


def test_every_door_is_there() -> None:
    places = [ROOT.joinpath(*door.split(".")) for door in rules.DOORS]
    shut = [at for at in places if not (at / "__init__.py").is_file() and not at.with_suffix(".py").is_file()]
    assert shut == []


def test_every_module_that_may_hold_vietnamese_holds_some() -> None:
    held = {source.path for source in sources() if list(wording.vietnamese_in(source))}
    for place in wording.VIETNAMESE_IN:
        assert any(path == place or path.startswith(f"{place}/") for path in held), place


def test_every_named_reader_of_exact_values_reads_some_and_says_why() -> None:
    found = {source.path.removesuffix(".py").replace("/", "."): source for source in sources()}
    assert [name for name in exactness.READERS if name not in found] == []
    assert [name for name in exactness.READERS if not list(exactness.exact_reads(found[name]))] == []
    assert all(exactness.READERS.values())


def test_rules_see_the_whole_project() -> None:
    seen = {source.path for source in sources()}
    assert {
        "contracts/envelope.py",
        "services/chassis/persistence/session.py",
        "deploy/ports.py",
        TEST.rsplit("/", 2)[0],
    } - seen == {TEST.rsplit("/", 2)[0]}
    assert any(rules.is_domain(source) for source in sources())
    forms = {source.parts[-1] for source in sources() if rules.is_form(source)}
    assert forms == {*FORMS} - {"registry", "declared"} | {"form", "declarations"}


def test_no_file_names_a_package_registry_or_a_path_of_a_machine() -> None:
    assert foreign_addresses(tracked_texts()) == []


@pytest.mark.parametrize(
    "line",
    [
        "https://files." + "pythonhosted.org/packages/x",
        "index-url = https://pypi" + ".org/simple",
        '"resolved": "https://registry.npmjs' + '.org/x"',
        "DATA=/ro" + "ot/data",
        "cd /ho" + "me/somebody/project",
        "see /work/" + "main/notes",
    ],
)
def test_a_registry_or_machine_path_is_caught(line: str) -> None:
    assert foreign_addresses({"docs/x.md": line}) != []
    assert (
        foreign_addresses({"docs/x.md": "see ./rooted and http://maven.apache.org/POM/4.0.0 and /var/lib"})
        == []
    )
