"""What tests pass, measured by marks in the code: judged by coverage.py, which follows the same programs line by line."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage, CoverageData

from tests.support.covering.handing import arcs
from tests.support.covering.marking import marked
from tests.support.suite import ROOT

SAMPLE = '''"""A module."""

from __future__ import annotations

import contextlib
import functools
import io


@functools.cache
def chosen(
    word: str,
) -> str:
    """Return a choice."""
    global last
    last = word
    if (
        word == "a"
        or word == "b"
    ):
        return "early"
    elif word == "c":
        pass
    else:
        word += "!"
    return word


def looped(numbers):
    """Go through numbers."""
    for number in numbers:
        if number == 2:
            continue
        if number > 5:
            break
        with contextlib.suppress(KeyError):
            if number == 3:
                raise KeyError(number)
    else:
        numbers = []
    while numbers:
        numbers = numbers[1:]
        if len(numbers) == 1:
            @functools.cache
            def inner():
                return 1
    while True:
        with io.StringIO() as page:
            if not numbers:
                return [page for _ in numbers if _]


def tried(fault):
    try:
        if fault:
            raise fault
    except KeyError:
        return "key"
    except (ValueError, OSError):
        found = "value"
    else:
        found = "none"
    finally:
        if fault is None:
            last.upper()
    return found


def matched(thing):
    match thing:
        case int():
            return 1
        case [a, *_] if a:
            return a
        case "x" | "y":
            found = 2
        case {"a": _}:
            return 3
    match thing:
        case "x":
            found = 5
        case _:
            found = 4
    return found


async def awaited(things):
    async for thing in things:
        if thing:
            yield thing
    async with things:
        pass


class Kind:
    """A class."""

    size: int = 3

    @property
    def double(self) -> int:
        return self.size * 2

    def nothing(self): ...

    for size in range(2):
        pass
'''
CALLS = (
    "chosen('a')",
    "chosen('c')",
    "chosen('d')",
    "looped([])",
    "looped([1, 2, 3])",
    "looped([7, 8])",
    "tried(None)",
    "tried(KeyError())",
    "tried(OSError())",
    "matched(1)",
    "matched([4])",
    "matched('x')",
    "matched({'a': 1})",
    "Kind().double",
)
PROJECT = {
    "pyproject.toml": '[tool.coverage.run]\nbranch = true\nparallel = true\nrelative_files = true\nsource = ["sample"]\n',
    "sample/__init__.py": "",
    "sample/loaded.py": "def sign(number):\n    if number < 0:\n        return -1\n    return 1\n",
    "sample/called.py": "from sample.loaded import sign\n\nsign(-1)\n",
    "sample/unused.py": "number = 1\n",
    "test_sample.py": (
        "import subprocess, sys\n\nfrom sample.loaded import sign\n\n\ndef test_sign():\n    assert sign(1) == 1\n\n\n"
        "def test_called():\n    assert subprocess.run([sys.executable, '-m', 'sample.called']).returncode == 0\n"
    ),
}


Found = tuple[list[int], list[list[int]], int]


def report(data: Path, module: Path) -> Found:
    """The lines and the branches that did not run, and how many branches there are, as coverage.py reports them."""
    reporter = Coverage(data_file=str(data), config_file=not module.is_absolute())
    reporter.load()
    reporter.json_report([str(module)], outfile=f"{data}.json")
    (found,) = json.loads(Path(f"{data}.json").read_text(encoding="utf-8"))["files"].values()
    return found["missing_lines"], found["missing_branches"], found["summary"]["num_branches"]


def followed(module: Path, calls: Sequence[str]) -> Found:
    """What coverage.py misses of the module when it follows a process that makes these calls."""
    program = module.with_name("calls.py")
    program.write_text("\n".join([f"from {module.stem} import *", *calls, ""]), encoding="utf-8")
    data = module.with_name("followed")
    words = [
        sys.executable,
        "-m",
        "coverage",
        "run",
        "--rcfile=",
        "--branch",
        f"--include={module}",
        str(program),
    ]
    subprocess.run(words, cwd=module.parent, env={**surroundings(), "COVERAGE_FILE": str(data)}, check=True)
    return report(data, module)


def by_marks(module: Path, calls: Sequence[str]) -> Found:
    """What is missed of the module by its marks when the same calls are made here."""
    code = marked(module.read_bytes(), str(module), "marks")
    names: dict[str, Any] = {"marks": code.marks, "__name__": "sample"}
    exec(code.code, names)
    for call in calls:
        exec(call, names)
    data = CoverageData(str(module.with_name("marks")))
    data.add_arcs({str(module): arcs(module, [code.passed()])})
    data.write()
    return report(module.with_name("marks"), module)


def surroundings() -> dict[str, str]:
    """An environment in which nobody measures this run."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST_"))}


@pytest.mark.parametrize("calls", [(), CALLS[::2], CALLS[1::2], CALLS], ids=["none", "some", "others", "all"])
def test_marks_tell_of_lines_and_branches_what_coverage_tells_that_follows_each_line(
    tmp_path: Path, calls: tuple[str, ...]
) -> None:
    module = tmp_path / "sample.py"
    module.write_text(SAMPLE, encoding="utf-8")
    told = by_marks(module, calls)
    assert told == followed(module, calls)
    assert told[2] > 30, "the sample has branches"


def test_a_module_with_marks_has_the_same_names_and_docstrings_as_without() -> None:
    plain: dict[str, Any] = {"__name__": "sample"}
    exec(compile(SAMPLE, "sample.py", "exec", dont_inherit=True), plain)
    code = marked(SAMPLE, "sample.py", "marks")
    found: dict[str, Any] = {"__name__": "sample", "marks": code.marks}
    exec(code.code, found)
    assert found.keys() - {"marks"} == plain.keys()
    assert vars(found["Kind"]).keys() == vars(plain["Kind"]).keys()
    for name in ("chosen", "looped", "Kind"):
        assert found[name].__doc__ == plain[name].__doc__
    assert found["chosen"].__wrapped__.__annotations__ == {"word": "str", "return": "str"}


def test_a_traceback_shows_the_line_that_it_shows_without_marks() -> None:
    source = "def fail():\n    number = 1\n    return number / 0\n"
    code = marked(source, "failing.py", "marks")
    names: dict[str, Any] = {"marks": code.marks}
    exec(code.code, names)
    with pytest.raises(ZeroDivisionError) as caught:
        names["fail"]()
    assert caught.traceback[-1].lineno == 2, "counted from 0"
    assert code.passed().lines == (1, 2, 3)


def test_an_exception_that_no_handler_is_for_leaves_the_handlers_unseen() -> None:
    """What marks miss that coverage.py sees; it makes the figure lower."""
    source = "try:\n    int('x')\nexcept KeyError:\n    pass\n"
    code = marked(source, "failing.py", "marks")
    with pytest.raises(ValueError, match="invalid literal"):
        exec(code.code, {"marks": code.marks})
    assert code.passed().lines == (1, 2)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_modules_are_measured_in_workers_and_in_processes_that_tests_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    environment = {
        **surroundings(),
        "PYTHONPATH": f"{tmp_path}:{ROOT}",
        "COVERAGE_FILE": str(tmp_path / ".coverage.unit"),
    }
    words = [
        "pytest",
        "-p",
        "tests.support.covering.plugin",
        "-p",
        "no:cacheprovider",
        "--numprocesses",
        workers,
    ]
    subprocess.run([sys.executable, "-m", *words], cwd=tmp_path, env=environment, check=True)
    del environment["COVERAGE_FILE"]
    for module in (["tests.support.covering"], ["coverage", "combine"]):
        subprocess.run([sys.executable, "-m", *module], cwd=tmp_path, env=environment, check=True)

    assert not list(tmp_path.glob(".coverage.*")), "what was noted has been handed over"
    found = {
        name: report(tmp_path / ".coverage", Path("sample", f"{name}.py"))
        for name in ("loaded", "called", "unused")
    }
    assert found["loaded"] == ([], [], 2), (
        "one way is gone by the test, the other by the process that it starts"
    )
    assert found["called"] == ([], [], 0)
    assert found["unused"] == ([1], [], 0), "what nobody loads is not left out"
