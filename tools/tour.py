"""Brings the line numbers of ``docs/tour.md`` up to date, or says which are wrong: ``python -m tools.tour [--check]``."""

import argparse
import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOUR = "docs/tour.md"
_STOP = re.compile(r"`(?P<path>[\w/]+\.py):(?P<line>\d+)` `(?P<name>\w+)`")


def line_of(root: Path, path: str, name: str) -> int | None:
    """Return the line on which a file defines a function, class, method or constant; None where it does not."""
    file = root / path
    if not file.is_file():
        return None
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            return node.lineno
        if isinstance(node, ast.Assign) and any(
            isinstance(to, ast.Name) and to.id == name for to in node.targets
        ):
            return node.lineno
    return None


def lost_stops(root: Path, text: str) -> list[str]:
    """Return the stops whose file does not define what they name."""
    return [found[0] for found in _STOP.finditer(text) if line_of(root, found["path"], found["name"]) is None]


def renewed(root: Path, text: str) -> str:
    """Return the page with the lines of today; a stop that is lost keeps its line."""

    def stop(found: re.Match[str]) -> str:
        line = line_of(root, found["path"], found["name"]) or found["line"]
        return f"`{found['path']}:{line}` `{found['name']}`"

    return _STOP.sub(stop, text)


def main() -> int:
    """Run the command; 1 where a stop is lost or, with ``--check``, where a line is not today's."""
    parser = argparse.ArgumentParser(prog="python -m tools.tour", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a line is wrong")
    page = ROOT / TOUR
    text = page.read_text(encoding="utf-8")
    lost, today = lost_stops(ROOT, text), renewed(ROOT, text)
    for stop in lost:
        sys.stdout.write(f"{TOUR}: nothing of that name there: {stop}\n")
    if parser.parse_args().check:
        wrong = [old for old, new in zip(text.splitlines(), today.splitlines(), strict=True) if old != new]
        sys.stdout.writelines(f"{TOUR}: not up to date: {line.strip()}\n" for line in wrong)
        return 1 if lost or wrong else 0
    page.write_text(today, encoding="utf-8")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
