"""A province pack with a fault stops every process that would serve it, and each says where the fault is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from khopso.failure import Exit
from tests.support.packs import changed
from tests.support.platform import environment_of, settings_for

ROOT = Path(__file__).parents[3]
TOLD = "letterhead.csv:4: level = 'ward': must be one of province, district, commune"


def run(module: str, *arguments: str, province: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of the project, with the pack as its province, in an empty folder."""
    folder.mkdir()
    settings = environment_of(settings_for("postgresql://nobody@127.0.0.1:1/nothing"))
    if module == "services.reporting":
        del settings["KHOPSO_HASHING_KEY"]  # it links nobody, and refuses to hold the key
        del settings["KHOPSO_HASHING_URL"]
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=os.environ
        | settings
        | {"KHOPSO_PROVINCE": province, "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def pack(tmp_path: Path) -> str:
    """The path of a copy of Hải Dương's pack whose letterhead names a level that there is not."""
    return changed("hai-duong", tmp_path, "letterhead.csv", "committee,district,", "committee,ward,")


@pytest.mark.parametrize("service", ["registry", "treatment", "incidents", "reporting"])
@pytest.mark.parametrize("role", ["all", "migrate"])
def test_a_service_ends_with_status_78_and_names_the_fault(
    tmp_path: Path, pack: str, service: str, role: str
) -> None:
    done = run(f"services.{service}", role, province=pack, folder=tmp_path / "empty")
    assert done.returncode == 78, done.stderr
    assert TOLD in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["up", "demo"])
def test_the_embedded_stack_starts_nothing_and_names_the_fault(
    tmp_path: Path, pack: str, command: str
) -> None:
    data = tmp_path / "data"
    done = run("khopso", command, "--data-dir", str(data), province=pack, folder=tmp_path / "empty")
    assert done.returncode == Exit.WRONG_USE, done.stdout + done.stderr
    assert TOLD in done.stderr
    assert "Traceback" not in done.stderr
    assert not data.exists()


@pytest.mark.parametrize(
    ("file", "old", "told"),
    [
        ("pack.toml", 'code = "99"', "pack.toml:2: province.code: is missing"),
        ("areas.csv", "area_uid,", "areas.csv:1: header = "),
    ],
)
def test_the_command_line_names_the_fault_of_a_pack_that_it_cannot_open(
    tmp_path: Path, file: str, old: str, told: str
) -> None:
    broken = changed("thu-nghiem", tmp_path, file, old, "")
    done = run("khopso", "template", "registry", "rows.xlsx", province=broken, folder=tmp_path / "empty")
    assert done.returncode == Exit.WRONG_USE, done.stdout + done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
