"""The units register as a service knows it: of which kinds a unit is, of which agency by each, and where it lies.

The code of an area's unit says what it is (``police:10513``). What a facility is follows from the list of facilities,
which only some services have; for the others a facility is a unit of no known kind. A token only names the unit: its
kind and area come from this register, never from the token.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from reference import UnitKind, area_book, fold, parse_unit, tidy, unit_kinds

_KNOWN_UNITS = 65_536
_HEIGHT = {"commune": 1, "district": 2, "province": 3}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit on a day. ``kinds`` are pairs of kind and agency: a detox centre that treats too is of two agencies.

    ``area`` is the code of its area, None where that is not known; ``level`` its own level, None where that is not known.
    ``office``: it is the unit of an area, and so may stand above others in it; a facility stands above nobody.
    """

    code: str
    kinds: frozenset[tuple[str, str]] = frozenset()
    area: str | None = None
    level: str | None = None
    office: bool = False

    @property
    def agencies(self) -> frozenset[str]:
        """Return the agencies that the unit belongs to; none where its kind is not known."""
        return frozenset(agency for _, agency in self.kinds)

    def agencies_as(self, kinds: Iterable[str]) -> frozenset[str]:
        """Return the agencies that the unit belongs to by any of these kinds."""
        wanted = frozenset(kinds)
        return frozenset(agency for kind, agency in self.kinds if kind in wanted)

    def stands_above(self, other: "Unit") -> bool:
        """Return whether the other unit lies in this office's area, on a lower level; a province's is above all facilities.

        A district's office is above communes' units and stations, not above a hospital that happens to lie in its area.
        """
        if not self.office or self.area is None or not lies_in(other, self.area):
            return False
        below = _HEIGHT.get(other.level or "", _HEIGHT["province"])
        return _HEIGHT[self.level or "commune"] > below or (self.level == "province" and not other.office)

    def is_a(self, kind: str) -> bool:
        """Return whether the unit is of the kind."""
        return any(own == kind for own, _ in self.kinds)


@dataclass(frozen=True, slots=True)
class Facility:
    """One row of the list of facilities, [valid_from, until); ``area`` is the code of its commune."""

    valid_from: date
    until: date | None
    does: frozenset[str]
    level: str | None
    area: str

    def holds_on(self, day: date) -> bool:
        """Return whether the row is in force on the day."""
        return self.valid_from <= day and (self.until is None or day < self.until)


class Units:
    """The register with the facilities that a service knows, by code; each one's rows in the order of their days."""

    def __init__(self, facilities: Mapping[str, Sequence[Facility]] | None = None) -> None:
        self._facilities = dict(facilities or {})
        self._spelt = {fold(code): code for code in reversed(self._facilities)}
        self._found: dict[tuple[str, date, bool], Unit] = {}

    def on(self, code: str, day: date) -> Unit:
        """Return the unit as of the day; its rights follow from this."""
        return self._unit(code, day, False)

    def keeping(self, code: str, day: date) -> Unit:
        """Return the unit with every kind that it ever had, each with its agency on the day.

        A unit's records stay its own after it has ended or has other tasks; which units are above it follows from
        today's agency.
        """
        return self._unit(code, day, True)

    def spelt(self, code: str, own: str = "") -> str:
        """Return the code as the list of facilities has it, or as the caller's ``own`` unit; else with plain dashes and spaces.

        Example: ``cdc – 30`` is ``CDC-30`` where that facility is listed.
        """
        # Two spellings that are both listed, from before codes were folded, stay two units.
        if code in self._facilities:
            return code
        folded = fold(code)
        return own if folded == fold(own) else self._spelt.get(folded) or tidy(code)

    def facility(self, code: str) -> str:
        """Return the code of a facility as the list has it; of one that it has not, folded."""
        if code in self._facilities:
            return code
        folded = fold(code)
        return self._spelt.get(folded, folded)

    def lists(self, code: str, day: date) -> bool:
        """Return whether the list has the facility on the day."""
        return any(row.holds_on(day) for row in self._facilities.get(code, ()))

    def listed_on(self, day: date) -> Iterator[str]:
        """Yield the codes of the facilities on the list on the day."""
        return (known for known in self._facilities if self.lists(known, day))

    def does(self, code: str) -> frozenset[str]:
        """Return all activities that a facility ever had; none for an unknown facility."""
        return frozenset(what for row in self._facilities.get(self.spelt(code), ()) for what in row.does)

    def _unit(self, code: str, day: date, ever: bool) -> Unit:
        rows = self._facilities.get(code)
        # The code of an area's unit says what it is: a facility listed under such a code would be that unit, with its rights.
        if rows is None or is_of_area(code):
            return _area_unit(code, day, ever)
        key = (code, day, ever)
        if key not in self._found:
            self._found[key] = _facility(code, rows, day, ever)
        return self._found[key]


def is_of_area(code: str) -> bool:
    """Return whether the code is made like that of an area's unit: ``police:10513``."""
    return ":" in code


def lies_in(unit: Unit, area_code: str) -> bool:
    """Return whether the unit lies in the area, in any validity of either: registers report the past too.

    False for a unit whose area is not known.
    """
    return unit.area is not None and _covers(area_code, unit.area)


@lru_cache(maxsize=_KNOWN_UNITS)
def _covers(upper: str, lower: str) -> bool:
    book = area_book()
    return any(book.covers(upper, area.uid) for area in book.named(lower))


@lru_cache(maxsize=_KNOWN_UNITS)
def _area_unit(code: str, day: date, ever: bool) -> Unit:
    parsed = parse_unit(code)
    if parsed is None or parsed.area_code is None:
        return Unit(code)
    # A code keeps its level: it has two, three or five digits.
    level = area_book().named(parsed.area_code)[-1].level
    rows = [kind for kind in unit_kinds() if kind.code_word == parsed.kind and kind.level == level]
    return Unit(code, _pairs(rows, day, ever), parsed.area_code, level, office=True)


def _facility(code: str, rows: Sequence[Facility], day: date, ever: bool) -> Unit:
    now = [row for row in rows if row.holds_on(day)]
    counted = rows if ever else now
    does = frozenset(what for row in counted for what in row.does)
    levels = {row.level for row in counted}
    facilities = [kind for kind in unit_kinds() if kind.code_word is None]
    doing = [kind for kind in facilities if does & frozenset(kind.does)]
    agencies = {kind.agency for kind in doing}
    # By its level it is a station or a hospital, unless all that it does is another agency's.
    other = [
        kind
        for kind in facilities
        if not kind.does and kind.level in levels and (not agencies or kind.agency in agencies)
    ]
    # Its present area, else its last one: its records do not move with it.
    last = (now or list(rows))[-1]
    return Unit(code, _pairs([*doing, *other], day, ever), last.area, last.level)


def _pairs(rows: Iterable[UnitKind], day: date, ever: bool) -> frozenset[tuple[str, str]]:
    """Return the kinds with their agencies on the day; with ``ever``, a kind that has ended keeps its last agency."""
    listed = sorted(rows, key=lambda row: row.valid_from or date.min)
    current = {(row.kind, row.agency) for row in listed if _in_force(row, day)}
    if not ever:
        return frozenset(current)
    named = {kind for kind, _ in current}
    ended = {row.kind: row.agency for row in listed if row.kind not in named}
    return frozenset(current | set(ended.items()))


def _in_force(row: UnitKind, day: date) -> bool:
    return (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or day < row.valid_to)
