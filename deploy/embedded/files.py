"""Files that are replaced in one step, private ones and others."""

import os
import tempfile
from pathlib import Path

_PRIVATE, _READABLE = 0o600, 0o644


def write_private(path: Path, text: str) -> None:
    """Write `text` with mode 0600 so that a reader sees the old or the new content, never a part."""
    _write(path, text, _PRIVATE)


def write_readable(path: Path, text: str) -> None:
    """Write `text` as `write_private` does, for everybody to read."""
    _write(path, text, _READABLE)


def _write(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # it is private at first
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        fresh.chmod(mode)
        # A rename in the same folder is one step: a crash in the middle of writing leaves the old file whole.
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
