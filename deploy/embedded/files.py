"""Files that only their owner may read, replaced in one step."""

import os
import tempfile
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write `text` with mode 0600 so that a reader sees the old or the new content, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mkstemp makes it 0600
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        # A rename in the same folder is one step: a crash in the middle of writing leaves the old file whole.
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
