"""The five stages of detox (law 73/2021/QH14, art. 29: a, b, c, d, đ; đ is written ``e`` in codes)."""

from collections.abc import Iterator, Mapping
from datetime import date

STAGES = ("a", "b", "c", "d", "e")


def column_of(stage: str) -> str:
    """The column with the day on which a stage was completed."""
    return f"stage_{stage}_on"


def completed(days: Mapping[str, date | None]) -> Iterator[tuple[str, date]]:
    """The stages completed, in their order, with the day; ``days`` by column."""
    for stage in STAGES:
        day = days.get(column_of(stage))
        if day is not None:
            yield stage, day
