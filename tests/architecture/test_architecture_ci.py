"""CI on the forge and on a bare machine run the same jobs, and no suite is left out of them."""

import re
import subprocess
from functools import cache
from typing import Any

import yaml

from tools.files import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
_HELPERS = {"bench", "support", "tools"}
"""Folders below ``tests`` that hold no suite; the bench measures and gates nothing."""


@cache
def database() -> str:
    """Return what make itself makes of the Makefile: every variable and rule."""
    asked = ["make", "--print-data-base", "--dry-run", "help"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def listed(variable: str) -> set[str]:
    """Return the words of a variable, as make expands it."""
    found = re.search(rf"(?m)^{variable} := (.*)$", database())
    assert found is not None
    return set(found[1].split())


def resolved(text: str) -> str:
    """Return a text of the Makefile with its variables filled in."""
    return re.sub(r"\$\((\w+)\)", lambda inner: " ".join(sorted(listed(inner[1]))), text)


def expanded(lines: list[str]) -> set[str]:
    """Return the targets that these ``make`` commands run, ``test`` replaced by its suites."""
    targets = {target for line in lines for target in line.split()[1:] if re.fullmatch(r"[a-z]+", target)}
    return targets - {"test", "prepare"} | (
        listed("QUICK") | listed("STACKS") if "test" in targets else set()
    )


def on_the_forge() -> set[str]:
    """Return the targets of the forge's jobs."""
    workflow: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    steps = [step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"]]
    return expanded([step for step in steps if step.startswith("make ")])


def on_a_bare_machine() -> set[str]:
    """Return the targets of ``.ci/run``."""
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    return expanded([line.split("||")[0] for line in lines if line.startswith("make ")])


def test_the_forge_and_a_bare_machine_run_the_same_targets() -> None:
    assert on_the_forge() == on_a_bare_machine()
    assert {"lint", "types", "imports", "coverage"} < on_a_bare_machine()


def test_both_ask_for_the_same_of_every_run() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    exported = re.search(r"(?m)^export (.*)$", script)
    assert exported is not None
    assert dict(word.split("=") for word in exported[1].split()) == workflow["env"]


def test_every_suite_is_run_by_a_target_of_ci() -> None:
    there = {
        folder.name
        for folder in (ROOT / "tests").iterdir()
        if folder.name not in _HELPERS and any(folder.rglob("test_*.py"))
    }
    run: set[str] = set()
    for rule in re.finditer(r"(?m)^([^\t#:=\n]+):(?!=).*\n((?:\t.*\n)+)", MAKEFILE):
        names = resolved(rule[1]).split()
        if set(names) <= on_a_bare_machine():
            for suites in re.findall(r"tests\.support\.suite (.*)", rule[2]):
                run |= {suite for name in names for suite in suites.replace("$@", name).split()}
    assert run == there


def test_every_target_of_ci_is_one_of_the_makefile() -> None:
    declared = re.search(r"(?m)^\.PHONY: (.*)$", MAKEFILE)
    assert declared is not None
    assert on_a_bare_machine() <= set(resolved(declared[1]).split())
