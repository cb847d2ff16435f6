"""import-linter keeps `.importlinter`, and every contract in it catches what it forbids."""

import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

OWNERS = ("registry", "treatment", "incidents", "reporting")
MODULES = (
    "contracts",
    "contracts.events",
    "contracts.forms",
    "services",
    "services.chassis",
    "deploy",
    "khopso",
    *(
        f"{package}.{owner}"
        for owner in OWNERS
        for package in ("services", "contracts.events", "contracts.forms")
    ),
)
# contract → the import that it must catch: (importing module, imported module)
PLANTED = {
    "contracts": [("contracts.forms", "services.chassis"), ("contracts", "khopso")],
    "chassis": [("services.chassis", "services.treatment")],
    "chassis-business": [("services.chassis", "contracts.events.incidents")],
    "services": [("services.treatment", "services.registry"), ("services.reporting", "services.incidents")],
    "kafka": [("services.treatment", "aiokafka"), ("khopso", "faststream")],
    "outside": [("khopso", "services.chassis"), ("deploy", "services.registry")],
    "deploy": [("deploy", "khopso")],
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


def write_packages(folder: Path, importing: str = "", imported: str = "") -> None:
    for module in MODULES:
        package = folder.joinpath(*module.split("."))
        package.mkdir(parents=True, exist_ok=True)
        text = f"import {imported}\n" if module == importing else ""
        (package / "__init__.py").write_text(text, encoding="utf-8")


def test_imports_keep_the_contracts() -> None:
    code, said = lint(ROOT)
    assert code == 0, said


def test_every_contract_is_tried_with_a_planted_import() -> None:
    config = ConfigParser()
    config.read(ROOT / ".importlinter", encoding="utf-8")
    declared = {config[section]["id"] for section in config.sections() if ":contract:" in section}
    assert declared == set(PLANTED)


def test_packages_without_a_planted_import_are_clean(tmp_path: Path) -> None:
    write_packages(tmp_path)
    code, said = lint(tmp_path)
    assert code == 0, said


@pytest.mark.parametrize(
    ("contract", "importing", "imported"),
    [(contract, *pair) for contract, pairs in PLANTED.items() for pair in pairs],
)
def test_planted_import_is_caught(tmp_path: Path, contract: str, importing: str, imported: str) -> None:
    write_packages(tmp_path, importing, imported)
    code, said = lint(tmp_path)
    assert code == 1, said
    config = ConfigParser()
    config.read(ROOT / ".importlinter", encoding="utf-8")
    assert f"{config[f'importlinter:contract:{contract}']['name']} BROKEN" in " ".join(said.split())
