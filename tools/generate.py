"""Writes every generated artefact, or says which ones have drifted: ``python -m tools.generate [--check]``.

Exit code 1 with ``--check`` where a committed file differs from what the contracts say, is missing, or is left over.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.generators.asyncapi import asyncapi_document
from tools.generators.boards import board
from tools.generators.openapi import openapi_documents
from tools.generators.reference import reference_pages
from tools.generators.schemas import event_schemas

ROOT = Path(__file__).parents[1]
_OWNED = ("contracts/schemas/*.json", "contracts/openapi/*.json", "docs/forms/*.md")


def artefacts() -> dict[str, str]:
    """Path below the project → text of everything that is generated."""
    return {
        **{f"contracts/schemas/{name}.json": as_json(schema) for name, schema in event_schemas().items()},
        "contracts/asyncapi.json": as_json(asyncapi_document()),
        **{f"contracts/openapi/{name}.json": as_json(api) for name, api in openapi_documents().items()},
        "deploy/boards/khopso.json": as_json(board()),
        **{f"docs/{path}": text for path, text in reference_pages().items()},
    }


def drifted(root: Path, wanted: dict[str, str]) -> list[str]:
    """Return the files that differ from what is wanted, are missing, or should not be there."""
    differing = [
        path
        for path, text in wanted.items()
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != text
    ]
    return sorted({*differing, *_left_over(root, wanted)})


def write(root: Path, wanted: dict[str, str]) -> list[str]:
    """Bring the files up to date; those that changed."""
    changed = drifted(root, wanted)
    for path in changed:
        target = root / path
        if path in wanted:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(wanted[path], encoding="utf-8")
        else:
            target.unlink()
    return changed


def as_json(document: Any) -> str:
    """Return a document as it is committed: readable, Vietnamese unescaped, one line break at the end."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Return the command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file has drifted")
    check = parser.parse_args(arguments).check
    wanted = artefacts()
    changed = drifted(root, wanted) if check else write(root, wanted)
    for path in changed:
        sys.stdout.write(f"{'drifted' if check else 'written'}: {path}\n")
    return 1 if check and changed else 0


def _left_over(root: Path, wanted: dict[str, str]) -> list[str]:
    found = (path.relative_to(root).as_posix() for pattern in _OWNED for path in root.glob(pattern))
    return [path for path in found if path not in wanted]


if __name__ == "__main__":
    sys.exit(main())
