"""Copies of a province pack with one place changed."""

import shutil
from pathlib import Path

import provinces

PACKS = Path(provinces.__file__).parent


def changed(pack: str, folder: Path, file: str, old: str, new: str) -> str:
    """The path of a copy of the pack in which one text of one file is another."""
    copy = folder / pack
    shutil.copytree(PACKS / pack, copy)
    text = (copy / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
    (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    return str(copy)
