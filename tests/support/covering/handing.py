"""Hands coverage.py what was passed, in its own words: arcs from line to line."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from coverage import Coverage, CoverageData
from coverage.parser import PythonParser

from tests.support.covering.marking import Passed

Arc = tuple[int, int]


def hand_over(root: Path) -> None:
    """Turn what plugins have noted in the folder (hidden files, JSON) into a file of coverage.py, and remove the notes.

    A module that nobody has loaded is handed over as well: none of its lines ran.
    """
    notes = sorted(root.glob(".coverage.*.json"))
    if not notes:
        return
    passed: dict[str, list[Passed]] = {str(path.relative_to(root)): [] for path in _files(root)}
    for note in notes:
        for path, found in json.loads(note.read_text(encoding="utf-8")).items():
            passed.setdefault(path, []).append(Passed(**found))
    data = CoverageData(str(root / ".coverage"), suffix="marks")
    data.add_arcs({path: arcs(root / path, found) for path, found in passed.items()})
    data.touch_files(passed)
    data.write()
    for note in notes:
        note.unlink()


def arcs(path: Path, passed: list[Passed]) -> set[Arc]:
    """Return the arcs of a module: a line that ran leads to itself; coverage.py asks of no more where there is one way on."""
    parser = PythonParser(filename=str(path))
    parser.parse_source()
    ways: defaultdict[int, set[int]] = defaultdict(set)
    for line, next_line in parser.arcs():
        ways[line].add(next_line)
    ran = {parser.first_line(line) for one in passed for line in one.lines}
    found = {(line, line) for line in ran}
    found |= {_taken(parser, branch) for one in passed for branch in one.taken}
    for line, guarded in {_taken(parser, branch) for one in passed for branch in one.not_taken}:
        # What is no branch to coverage.py, as `while True`, has one way. A `finally` may go on to where a `return` leads, so
        # the next line need not have run.
        others = ways[line] - {guarded}
        found |= {(line, other) for other in others if len(others) == 1 and (other in ran or other < 0)}
    return found


def _taken(parser: PythonParser, branch: Arc) -> Arc:
    return parser.first_line(branch[0]), parser.first_line(branch[1])


def sources() -> list[str]:
    """Return the folders that are measured, as the settings of coverage.py name them."""
    found: list[str] = Coverage().config.source or []
    return found


def _files(root: Path) -> Iterator[Path]:
    """Yield the files that are measured, loaded or not: those of packages."""
    for source in sources():
        for path in (root / source).rglob("*.py"):
            if (path.parent / "__init__.py").is_file():
                yield path
