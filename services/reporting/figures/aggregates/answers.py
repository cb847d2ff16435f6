"""Answers from cells: as exact as answers from the rows, in a time that does not grow with the number of rows.

Rows that were folded after the last maintenance of the cells are added while the question is answered, as long as they
are few. If they are many, or if cells cannot answer the question, the answer is None and the rows are counted.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from reference import area_book
from services.chassis.persistence import Statement
from services.reporting.facts import Connection, fetch
from services.reporting.figures.aggregates import places, reads, statements
from services.reporting.figures.aggregates.reads import Period
from services.reporting.figures.aggregates.series import SERIES, Series
from services.reporting.figures.scope import Number, Result, Scope
from services.reporting.figures.territories import UNATTRIBUTED, UNKNOWN, territory

# More marked references than these take longer to add on the spot than the rows take to ask, at common sizes.
_FEW = 500
_TOTAL = ""
Sums = dict[tuple[int, Period], Decimal]


class Term(NamedTuple):
    """The number of an area set in a period is added to a row, multiplied by ``sign`` (1 or -1)."""

    row: str
    area_set: int
    period: Period
    sign: int = 1


def known_series(code: str, scope: Scope) -> Series | None:
    """Return the series that answers a question; None where only the rows can.

    Cells hold present knowledge (no ``known_at``) in the hierarchy of the day asked (no ``geography``), as a total or by
    area, never as a table of two dimensions.
    """
    series = SERIES.get(code)
    # Cells hold present knowledge in the hierarchy of the day; other states cannot be computed from them.
    if (
        series is None
        or scope.known_at is not None
        or scope.geography is not None
        or scope.across is not None
    ):
        return None
    if scope.by not in places.SPLITS or (scope.by_facility and series.definition.area == "residence"):
        return None
    return series


def first_reads(code: str, scope: Scope) -> list[Statement]:
    """Return the first statements of an answer from cells; none where only the rows can answer.

    More statements of the same kind follow where a part of the area is not attributed to a row, or where references wait
    for maintenance.
    """
    series = known_series(code, scope)
    plan = None if series is None else places.plan(scope.uid, scope.day, scope.by)
    if series is None or plan is None:
        return []
    before = [reads.STATE.given(most=_FEW + 1)]
    area_sets = [plan.whole, *plan.rows.values()]
    if series.by_facility:
        before.append(reads.FACILITIES)
        area_sets = [places.facility_set("")]
    return before + [read.statement for read in reads.reads(series, (scope.first, scope.day), area_sets)]


async def try_answer(connection: Connection, code: str, scope: Scope) -> Result | None:
    """Return the figure, equal to what counting the rows gives; None where cells cannot answer."""
    series = known_series(code, scope)
    if series is None:
        return None
    marked = await _marked(connection)
    plan = None if marked is None else places.plan(scope.uid, scope.day, scope.by)
    if marked is None or plan is None:
        return None
    if series.by_facility:
        values = await _by_facility(connection, series, scope, marked > 0)
    else:
        found = await _by_area(connection, series, scope, plan, marked > 0)
        if found is None:
            return None
        values = found
    total = _plain(values.pop(_TOTAL, Decimal()))
    if scope.by is None:
        return Result(total)
    rows: dict[str, Number | None] = dict.fromkeys(plan.parts, 0)
    for row in sorted(values, key=lambda row: (row == UNKNOWN, row.startswith(UNATTRIBUTED), row)):
        if values[row] or row in rows:
            rows[row] = _plain(values[row])
    return Result(total, rows)


async def communes_having(
    connection: Connection, asked: Iterable[tuple[str, date | None]], scope: Scope
) -> set[str] | None:
    """Return the uids of the area's communes in which any of the figures is greater than zero.

    ``asked``: codes of figures, each with the first day of its period (None for a stock); the last day is the scope's.
    None where the rows must be counted: cells are not current, or a row of the area belongs to none of its communes.
    """
    uids = {area.code: area.uid for area in area_book().communes(scope.uid, scope.day)}
    found: set[str] = set()
    for code, first in asked:
        result = await try_answer(
            connection, code, replace(scope, first=first, by="commune", by_facility=False)
        )
        having = (
            None if result is None or result.rows is None else {row for row, n in result.rows.items() if n}
        )
        # A row without a commune of its own (not attributed, unknown) cannot be said to be one.
        if having is None or not having <= uids.keys():
            return None
        found |= {uids[row] for row in having}
    return found


async def _by_area(
    connection: Connection, series: Series, scope: Scope, plan: places.Plan, marked: bool
) -> dict[str, Decimal] | None:
    """Return the values by row, the total under ``""``; None where the period has events in a divided commune.

    Such an event belongs to the successor that the person's latest address up to the last day asked names. This changes
    with the last day asked, so no stored sum can hold it.
    """
    period = (scope.first, scope.day)
    area_sets = {_TOTAL: plan.whole, **plan.rows}
    split_areas = (
        plan.split_areas if scope.first is not None and series.definition.area == "residence" else None
    )
    checks = [area_set for area_set in (split_areas, plan.losses) if area_set is not None]
    sums = await _sums(
        connection, series, [(area_set, period) for area_set in (*area_sets.values(), *checks)], marked
    )
    # Which successor gets such an event depends on the last day asked, so only the rows can say it.
    if split_areas is not None and sums.get((split_areas, period)):
        return None
    # Mostly nothing is lost, and one sum shows that: only otherwise each such row is read.
    if plan.losses is not None and sums.get((plan.losses, period)):
        area_sets |= plan.lost
        sums |= await _sums(
            connection, series, [(area_set, period) for area_set in plan.lost.values()], marked
        )
    return {row: sums[area_set, period] for row, area_set in area_sets.items() if (area_set, period) in sums}


async def _by_facility(
    connection: Connection, series: Series, scope: Scope, marked: bool
) -> dict[str, Decimal]:
    terms = await _facility_terms(connection, scope)
    sums = await _sums(connection, series, [(term.area_set, term.period) for term in terms], marked)
    found: dict[str, Decimal] = {}
    for term in terms:
        number = sums.get((term.area_set, term.period), Decimal())
        found[term.row] = found.get(term.row, Decimal()) + term.sign * number
    return found


async def _marked(connection: Connection) -> int | None:
    """Return how many references wait for maintenance; None where the cells are not current or too many wait."""
    # Cells of other definitions or other areas are no approximation: they are wrong, so the rows are asked.
    for fingerprint, marked in await fetch(connection, reads.STATE.given(most=_FEW + 1)):
        if fingerprint == statements.fingerprint() and marked <= _FEW:
            return int(marked)
    return None


async def _facility_terms(connection: Connection, scope: Scope) -> list[Term]:
    """Return the terms that count events by the commune where their facility was on the day of the event."""
    land = territory(scope.uid, scope.day, scope.by)
    rows = await fetch(connection, reads.FACILITIES)
    # Only events are counted by the facility's area here, and an event is asked about for a period.
    assert scope.first is not None
    elsewhere = [_TOTAL, UNKNOWN] if scope.by else [_TOTAL]
    everything = places.facility_set("")
    terms = [Term(row, everything, (scope.first, scope.day)) for row in elsewhere] if land.whole else []
    for facility, area, since, until in rows:
        # A facility that moved counts in each commune for the days on which it was there.
        first, last = max(scope.first, since), min(scope.day, until - timedelta(days=1))
        if first > last or area is None:
            continue
        area_set, row = places.facility_set(facility), land.row_of.get(area)
        if land.whole:  # listed then, so it is none of those of whom nobody knows where they are
            terms += [Term(name, area_set, (first, last), -1) for name in elsewhere]
        if row is not None:
            terms += [
                Term(name, area_set, (first, last)) for name in ([_TOTAL, row] if scope.by else [_TOTAL])
            ]
    return terms


async def _sums(
    connection: Connection, series: Series, asked: Iterable[tuple[int, Period]], marked: bool
) -> Sums:
    """Return the value of each area set in its period; area sets of value 0 may be left out."""
    # An area set that is asked twice must be added once.
    wanted = list(dict.fromkeys(asked))
    if not wanted:
        return {}
    found: Sums = {}
    area_sets_of: dict[Period, list[int]] = {}
    for area_set, period in wanted:
        area_sets_of.setdefault(period, []).append(area_set)
    for period, area_sets in area_sets_of.items():
        for weight, statement in reads.reads(series, period, area_sets):
            for area_set, value in await fetch(connection, statement):
                at = (area_set, period)
                found[at] = found.get(at, Decimal()) + weight * value
    if marked:
        late = await fetch(connection, reads.waiting(series.code, {area_set for area_set, _ in wanted}))
        _add_waiting(found, wanted, late, series)
    return found


def _add_waiting(
    found: Sums,
    wanted: Iterable[tuple[int, Period]],
    late: Iterable[tuple[int, date | None, date, Decimal]],
    series: Series,
) -> None:
    """Add the rows that maintenance has not reached. A pair counts where both its days lie in the period."""
    by_area_set: dict[int, list[tuple[date | None, date, Decimal]]] = {}
    for area_set, earlier, day, number in late:
        by_area_set.setdefault(area_set, []).append((earlier, day, number))
    for area_set, (first, last) in wanted:
        for earlier, day, number in by_area_set.get(area_set, ()):
            if day <= last and (day if earlier is None else earlier) >= (first or date.min):
                weight = series.events_weight if earlier is None else series.pairs_weight
                at = (area_set, (first, last))
                found[at] = found.get(at, Decimal()) + number * weight


def _plain(value: Decimal) -> Number:
    return int(value) if value == value.to_integral_value() else value
