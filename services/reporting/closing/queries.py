"""Compute the cells of a period: every figure of a set for the area, its parts and its communes, in one fixed order.

Cells are always computed from spells and facts, as known at a given instant, and never read from pre-aggregates: the same
facts must give the same cells at any later time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from reference import FIGURES, area_book, time_kind
from services.reporting.facts import Connection
from services.reporting.figures import (
    DEFINITIONS,
    TARGETS,
    Number,
    Result,
    Scope,
)
from services.reporting.figures.exact import count_communes, count_rows, look_up_target

_WHOLE = 2**53 - 1  # beyond it JSON's readers round: then as text
_PERCENT = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Frame:
    """What is closed: an area (uid and the code it is asked by), the days of the period, the figures.

    ``definitions`` names the version of each figure's definition (`reference.rulesets`).
    """

    uid: str
    area: str
    first: date
    last: date
    figures: tuple[str, ...]
    definitions: Mapping[str, str]

    @property
    def splits(self) -> tuple[str, ...]:
        """Return the breakdowns by area: districts and communes; where no districts are, communes and the old districts."""
        book = area_book()
        children = book.children(self.uid, self.last)
        if not children:
            return ()
        if any(child.level == "district" for child in children):
            return ("area", "commune")
        return ("commune", "region") if book.by_uid[self.uid].level == "province" else ("commune",)

    def scope(self, code: str, known_at: datetime | None, by: str | None) -> Scope:
        """Return the scope of a figure for the period: a stock as of its last day, a flow for all its days."""
        first = None if time_kind(FIGURES[code]) == "stock" else self.first
        return Scope(self.uid, self.last, first, known_at, by)

    async def compute(self, connection: Connection, code: str, known_at: datetime, by: str | None) -> Result:
        """Return a figure that is no ratio, for the period."""
        scope = self.scope(code, known_at, by)
        if code in DEFINITIONS:
            return await count_rows(connection, DEFINITIONS[code], scope)
        if code in TARGETS:
            return await look_up_target(connection, code, scope)
        return await count_communes(connection, code, scope)


async def compute_cells(connection: Connection, frame: Frame, known_at: datetime) -> list[dict[str, Any]]:
    """Return every cell of the frame as known at the instant. Ratios with numerator and denominator."""
    results: dict[tuple[str, str | None], Result] = {}

    async def result(code: str, by: str | None) -> Result:
        """Return a figure that is no ratio, once for all cells that need it."""
        if (code, by) not in results:
            results[code, by] = await frame.compute(connection, code, known_at, by)
        return results[code, by]

    cells: list[dict[str, Any]] = []
    for code in frame.figures:
        figure = FIGURES[code]
        as_flow = time_kind(figure) == "flow"
        for by in (None, *frame.splits):
            # A breakdown contains the total, so the total needs no computation of its own.
            asked = by or (frame.splits[0] if frame.splits else None)
            if figure.kind == "ratio":
                above = await result(figure.numerator or "", asked)
                below = await result(figure.denominator or "", asked)
                found = _ratio_rows(above, below, by)
            else:
                whole = await result(code, asked)
                values = {None: whole.value} if by is None else dict(whole.rows or {})
                found = {row: {"value": exact(value)} for row, value in values.items()}
            about = _about(frame, code, as_flow)
            cells += [
                {**about, "by": by, "row": row, **cell}
                for row, cell in found.items()
                if by is None or cell["value"] is not None or "numerator" in cell
            ]
    return cells


def _about(frame: Frame, code: str, as_flow: bool) -> dict[str, Any]:
    when: dict[str, Any] = {"as_of": frame.last.isoformat()}
    if as_flow:
        when = {"from": frame.first.isoformat(), "to": frame.last.isoformat()}
    return {"figure": code, "definition": frame.definitions[code], "area": frame.area, **when}


def _ratio_rows(above: Result, below: Result, by: str | None) -> dict[str | None, dict[str, Any]]:
    if by is None:
        return {None: percent(above.value, below.value)}
    over, under = above.rows or {}, below.rows or {}
    names = [*over, *(name for name in under if name not in over)]
    return {name: percent(over.get(name, 0), under.get(name, 0)) for name in names}


def percent(above: Number | None, below: Number | None) -> dict[str, Any]:
    """Return a ratio in percent to six decimals (half-up) as text, with what it is made of; no value without denominator."""
    value = None
    if above is not None and below:
        # Decimal, not float: a replay must give the same digits, because the content is hashed.
        shown = (Decimal(above) * 100 / Decimal(below)).quantize(_PERCENT, ROUND_HALF_UP)
        value = plain(shown)
    return {"value": value, "numerator": exact(above), "denominator": exact(below)}


def exact(value: Number | None) -> int | str | None:
    """Return a number as a closing stores it: an integer unchanged, any other number as text; never a float."""
    if value is None or (isinstance(value, int) and -_WHOLE <= value <= _WHOLE):
        return value
    return plain(Decimal(value))


def plain(value: Decimal) -> str:
    """Return a decimal as text without exponent, trailing zeros or the sign of zero: equal numbers give equal text."""
    text = format(value.normalize(), "f")
    # Two texts for one number would give two hashes for the same content.
    return "0" if text == "-0" else text
