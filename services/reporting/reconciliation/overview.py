"""List all declared numbers, each beside the computed figure for its own dates, to show where to look first."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from reference import FIGURES, Figure, area_book, time_kind
from services.reporting.facts import Connection
from services.reporting.figures import Reader, Reading, Scope
from services.reporting.figures.exact import compute
from services.reporting.reconciliation.document import dates, plain
from services.reporting.reconciliation.domain.choice import Declared
from services.reporting.reconciliation.domain.waterfall import rounding_of
from services.reporting.reconciliation.usecases import EXACT_ONLY, declared_in

_ORDER = {code: at for at, code in enumerate(FIGURES)}


async def overview(
    reading: Reading,
    reader: Reader,
    *,
    area: str | None,
    agency: str | None,
    known_at: datetime | None,
    days: tuple[date, date] | None = None,
) -> list[dict[str, Any]]:
    """Return every declaration of an area (code or uid; None = of any) and agency, with the figure as known to the reader.

    ``days``: only declarations whose last day is one of these or lies between them.

    In the order of the catalogue, then by area, agency and dates. Declarations are left out whose area the reader does not
    reach, or whose figure he may not see exactly. ``agrees``: whether nothing but rounding lies between. ``computed`` is
    None where the figure has no value.
    """
    book = area_book()
    found = []
    for declared in await declared_in(reading, known_at):
        if declared.figure not in FIGURES or (agency is not None and declared.agency != agency):
            continue
        if days is not None and not days[0] <= declared.day <= days[1]:
            continue
        if area is not None and area not in (declared.area, book.by_uid[declared.area].code):
            continue
        if reading.may_read(declared.figure, _scope(declared, known_at), reader):
            found.append(declared)
    found.sort(key=lambda one: (_ORDER[one.figure], one.area, one.agency or "", one.day, one.record_id or ""))
    return [await _line(reading, reader, declared, known_at) for declared in found]


def _scope(declared: Declared, known_at: datetime | None) -> Scope:
    """Return the scope of the figure for the declaration's own area and dates."""
    stock = time_kind(FIGURES[declared.figure]) == "stock"
    return Scope(declared.area, declared.day, None if stock else first_of(declared), known_at)


def first_of(declared: Declared) -> date | None:
    """Return the first day of the declared period; for a flow declared for one day only, 1 January of that year."""
    flow = time_kind(FIGURES[declared.figure]) == "flow"
    return date(declared.day.year, 1, 1) if flow and declared.first is None else declared.first


async def _line(
    reading: Reading, reader: Reader, declared: Declared, known_at: datetime | None
) -> dict[str, Any]:
    figure, scope = FIGURES[declared.figure], _scope(declared, known_at)
    computed = await _value(reading.exact(figure.code, scope, reader, EXACT_ONLY), figure, scope)
    return {
        "figure": figure.code,
        "vi": figure.vi,
        "en": figure.en,
        "unit": figure.unit,
        "agency": declared.agency,
        "area": area_book().by_uid[declared.area].code,
        "area_name": area_book().by_uid[declared.area].name,
        **dates(declared.day, first_of(declared)),
        "declared": plain(Fraction(declared.value)),
        "declared_on": None if declared.declared_on is None else declared.declared_on.isoformat(),
        "computed": None if computed is None else plain(computed),
        "difference": None if computed is None else plain(Fraction(declared.value) - computed),
        # A truncated number does not agree, since numbers are rounded half up.
        "agrees": computed is not None and rounding_of(declared.value, computed) in ("exact", "rounded"),
    }


async def _value(connection: Connection, figure: Figure, scope: Scope) -> Fraction | None:
    """Return the value of the figure, for a ratio in percent; None where it has no value."""
    if figure.kind != "ratio":
        value = (await compute(connection, figure.code, scope)).value
        return None if value is None else _exact(value)
    assert figure.numerator is not None
    assert figure.denominator is not None
    above = (await compute(connection, figure.numerator, scope)).value
    below = (await compute(connection, figure.denominator, scope)).value
    # A denominator of 0 gives no percent, which is not the same as a percent of 0.
    return None if above is None or not below else _exact(above) * 100 / _exact(below)


def _exact(value: int | Decimal) -> Fraction:
    return Fraction(value)
