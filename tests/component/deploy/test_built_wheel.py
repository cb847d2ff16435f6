"""The wheel that is built of this project brings the packs and all that else its programs read."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.files import ROOT, tracked_files

AROUND = (
    "contracts/examples/",
    "deploy/Dockerfile",
    "deploy/keycloak/",
    "deploy/outside-broker.yml",
    "deploy/postgres/",
    "deploy/prometheus/",
)
"""Examples for whoever consumes events, and what containers are made of: no program reads them."""
LOOK = """
import json, khopso
from contracts.forms import FORMS
from reference import check_province, open_province, read_shapes, published_figures
found = {}
for name in ("hai-duong", "thu-nghiem"):
    of = open_province(name)
    check_province(of, FORMS)
    found[name] = [of.en, sum(len(read_shapes(of, one)["objects"]) for one in of.shapes)]
found["published"] = len(published_figures(2023))
found["from"] = khopso.__file__
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the wheel, built of what git tracks, is installed; what it stands on is not installed anew."""
    place = tmp_path_factory.mktemp("wheel")
    for name in tracked_files():
        copy = place / "source" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    alone = ["--no-deps", "--no-index"]
    subprocess.run(
        [*pip, "wheel", *alone, "--no-build-isolation", "--wheel-dir", str(place), str(place / "source")],
        check=True,
        timeout=300,
    )
    (wheel,) = place.glob("*.whl")
    subprocess.run(
        [*pip, "install", *alone, "--target", str(place / "site"), str(wheel)], check=True, timeout=300
    )
    return place / "site"


def look(installed: Path, empty: Path, *command: str) -> str:
    """What a program says that runs from an empty folder with the wheel and without the sources."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KHOPSO_")}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=empty,
        env=environment | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_packs_are_in_the_wheel_and_valid(installed: Path, tmp_path: Path) -> None:
    found = json.loads(look(installed, tmp_path, "-c", LOOK))
    assert Path(found["from"]).is_relative_to(installed)
    assert found["thu-nghiem"] == ["Thử Nghiệm, an invented province", 2]
    assert found["hai-duong"][1] == 2
    assert found["published"] > 40


def test_the_command_line_speaks_and_writes_a_template(installed: Path, tmp_path: Path) -> None:
    look(installed, tmp_path, "-m", "khopso", "template", "registry", "rows.xlsx")
    assert (tmp_path / "rows.xlsx").stat().st_size > 1000


def test_every_file_that_a_package_tracks_and_reads_is_in_the_wheel(installed: Path) -> None:
    packages = {path.name for path in installed.iterdir() if (path / "__init__.py").exists()}
    there = {
        name for name in tracked_files() if name.partition("/")[0] in packages and not name.startswith(AROUND)
    }
    assert len(there) > 400
    assert [name for name in sorted(there) if not (installed / name).exists()] == []
