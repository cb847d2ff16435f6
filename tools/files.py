"""The files that belong to the project."""

import subprocess
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
_HIDDEN = frozenset({".git", ".venv", "node_modules", "__pycache__"})


def tracked_files(root: Path = ROOT) -> list[str]:
    """Return the paths of all files that git tracks or would track, below ``root``; of all files where git is not at hand."""
    asked = subprocess.run(
        ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        capture_output=True,
        check=False,
    )
    names = asked.stdout.decode().split("\0") if asked.returncode == 0 else _walked(root)
    # A file that was deleted and not yet committed is still listed.
    return [name for name in names if name and (root / name).is_file()]


@lru_cache(maxsize=1)
def tracked_texts(root: Path = ROOT) -> dict[str, str]:
    """Return path → text of every text file that git tracks or would track; of all files where git is not at hand."""
    texts = {}
    for name in tracked_files(root):
        try:
            texts[name] = (root / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return texts


def _walked(root: Path) -> list[str]:
    return [
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and not _HIDDEN.intersection(path.parts)
    ]
