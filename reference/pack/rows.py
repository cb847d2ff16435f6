"""Rows of the province's tables as they are written, to be shown to people; what they mean is read by other modules."""

import csv
from functools import lru_cache

from reference.pack.manifest import province


@lru_cache(maxsize=32)
def province_rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a table of the pack, such as ``authority/actions.csv``, in its own order."""
    text = province().folder.joinpath(name).read_text(encoding="utf-8-sig")
    return tuple(csv.DictReader(text.splitlines()))
