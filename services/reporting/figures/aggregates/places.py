"""Which areas cells are kept for: *nodes*, sets of places that some question adds together.

A place is an area's uid as records have it or, for the stay of a person in a commune that was divided, the uid and
the part where their later address lies (``11134@2008>11140@2025``). The hierarchy is constant between the days on
which areas begin or end; each such stretch is an era. What an area, or a row of its breakdown, is made of in an era
follows from ``figures.territory``; equal sets are one node, named by a number made of what is in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from hashlib import md5, sha256
from importlib.resources import files
from typing import NamedTuple

from reference import area_book, areas_digest
from services.reporting.facts import OPEN_END
from services.reporting.figures.territories import UNATTRIBUTED, Territory, territory

BEGINNING = date(1, 1, 1)
SPLITS = (None, "area", "commune", "region")
_DISTRICTS_AND_ABOVE = ("province", "district")


class Part(NamedTuple):
    """A place belongs to a node; the node is asked about for days in [since, until)."""

    place: str
    node: int
    since: date
    until: date


class Succession(NamedTuple):
    """A commune that was divided, and a successor in which an address of one of its people may lie."""

    split_area: str
    successor: str

    @property
    def place(self) -> str:
        """Return the place of a person of the commune who lives there: ``11134@2008>11140@2025``."""
        return f"{self.split_area}>{self.successor}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The nodes that a question reads: of its whole area, of each row, and of each row of what is not attributed.

    ``losses`` are all of the latter together: mostly nothing, and then nobody needs to look at them one by one.
    ``split_areas``: records here may change rows by an address that came after them. None where there are no such places.
    """

    parts: tuple[str, ...]
    whole: int
    rows: Mapping[str, int]
    lost: Mapping[str, int]
    losses: int | None
    split_areas: int | None


def node_of(places: frozenset[str]) -> int:
    """Return the number of a set of places. 64 bits of a digest: as good as unique among some hundreds."""
    return _number("\0".join(sorted(places)))


def facility_node(facility: str) -> int:
    """Return the node of a facility, "" for all of them together; `facility_node_sql` works out the same in SQL."""
    return _number(f"f:{facility}")


def facility_node_sql(facility: str) -> str:
    """Return `facility_node` of an expression, in SQL."""
    return f"('x' || left(md5('f:' || {facility}), 16))::bit(64)::bigint"


def _number(text: str) -> int:
    return int.from_bytes(md5(text.encode(), usedforsecurity=False).digest()[:8], "big", signed=True)


@lru_cache(maxsize=1)
def eras() -> tuple[tuple[date, date], ...]:
    """Return the stretches [first day, day after the last) in which the hierarchy is constant."""
    areas = area_book().by_uid.values()
    borders = sorted({day for area in areas for day in (area.valid_from, area.valid_to) if day is not None})
    return tuple(zip([BEGINNING, *borders], [*borders, OPEN_END], strict=True))


@lru_cache(maxsize=1)
def successions() -> tuple[Succession, ...]:
    """Return every pair of a divided commune and a part of it in which persons' addresses may lie."""
    found: set[Succession] = set()
    for _, end in eras():
        found.update(_attributed(end - timedelta(days=1)))
    return tuple(sorted(found))


def _attributed(day: date) -> set[Succession]:
    """The pairs that some breakdown of the day's provinces tells apart."""
    book = area_book()
    provinces = [area for area in book.by_uid.values() if area.parent_uid is None and area.exists_on(day)]
    lands = [territory(area.uid, day, "commune") for area in provinces]
    return {Succession(pair.split_area, pair.successor) for land in lands for pair in land.attributions}


def _agree(day: date) -> bool:
    """Whether the divided communes of the day have the same parts on every other day on which they are divided."""
    here = _attributed(day)
    divided = {pair.split_area for pair in here}
    return here == {pair for pair in successions() if pair.split_area in divided}


def _sets(land: Territory) -> dict[str | None, frozenset[str]]:
    """What the area (None) and each row of its breakdown is made of, places that persons moved to included."""
    row_of: dict[str, str] = dict(land.row_of)
    attributions = {(pair.split_area, pair.successor): pair for pair in land.attributions}
    for pair in successions():
        found = attributions.get((pair.split_area, pair.successor))
        row = land.row_of.get(pair.split_area) if found is None else (found.row if found.inside else None)
        if row is not None:
            row_of[pair.place] = row
    by_row: dict[str | None, set[str]] = {None: set(row_of)}
    for place, row in row_of.items():
        by_row.setdefault(row, set()).add(place)
    return {row: frozenset(places) for row, places in by_row.items()}


def _losses(sets: Mapping[str | None, frozenset[str]]) -> frozenset[str]:
    """What the rows of what is not attributed are made of, together."""
    return frozenset().union(*(places for row, places in sets.items() if _is_lost(row)))


def _is_lost(row: str | None) -> bool:
    return row is not None and row.startswith(UNATTRIBUTED)


def _split_areas_here(land: Territory) -> frozenset[str]:
    return frozenset(pair.split_area for pair in land.attributions)


@lru_cache(maxsize=1)
def parts() -> tuple[Part, ...]:
    """Return which place belongs to which node, for every question that cells answer. Takes a second the first time."""
    spans: dict[frozenset[str], tuple[date, date]] = {}
    for first, end in eras():
        for places in _asked_about(end - timedelta(days=1)):
            since, until = spans.get(places, (first, end))
            spans[places] = (min(since, first), max(until, end))
    return tuple(
        sorted(Part(place, node_of(places), *span) for places, span in spans.items() for place in places)
    )


def _asked_about(day: date) -> Iterator[frozenset[str]]:
    for uid, area in area_book().by_uid.items():
        if area.exists_on(day):
            for by in SPLITS if area.level in _DISTRICTS_AND_ABOVE else (None,):
                land = territory(uid, day, by)
                sets = _sets(land)
                yield from sets.values()
                yield _losses(sets)
                if land.attributions:
                    yield _split_areas_here(land)


def plan(uid: str, day: date, by: str | None) -> Plan | None:
    """Return the nodes for a question about the area on the day, split by area or not. None where cells do not know."""
    area = area_book().by_uid[uid]
    if by == "region" and area.level not in _DISTRICTS_AND_ABOVE:
        return None
    _, end = next((first, end) for first, end in eras() if first <= day < end)
    return _plan(uid, end - timedelta(days=1), by)


@lru_cache(maxsize=4096)
def _plan(uid: str, day: date, by: str | None) -> Plan | None:
    if not _agree(day):
        return None
    land = territory(uid, day, by)
    found = _sets(land)
    nodes = {row: node_of(places) for row, places in found.items() if row is not None and by is not None}
    lost = {row: node for row, node in nodes.items() if _is_lost(row)}
    return Plan(
        land.parts,
        node_of(found[None]),
        {row: node for row, node in nodes.items() if row not in lost},
        lost,
        node_of(_losses(found)) if lost else None,
        node_of(_split_areas_here(land)) if land.attributions else None,
    )


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Return a hash of the areas' data and of the code that reads them: two programs with the same one keep the same aggregates."""
    digest = sha256(areas_digest().encode())
    for package, names in (
        ("reference", ("hierarchy.py", "areas.py")),
        ("services.reporting.figures", ("territories.py",)),
        ("services.reporting.figures.aggregates", ("places.py",)),
    ):
        for name in names:
            digest.update(files(package).joinpath(name).read_bytes())
    return digest.hexdigest()
