"""Find areas by name or code: old and new ones, with or without diacritics and the word for their kind (Xã, Phường …)."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from unicodedata import normalize

from reference.hierarchy import Area
from reference.tables import national_table
from reference.words import Words, bare

_CODE = re.compile(r"[0-9]+(@[0-9]*)?")


def find_areas(asked: str, areas: Iterable[Area]) -> list[Area]:
    """Return the areas that a text names, the likeliest first.

    A code finds every area that ever had it (``10525``), or one of them (``10525@2008``). Names are found by their words
    (`Words`), whatever their kind; areas of the kind that was typed come before others of as good a name. The text of no
    words finds nothing.
    """
    text = " ".join(asked.split())
    if _CODE.fullmatch(text):
        return sorted((area for area in areas if text in (area.code, area.uid)), key=_order)
    kind, name = _part(text)
    words = Words(name)
    found = [
        (rank, area) for area in areas if (rank := words.rank((area.name, _parted(area.name)[1]))) is not None
    ]
    return [
        area for _, _, area in sorted(_ranked(found, kind), key=lambda one: (one[0], one[1], _order(one[2])))
    ]


def _ranked(found: Iterable[tuple[int, Area]], kind: str) -> Iterator[tuple[int, bool, Area]]:
    for rank, area in found:
        yield rank, bool(kind) and _parted(area.name)[0] != kind, area


def _order(area: Area) -> tuple[int, str, date]:
    """Larger areas come first; then by code, the earlier meaning of a code first."""
    return len(area.code), area.code, area.valid_from or date.min


@cache
def _parted(name: str) -> tuple[str, str]:
    """Return the parts of an area's own name; what somebody asks is not kept."""
    return _part(name)


def _part(name: str) -> tuple[str, str]:
    """Return a name's word for its kind, without diacritics, and the rest: ``("phuong", "Ngọc Châu")``.

    The kind is blank where the name has none, and where nothing else is left.
    """
    name = normalize("NFC", name)
    for written, kind in _kinds():
        beginning = re.match(rf"{re.escape(written)}(?![^\W_])[.\s]*", _aligned(name))
        if beginning is not None and beginning.end() < len(name):
            return kind, name[beginning.end() :]
    return "", name


def _aligned(name: str) -> str:
    """Return the name without diacritics, letter for letter, so that places in it are places in the name."""
    return "".join((bare(letter) or letter)[:1] for letter in name)


@cache
def _kinds() -> tuple[tuple[str, str], ...]:
    """Return every way to write a kind, with the kind, both without diacritics; longer ones first ("thi xa" before "x").

    Of all levels, and without diacritics, since whoever searches sees what was found; ``commune-kinds.csv``, by which a cell of a
    hand-in is read, has the kinds of communes alone and takes no kind without its diacritics for one.
    """
    ways = {
        bare(way): bare(row["kind"])
        for row in national_table("area-kinds.csv")
        for way in (row["kind"], *filter(None, row["short"].split(";")))
    }
    return tuple(sorted(ways.items(), key=lambda way: -len(way[0])))
