"""All that was declared, each number beside the figure at its own dates: where to look first."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from reference import FIGURES, Figure, area_book, time_kind
from services.reporting.facts import Connection
from services.reporting.figures import Scope, compute
from services.reporting.reconciliation import queries
from services.reporting.reconciliation.document import dates, plain
from services.reporting.reconciliation.domain.choice import Declared
from services.reporting.reconciliation.domain.waterfall import rounding_of

_ORDER = {code: at for at, code in enumerate(FIGURES)}


async def overview(
    connection: Connection,
    *,
    area: str | None,
    agency: str | None,
    known_at: datetime | None,
    shown: Callable[[Declared], bool],
) -> list[dict[str, Any]]:
    """Every declaration of an area (code or uid; None = of any) and agency, with the figure as known to the asker.

    In the order of the catalogue, then by area, agency and dates. ``agrees``: whether nothing but rounding lies between.
    ``computed`` is None where the figure has no value. ``shown`` says which declarations the caller may see.
    """
    book = area_book()
    found = []
    for declared in await queries.declarations(connection, None, known_at):
        if declared.figure not in FIGURES or (agency is not None and declared.agency != agency):
            continue
        if area is not None and area not in (declared.area, book.by_uid[declared.area].code):
            continue
        if shown(declared):
            found.append(declared)
    found.sort(key=lambda one: (_ORDER[one.figure], one.area, one.agency or "", one.day, one.record_id or ""))
    return [await _line(connection, declared, known_at) for declared in found]


async def _line(connection: Connection, declared: Declared, known_at: datetime | None) -> dict[str, Any]:
    figure = FIGURES[declared.figure]
    first = declared.first
    if time_kind(figure) == "flow" and first is None:
        first = date(declared.day.year, 1, 1)
    scope = Scope(declared.area, declared.day, None if time_kind(figure) == "stock" else first, known_at)
    computed = await _value(connection, figure, scope)
    return {
        "figure": figure.code,
        "vi": figure.vi,
        "en": figure.en,
        "unit": figure.unit,
        "agency": declared.agency,
        "area": area_book().by_uid[declared.area].code,
        "area_name": area_book().by_uid[declared.area].name,
        **dates(declared.day, first),
        "declared": plain(Fraction(declared.value)),
        "declared_on": None if declared.declared_on is None else declared.declared_on.isoformat(),
        "computed": None if computed is None else plain(computed),
        "difference": None if computed is None else plain(Fraction(declared.value) - computed),
        "agrees": computed is not None and rounding_of(declared.value, computed) in ("exact", "rounded"),
    }


async def _value(connection: Connection, figure: Figure, scope: Scope) -> Fraction | None:
    """The figure, of a ratio its percent; None where there is none."""
    if figure.kind != "ratio":
        value = (await compute(connection, figure.code, scope)).value
        return None if value is None else _exact(value)
    assert figure.numerator is not None
    assert figure.denominator is not None
    above = (await compute(connection, figure.numerator, scope)).value
    below = (await compute(connection, figure.denominator, scope)).value
    return None if above is None or not below else _exact(above) * 100 / _exact(below)


def _exact(value: int | Decimal) -> Fraction:
    return Fraction(value)
