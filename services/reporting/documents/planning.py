"""Plan a report: find the questions whose answers it prints, from its data, its windows and its area. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from reference import FIGURES, Area, area_book
from services.reporting.documents.document import Number, Times
from services.reporting.documents.parts import (
    Areas,
    Breakdown,
    Indicators,
    Part,
    Placeholder,
    Prose,
    Report,
    Section,
    figures_of,
)
from services.reporting.documents.reference import Windows

_LONG = 40
"""With more parts than this, the table by area is printed after the signature."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: a figure that is no ratio, its day or period, and what to break it down by."""

    figure: str
    times: Times
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known to the question; ``hidden`` are the protected rows, and ``None`` in it the protected total.

    ``percent_base`` is the least number that shares are shown of (0: any), where the answer is a released one.
    """

    value: Number | None
    rows: Mapping[str, Number | None] | None = None
    hidden: frozenset[str | None] = field(default_factory=frozenset)
    percent_base: int = 0


class Numbers:
    """The answers to all questions of a report."""

    def __init__(self, found: Mapping[Ask, Answer], incomparable: Collection[str] = ()) -> None:
        """Take the answers, and the figures of which one of the two periods compared is not declared complete."""
        self._found = dict(found)
        self._incomparable = frozenset(incomparable)
        self._totals: dict[tuple[str, Times], Answer] = {}
        for ask, answer in found.items():
            # A total that was asked for alone is used before one that came with a breakdown.
            if ask.by is None or (ask.figure, ask.times) not in self._totals:
                self._totals[ask.figure, ask.times] = answer

    def total(self, figure: str, times: Times) -> tuple[Number | None, bool]:
        """Return the figure's value, and whether it is protected."""
        answer = self._totals.get((figure, times))
        return (None, False) if answer is None else (answer.value, None in answer.hidden)

    def comparable(self, figure: str) -> bool:
        """Return whether the registers of both periods are declared complete."""
        return self._incomparable.isdisjoint(components(figure))

    def percent_base(self, figure: str, times: Times) -> int:
        """Return the least number that a share may be shown of."""
        answer = self._totals.get((figure, times))
        return 0 if answer is None else answer.percent_base

    def rows(self, figure: str, times: Times, by: str) -> Answer:
        """Return the breakdown; without rows where there is none."""
        return self._found.get(Ask(figure, times, by), Answer(None, {}))

    def items(self) -> Iterator[tuple[Ask, Answer]]:
        """Return every question and its answer."""
        return iter(self._found.items())


def sections_of(report: Report, area: Area, windows: Windows, hierarchy: date) -> tuple[Section, ...]:
    """Return the sections as this area and time have them: by the agency of the day, with the tables that make sense.

    ``hierarchy`` is the day whose areas count.
    """
    kept = []
    for section in report.sections:
        if section.owned_by and FIGURES[section.figure].owner_on(windows.last) != section.owned_by:
            continue
        kept.append(_fitted(section, area, hierarchy))
    return tuple(kept)


def _fitted(section: Section, area: Area, day: date) -> Section:
    """Return the section without tables that make no sense for the area.

    A commune has no parts; and where the parts of the area are communes, one of the two tables by area is enough.
    """
    parts = area_book().children(area.uid, day)
    communes_next = not parts or parts[0].level == "commune"
    without_areas = tuple(part for part in section.parts if not isinstance(part, Areas))
    if not parts:
        return replace(section, parts=without_areas, annex=None)
    if communes_next and len(parts) > _LONG:
        return replace(section, parts=without_areas)
    return replace(section, annex=None) if communes_next else section


def components(figure: str) -> tuple[str, ...]:
    """Return the figures to ask for: a ratio's two, else itself."""
    found = FIGURES[figure]
    if found.kind == "ratio":
        assert found.numerator is not None
        assert found.denominator is not None
        return (found.numerator, found.denominator)
    return (figure,)


def plan(sections: tuple[Section, ...], windows: Windows) -> list[Ask]:
    """Return every question once, in a fixed order."""
    # A dict and not a set, so that the order is the same in every run.
    asks: dict[Ask, None] = {}
    for section in sections:
        for part in (*section.parts, *((section.annex,) if section.annex else ())):
            for ask in _of_part(part, windows):
                asks.setdefault(ask)
    split = {(ask.figure, ask.times) for ask in asks if ask.by is not None}
    # A breakdown contains its total, so the total needs no question of its own.
    return [ask for ask in asks if ask.by is not None or (ask.figure, ask.times) not in split]


def compared(asks: Iterable[Ask], windows: Windows) -> frozenset[str]:
    """Return the figures that are asked for the year before as well, to be compared."""
    return frozenset(ask.figure for ask in asks if ask.times != windows.now(ask.figure))


def _of_part(part: Part, windows: Windows) -> Iterator[Ask]:
    by = part.by if isinstance(part, Areas | Breakdown) else None
    for figure in figures_of(part):
        for component in components(figure):
            yield Ask(component, windows.now(component), by)
    if isinstance(part, Indicators):
        compared = [line.figure for line in part.lines]
    elif isinstance(part, Prose):
        pieces = (piece for piece in part.pieces() if isinstance(piece, Placeholder))
        compared = [piece.figure for piece in pieces if piece.verb == "change"]
    else:
        compared = []
    for figure in compared:
        for component in components(figure):
            yield Ask(component, windows.before(component))
