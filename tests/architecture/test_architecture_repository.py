"""What people expect of a repository: a licence, notices of what others made, one list of dependencies, one version."""

import hashlib
import json
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from tools.files import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# Of the text as published by the Apache Software Foundation.
_APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


def requirements(name: str) -> list[Requirement]:
    """Return what a requirements file asks for; lines of hashes, options and comments are left out."""
    lines = (
        line.split("#")[0].split("\\")[0].strip()
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
    )
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def test_the_licence_is_apache_2_word_for_word() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == _APACHE_2
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert all((ROOT / name).is_file() for name in PROJECT["project"]["license-files"])


def test_every_folder_with_works_of_others_is_in_the_notices() -> None:
    notices = (ROOT / "THIRD-PARTY-NOTICES.md").read_text(encoding="utf-8")
    ours = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "build"))]
    found = [
        path.relative_to(ROOT)
        for folder in ours
        for pattern in ("*.ttf", "*.otf", "*.woff*", "*.xsd", "*.topo.json", "*.geojson", "*.jar", "*.min.js")
        for path in folder.rglob(pattern)
        if not {"node_modules", "libs"} & set(path.parts)
    ]
    assert found
    unnamed = [
        str(path) for path in found if not any(f"{parent.as_posix()}/" in notices for parent in path.parents)
    ]
    assert unnamed == []


def test_the_project_depends_on_what_the_requirements_say() -> None:
    assert PROJECT["tool"]["setuptools"]["dynamic"]["dependencies"] == {"file": ["requirements.in"]}
    assert "dependencies" in PROJECT["project"]["dynamic"]


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-installer"])
def test_the_lock_holds_every_requirement_within_its_bounds(name: str) -> None:
    locked = {pin.name.lower().replace("_", "-"): pin for pin in requirements(f"{name}.lock")}
    for wanted in requirements(f"{name}.in"):
        pin = locked.get(wanted.name.lower().replace("_", "-"))
        assert pin is not None, f"{wanted.name} is not locked: make lock"
        (exact,) = pin.specifier
        assert Version(exact.version) in wanted.specifier, f"{pin} is locked, {wanted} is wanted: make lock"


def test_the_bill_of_materials_lists_every_locked_package_with_its_hashes(tmp_path: Path) -> None:
    shown = subprocess.run(
        ["make", "--dry-run", "--always-make", "sbom"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    (command,) = [line for line in shown.replace("\\\n", " ").splitlines() if "cyclonedx_py" in line]
    out = tmp_path / "sbom.json"
    arguments = shlex.split(command.replace("build/sbom.cdx.json", str(out)))[1:]
    subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=True)
    bill = json.loads(out.read_text(encoding="utf-8"))
    listed = {part["name"].lower(): part for part in bill["components"]}
    assert set(listed) == {pin.name.lower() for pin in requirements("requirements.lock")}
    assert all(part["version"] and part["externalReferences"][0]["hashes"] for part in listed.values())
    assert bill["metadata"]["component"]["version"] == PROJECT["project"]["version"]


def test_every_import_root_that_is_installed_says_that_it_is_typed() -> None:
    roots = [
        pattern.removesuffix("*") for pattern in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    ]
    assert [root for root in roots if not (ROOT / root / "py.typed").is_file()] == []
    assert "py.typed" in PROJECT["tool"]["setuptools"]["package-data"]["*"]


def test_the_image_bears_the_version_of_the_project() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    images = {container["image"] for container in compose["services"].values()}
    ours = {image for image in images if image.startswith("khopso:")}
    assert ours == {f"khopso:{PROJECT['project']['version']}"}


def test_the_supported_version_is_the_one_of_the_project() -> None:
    major, minor, _ = PROJECT["project"]["version"].split(".")
    assert f"today {major}.{minor}.x" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_what_the_image_is_built_from_is_let_into_the_build() -> None:
    copied = [
        name
        for line in (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8").splitlines()
        if line.startswith("COPY ")
        for name in line.split()[1:-1]
    ]
    allowed = (ROOT / "deploy/Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert [name for name in copied if f"!{name}" not in allowed or not (ROOT / name).exists()] == []


def test_every_hook_is_local_so_that_nothing_is_fetched_before_a_commit() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in hooks["repos"]] == ["local"]
    assert {hook["language"] for hook in hooks["repos"][0]["hooks"]} == {"system"}
