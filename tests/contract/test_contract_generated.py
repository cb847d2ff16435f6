"""Generated artefacts: committed as generated, and what the official AsyncAPI parser reads from them."""

import json
import re
from pathlib import Path

import pytest

from contracts.catalogue import EVENT_TYPES
from contracts.events.statements import STATEMENTS
from contracts.forms import FORMS, normalise_header
from contracts.topics import (
    DERIVED_TOPICS,
    FACT_TOPICS,
    LINKAGE_TOPICS,
    RULE_TOPICS,
    SERVICES,
    TOPICS,
    UNITS,
    receivers,
)
from reference.figures import FIGURES
from services.chassis.kafka import dead_letters, delivery
from services.registry import consumers as registry
from services.reporting.facts import consumers as reporting
from tests.support import judges
from tools import generate
from tools.generators.asyncapi import asyncapi_document
from tools.generators.plumbing import DEAD_LETTER, DEAD_LETTER_HEADERS, LOG_STARTED, log_started
from tools.generators.schemas import SUBMISSION_TYPE, event_schemas

ROOT = Path(__file__).parents[2]
LISTENING = {"registry": registry.TOPICS, "reporting": reporting.TOPICS}


def test_committed_artefacts_are_what_the_contracts_say() -> None:
    assert generate.drifted(ROOT, generate.artefacts()) == [], "run `python -m tools.generate`"


def test_drift_is_noticed_mended_and_named(tmp_path: Path) -> None:
    wanted = generate.artefacts()
    assert generate.write(tmp_path, wanted) == sorted(wanted)
    assert generate.drifted(tmp_path, wanted) == []
    (tmp_path / "contracts/asyncapi.json").write_text("{}", encoding="utf-8")
    (tmp_path / "docs/forms/fires.md").unlink()
    (tmp_path / "contracts/schemas/left.over.v1.json").write_text("{}", encoding="utf-8")
    astray = ["contracts/asyncapi.json", "contracts/schemas/left.over.v1.json", "docs/forms/fires.md"]
    assert generate.drifted(tmp_path, wanted) == astray
    assert generate.write(tmp_path, wanted) == astray
    assert generate.drifted(tmp_path, wanted) == []


def test_command_exits_1_and_lists_what_drifted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main([], tmp_path) == 0
    assert generate.main(["--check"], tmp_path) == 0
    (tmp_path / "docs/figures.md").write_text("", encoding="utf-8")
    capsys.readouterr()
    assert generate.main(["--check"], tmp_path) == 1
    assert capsys.readouterr().out == "drifted: docs/figures.md\n"


def test_official_parser_accepts_the_asyncapi_document() -> None:
    answer = judges.asyncapi((ROOT / "contracts/asyncapi.json").read_text(encoding="utf-8"))
    faults = [
        fault for fault in answer["diagnostics"] if fault["code"] != "asyncapi-latest-version"
    ]  # 3.0.0 is the AsyncAPI 3 that tools read
    assert faults == []
    assert answer["version"] == "3.0.0"
    assert [name for name in answer["channels"] if not name.endswith(".dlq")] == list(TOPICS)
    assert {f"{topic}.dlq" for topic in FACT_TOPICS} <= set(answer["channels"])
    assert set(answer["messages"]) == {*EVENT_TYPES, SUBMISSION_TYPE, LOG_STARTED, DEAD_LETTER}
    assert {f"reporting.receive.{topic}" for topic in FACT_TOPICS} <= set(answer["receives"])
    assert {f"registry.receive.{topic}" for topic in LINKAGE_TOPICS} <= set(answer["receives"])
    assert {f"{UNITS}.send.submissions.{service}" for service in SERVICES} <= set(answer["sends"])
    assert {
        f"{topic.owner}.send.{topic.name}" for topic in TOPICS.values() if topic.name in FACT_TOPICS
    } <= set(answer["sends"])


def test_official_parser_refuses_a_broken_document() -> None:
    document = asyncapi_document()
    message = document["components"]["messages"]["treatment.dose.dosed.v1"]
    message["examples"][0]["payload"]["data"]["dosed_on"] = 7
    document["operations"]["treatment.send.treatment.doses"]["channel"]["$ref"] = "#/channels/nowhere"
    severities = {fault["severity"] for fault in judges.asyncapi(json.dumps(document))["diagnostics"]}
    assert 0 in severities


def test_every_form_and_figure_has_its_page_entry() -> None:
    figures = (ROOT / "docs/figures.md").read_text(encoding="utf-8")
    assert [code for code in FIGURES if f"| `{code}` |" not in figures] == []
    for form in FORMS.values():
        page = (ROOT / f"docs/forms/{form.name}.md").read_text(encoding="utf-8")
        assert [c.id for c in form.columns if f"| `{c.id}` | {c.vi} |" not in page] == []
        codes = {code for column in form.columns for code in column.codes or ()}
        assert [code for code in codes if f"| `{code}` |" not in page] == []


def test_headers_of_a_form_name_one_column_each() -> None:
    for form in FORMS.values():
        for column in form.columns:
            for header in (column.id, column.vi, *column.aliases):
                assert form.header(header) is column, f"{form.name}: {header} ({normalise_header(header)})"


def test_every_event_form_is_a_form_of_its_owner() -> None:
    for event_type in EVENT_TYPES.values():
        data = event_type.model.model_fields["data"].annotation
        assert data is not None
        form = data.model_fields["form"].default if "form" in data.model_fields else None
        # A statement is about a register, which it names; it is none itself.
        if isinstance(form, str) and form != STATEMENTS:
            assert FORMS[form].service == event_type.owner


def test_marker_of_a_log_is_a_cloud_event_of_the_type_that_consumers_read_past() -> None:
    (example,) = (example["payload"] for example in log_started()["examples"])
    assert example["type"] == delivery.MARKER_TYPE
    assert judges.cloudevents_python(example) is None
    assert judges.cloudevents_js([example]) == [None]


def test_dead_letters_carry_the_headers_that_the_document_names() -> None:
    written = set(re.findall(r"khopso-dlq-[a-z-]+", Path(dead_letters.__file__).read_text(encoding="utf-8")))
    assert written == set(DEAD_LETTER_HEADERS)


def test_no_identity_column_travels_in_any_event() -> None:
    for name, schema in event_schemas().items():
        fields = {
            field
            for part in (schema, *schema.get("$defs", {}).values())
            for field in part.get("properties", {})
        }
        identity = {column.id for form in FORMS.values() for column in form.columns if column.identity}
        assert {"full_name", "birth_date", "national_id"} <= identity
        assert fields & identity == set(), name
        if ".dose." in name:
            assert fields & {"person", "person_ref", "mg", "patient_no"} <= {"person_ref"}, name


def test_what_software_outside_follows_is_sent_to_it_and_has_no_dead_letters_here() -> None:
    document = asyncapi_document()
    for topic in DERIVED_TOPICS:
        assert receivers(topic) == (UNITS,)
        assert f"{topic}.dlq" not in document["channels"]


def test_changed_rules_are_sent_to_software_outside_and_to_each_service_that_has_a_desk() -> None:
    desks = {name for name in SERVICES if name != "reporting"}
    for topic in RULE_TOPICS:
        assert set(receivers(topic)) == {UNITS, *desks}
        assert f"{topic}.dlq" in asyncapi_document()["channels"]


@pytest.mark.parametrize("service", SERVICES)
def test_document_names_as_receivers_those_who_listen(service: str) -> None:
    named = {topic for topic in FACT_TOPICS if service in receivers(topic)}
    assert named == set(LISTENING.get(service, ()))
