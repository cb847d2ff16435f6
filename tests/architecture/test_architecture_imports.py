"""import-linter keeps `.importlinter`, and every contract in it catches what it forbids."""

import subprocess
import sys
from configparser import ConfigParser
from itertools import pairwise
from pathlib import Path

import pytest

from tools.files import ROOT

CONFIG = ConfigParser()
CONFIG.read(ROOT / ".importlinter", encoding="utf-8")


def _names(section: str, option: str) -> list[str]:
    return CONFIG.get(section, option, fallback="").split()


def _modules() -> list[str]:
    """Every module that a contract names, so that a folder of empty packages stands for the project."""
    found = {*_names("importlinter", "root_packages")}
    for section in CONFIG.sections():
        layers = [name.strip("()") for name in _names(section, "layers") if name not in ("|", ":")]
        for container in _names(section, "containers") or [""]:
            found |= {f"{container}.{layer}".strip(".") for layer in layers}
        found |= {*_names(section, "source_modules"), *_names(section, "forbidden_modules")}
        for ignored in CONFIG.get(section, "ignore_imports", fallback="").replace("->", " ").split():
            found.add(ignored)
    found |= {name.rsplit(".", depth)[0] for name in found for depth in range(1, name.count(".") + 1)}
    return sorted(found - {"aiokafka", "faststream"})


MODULES = _modules()
# contract → the imports that it must catch: chains of modules, each of which imports the next
PLANTED: dict[str, list[tuple[str, ...]]] = {
    "house": [
        ("contracts.forms.registry", "services.chassis"),
        ("contracts", "khopso"),
        ("reference", "contracts"),
        ("proof", "texts"),
        ("deploy", "khopso"),
        ("registerfiles", "khopso.failure"),
        ("registerfiles", "services.registers"),
        ("services.chassis", "tools"),
    ],
    "services": [
        ("services.treatment", "services.registry"),
        ("services.reporting", "services.incidents"),
        ("services.chassis", "services.treatment"),
        ("services.registers", "services.matching"),
        ("services.registers", "services.marks"),
        ("services.marks", "services.registers"),
        ("services.marks", "services.matching"),
        ("services.linkage", "services.chassis"),
    ],
    "chassis": [
        ("services.chassis.runtime", "services.chassis.security"),
        ("services.chassis.persistence", "services.chassis.security"),
        ("services.chassis.kafka", "services.chassis.http"),
        ("services.chassis.http", "services.chassis.web"),
        ("services.chassis.web", "services.chassis.operating"),
        ("services.chassis.web", "services.chassis.service"),
    ],
    "reporting": [
        ("services.reporting.facts", "services.reporting.figures"),
        ("services.reporting.figures", "services.reporting.closing"),
        ("services.reporting.figures", "services.reporting.disclosure"),
        ("services.reporting.checks", "services.reporting.reconciliation"),
        ("services.reporting.documents", "services.reporting.subscriptions"),
        ("services.reporting.disclosure", "services.reporting.app"),
        ("services.reporting.line_marks", "services.reporting.checks"),
        ("services.reporting.amendments", "services.reporting.ledger"),
        ("services.reporting.documents", "services.reporting.pages"),
    ],
    "service": [
        ("services.treatment.methadone", "services.treatment.detox"),
        ("services.treatment.directory", "services.treatment.determination"),
        ("services.registry.index", "services.registry.app"),
    ],
    "gateway": [
        ("services.gateway.sessions", "services.gateway.routes"),
        ("services.gateway.addresses", "services.gateway.origins"),
        ("services.gateway.settings", "services.gateway.provider"),
    ],
    "command-line": [
        ("khopso.waterfall", "khopso.commands"),
        ("khopso.api", "khopso.registers"),
        ("khopso.registers", "khopso.waiting"),
        ("khopso.failure", "khopso.console"),
        ("khopso.commands", "khopso.cli"),
    ],
    "register-files": [
        ("registerfiles.rows", "registerfiles.source"),
        ("registerfiles.csv_source", "registerfiles.parts"),
    ],
    "register-books": [
        ("khopso.registers.source", "khopso.registers.handin"),
        ("khopso.registers.handin", "khopso.registers.worklist"),
    ],
    "chassis-business": [
        ("services.chassis", "contracts.events.incidents"),
        ("services.registers", "contracts.forms.registry"),
    ],
    "kafka": [("services.treatment", "aiokafka"), ("khopso", "faststream")],
    "outside": [("khopso", "services.chassis"), ("deploy", "services.registry"), ("demo", "services")],
    # No layer contract forbids either import: only the two together are a circle.
    "circles": [("services.chassis.problems", "services.chassis.platform", "services.chassis.problems")],
}


def lint(folder: Path) -> tuple[int, str]:
    """import-linter's verdict on the packages of a folder."""
    command = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports as lint; "
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{command}sys.exit(lint(config_filename={str(ROOT / '.importlinter')!r}, no_cache=True))",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def write_packages(folder: Path, *chain: str) -> None:
    """Write empty packages for the project; each of the chain imports the next, all but the first in a function."""
    for module in MODULES:
        package = folder.joinpath(*module.split("."))
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").touch()
    for number, (importing, imported) in enumerate(pairwise(chain)):
        text = f"import {imported}\n" if number == 0 else f"def late():\n    import {imported}\n"
        folder.joinpath(*importing.split("."), "__init__.py").write_text(text, encoding="utf-8")


def test_imports_keep_the_contracts() -> None:
    code, said = lint(ROOT)
    assert code == 0, said


def test_every_contract_is_tried_with_a_planted_import() -> None:
    declared = {CONFIG[section]["id"] for section in CONFIG.sections() if ":contract:" in section}
    assert declared == set(PLANTED)


def test_packages_without_a_planted_import_are_clean(tmp_path: Path) -> None:
    write_packages(tmp_path)
    code, said = lint(tmp_path)
    assert code == 0, said


@pytest.mark.parametrize(
    ("contract", "chain"),
    [(contract, chain) for contract, chains in PLANTED.items() for chain in chains],
)
def test_planted_import_is_caught(tmp_path: Path, contract: str, chain: tuple[str, ...]) -> None:
    write_packages(tmp_path, *chain)
    code, said = lint(tmp_path)
    assert code == 1, said
    assert f"{CONFIG[f'importlinter:contract:{contract}']['name']} BROKEN" in " ".join(said.split())
