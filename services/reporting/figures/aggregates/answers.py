"""Answers from cells: as exact as those from the rows, in a time that does not grow with them.

What was folded since the cells were last worked on is added on the spot while it is little; otherwise, and for every
question that cells do not know, the answer is None and the rows are asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from psycopg.rows import tuple_row

from reference import area_book
from services.reporting.facts import FOREVER, Connection
from services.reporting.figures.aggregates import keeping, places, statements
from services.reporting.figures.aggregates.series import SERIES, Series
from services.reporting.figures.aggregates.slots import block_of, ranges, squares
from services.reporting.figures.scope import Number, Result, Scope
from services.reporting.figures.territories import UNATTRIBUTED, UNKNOWN, territory

# More marked references than these take longer to add on the spot than the rows take to ask, at common sizes.
_FEW = 500
_TOTAL = ""
_STATE = f"SELECT fingerprint, (SELECT count(*) FROM (SELECT FROM dirty LIMIT {_FEW + 1}) d) FROM covered"
# One stretch of the index for each range: its block holds the nodes one after the other.
_SUMS = (
    "SELECT x.node, x.n FROM unnest(%(blocks)s::int[], %(froms)s::int[], %(tos)s::int[]) r (block, first, last)"
    " CROSS JOIN LATERAL (SELECT c.node, sum(c.n) AS n FROM cell c WHERE c.series = %(series)s AND c.block = r.block"
    " AND c.node = ANY(%(nodes)s::bigint[]) AND c.slot BETWEEN r.first AND r.last GROUP BY c.node) x"
)
# Added to nothing, a column is of no use to an index: each statement is to go by the one whose block it names.
_PAIRS = (
    "SELECT x.node, x.n FROM unnest(%(blocks)s::int[], %(earlier_froms)s::int[], %(earlier_tos)s::int[],"
    " %(froms)s::int[], %(tos)s::int[]) r (block, earlier_first, earlier_last, first, last)"
    " CROSS JOIN LATERAL (SELECT c.node, sum(c.n) AS n FROM repeated c WHERE c.series = %(series)s"
    " AND {block} = r.block AND c.node = ANY(%(nodes)s::bigint[]) AND {later} BETWEEN r.first AND r.last"
    " AND {earlier} BETWEEN r.earlier_first AND r.earlier_last GROUP BY c.node) x"
)
_PAIRS_BY_EARLIER = _PAIRS.format(block="c.earlier_block", earlier="c.earlier", later="c.slot + 0")
_PAIRS_BY_LATER = _PAIRS.format(block="c.block", earlier="c.earlier + 0", later="c.slot")
Period = tuple[date | None, date]
"""First and last day; ``first`` None = from the beginning on."""
Sums = dict[tuple[int, Period], Decimal]


class Term(NamedTuple):
    """What a node has in a period goes into a row, times ``sign``."""

    row: str
    node: int
    period: Period
    sign: int = 1


async def try_answer(connection: Connection, code: str, scope: Scope) -> Result | None:
    """The figure as the rows have it; None where they must be asked."""
    series = SERIES.get(code)
    if series is None or scope.known_at is not None or scope.geography is not None:
        return None
    if scope.by not in places.SPLITS or (scope.by_facility and series.definition.area == "residence"):
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
    """Uids of the area's communes in which any of the figures is more than nothing.

    ``asked``: codes, each with the first day of its period (None for a stock); the last day is the scope's. None where
    the rows must be asked: cells are of no use now, or something belongs to the area but to none of its communes.
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
        if having is None or not having <= uids.keys():
            return None
        found |= {uids[row] for row in having}
    return found


async def _by_area(
    connection: Connection, series: Series, scope: Scope, plan: places.Plan, marked: bool
) -> dict[str, Decimal] | None:
    """The rows by name, the whole area under ``""``; None where the period has events in divided communes.

    Such an event goes where an address of up to the last day asked says: no sum holds for all last days.
    """
    period = (scope.first, scope.day)
    nodes = {_TOTAL: plan.whole, **plan.rows}
    torn = plan.torn if scope.first is not None and series.definition.area == "residence" else None
    checks = [node for node in (torn, plan.losses) if node is not None]
    sums = await _sums(connection, series, [(node, period) for node in (*nodes.values(), *checks)], marked)
    if torn is not None and sums.get((torn, period)):
        return None
    if plan.losses is not None and sums.get((plan.losses, period)):
        nodes |= plan.lost
        sums |= await _sums(connection, series, [(node, period) for node in plan.lost.values()], marked)
    return {row: sums[node, period] for row, node in nodes.items() if (node, period) in sums}


async def _by_facility(
    connection: Connection, series: Series, scope: Scope, marked: bool
) -> dict[str, Decimal]:
    terms = await _facility_terms(connection, scope)
    sums = await _sums(connection, series, [(term.node, term.period) for term in terms], marked)
    found: dict[str, Decimal] = {}
    for term in terms:
        number = sums.get((term.node, term.period), Decimal())
        found[term.row] = found.get(term.row, Decimal()) + term.sign * number
    return found


async def _marked(connection: Connection) -> int | None:
    """How many references wait to be worked in; None where cells are of no use now."""
    found = await (await connection.execute(_STATE.encode())).fetchone()
    if found is None or found[0] != keeping.fingerprint() or found[1] > _FEW:
        return None
    return int(found[1])


async def _facility_terms(connection: Connection, scope: Scope) -> list[Term]:
    """Events by the facility's commune on the day of each: the facilities' own history, cut to the period."""
    land = territory(scope.uid, scope.day, scope.by)
    rows = await (
        await connection.execute(
            "SELECT DISTINCT ON (facility, valid_from) facility, area, valid_from, valid_to FROM spell"
            " WHERE kind = 'facility' AND known_to = %s ORDER BY facility, valid_from, record_id DESC",
            [FOREVER],
        )
    ).fetchall()
    assert scope.first is not None
    elsewhere = [_TOTAL, UNKNOWN] if scope.by else [_TOTAL]
    everything = places.facility_node("")
    terms = [Term(row, everything, (scope.first, scope.day)) for row in elsewhere] if land.whole else []
    for facility, area, since, until in rows:
        first, last = max(scope.first, since), min(scope.day, until - timedelta(days=1))
        if first > last or area is None:
            continue
        node, row = places.facility_node(facility), land.row_of.get(area)
        if land.whole:  # listed then, so it is none of those of whom nobody knows where they are
            terms += [Term(name, node, (first, last), -1) for name in elsewhere]
        if row is not None:
            terms += [Term(name, node, (first, last)) for name in ([_TOTAL, row] if scope.by else [_TOTAL])]
    return terms


async def _sums(
    connection: Connection, series: Series, asked: Iterable[tuple[int, Period]], marked: bool
) -> Sums:
    """What the figure is of each node in its period; nodes that have nothing may be left out."""
    wanted = list(dict.fromkeys(asked))
    if not wanted:
        return {}
    once = 0 if series.kind == "arriving" else 1
    again = {"stay": 0, "event": -1 if series.personal else 0, "leaving": -1, "arriving": 1}[series.kind]
    found: Sums = {}
    nodes_of: dict[Period, list[int]] = {}
    for node, period in wanted:
        nodes_of.setdefault(period, []).append(node)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        for period, nodes in nodes_of.items():
            given = {"series": series.number, "nodes": _array(sorted(nodes))}
            for times, statement, cut in _reads(period, once, again):
                await cursor.execute(statement.encode(), given | cut)
                for node, value in await cursor.fetchall():
                    at = (node, period)
                    found[at] = found.get(at, Decimal()) + times * value
        if marked:
            await cursor.execute(_late(series.code).encode(), {"nodes": _array({node for node, _ in wanted})})
            _add_late(found, wanted, await cursor.fetchall(), once, again)
    return found


def _reads(period: Period, once: int, again: int) -> list[tuple[int, str, dict[str, str]]]:
    """What is read for a period: how often it counts, the statement, and the ranges of slots that it takes."""
    first, last = period
    reads = []
    if once:
        cut = [(block_of(low), low, high) for low, high in ranges(first, last)]
        reads.append((once, _SUMS, _arrays(("blocks", "froms", "tos"), cut)))
    if again:
        names = ("blocks", "earlier_froms", "earlier_tos", "froms", "tos")
        by_earlier, by_later = squares(first or date.min, last)
        for statement, pairs, side in ((_PAIRS_BY_EARLIER, by_earlier, 0), (_PAIRS_BY_LATER, by_later, 2)):
            if pairs:
                reads.append(
                    (again, statement, _arrays(names, [(block_of(one[side]), *one) for one in pairs]))
                )
    return reads


def _arrays(names: Sequence[str], rows: Iterable[tuple[int, ...]]) -> dict[str, str]:
    return dict(zip(names, map(_array, zip(*rows, strict=True)), strict=True))


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


@lru_cache(maxsize=128)
def _late(code: str) -> str:
    """What the marked references add to nodes: their pieces of now less those that the cells have."""
    series = SERIES[code]
    piece = "series, holder, place, since, until, n"
    return (
        f"WITH mark AS (SELECT ref FROM dirty), {statements.holders('mark')}, {statements.of_holders()},"
        f" {statements.pieces([series])}, piece AS MATERIALIZED (SELECT 1 AS sign, {piece} FROM fresh"
        f" UNION ALL SELECT -1, {piece} FROM counted JOIN holders USING (holder) WHERE series = {series.number}),"
        f" {statements.additions('piece')}"
        " SELECT node, NULL::date, day, n::numeric FROM placed WHERE node = ANY(%(nodes)s)"
        " UNION ALL SELECT node, earlier, day, n::numeric FROM paired WHERE node = ANY(%(nodes)s)"
    )


def _add_late(
    found: Sums,
    wanted: Iterable[tuple[int, Period]],
    late: Iterable[tuple[int, date | None, date, Decimal]],
    once: int,
    again: int,
) -> None:
    by_node: dict[int, list[tuple[date | None, date, Decimal]]] = {}
    for node, earlier, day, number in late:
        by_node.setdefault(node, []).append((earlier, day, number))
    for node, (first, last) in wanted:
        for earlier, day, number in by_node.get(node, ()):
            if day <= last and (day if earlier is None else earlier) >= (first or date.min):
                at = (node, (first, last))
                found[at] = found.get(at, Decimal()) + number * (once if earlier is None else again)


def _plain(value: Decimal) -> Number:
    return int(value) if value == value.to_integral_value() else value
