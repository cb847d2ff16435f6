"""Answers from cells: as exact as those from the rows, in a time that does not grow with them.

What was folded since the cells were last worked on is added on the spot while it is little; otherwise, and for every
question that cells do not know, the answer is None and the rows are asked.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from psycopg.rows import tuple_row

from services.reporting.cells import keeping, places, statements
from services.reporting.cells.series import SERIES, Series
from services.reporting.cells.slots import blocks, ranges
from services.reporting.figures.evaluate import Number, Result, Scope
from services.reporting.figures.territory import UNATTRIBUTED, UNKNOWN, territory
from services.reporting.projections.model import FOREVER
from services.reporting.repository import Connection

# More marked references than these take longer to add on the spot than the rows take to ask, at common sizes.
_FEW = 500
_TOTAL, _TORN = "", "torn"
_STATE = f"SELECT fingerprint, (SELECT count(*) FROM (SELECT FROM dirty LIMIT {_FEW + 1}) d) FROM covered"
_SUMS = (
    "SELECT t.row, sum(t.sign * x.n) FROM unnest(%(rows)s::text[], %(nodes)s::bigint[], %(signs)s::int[],"
    " %(froms)s::int[], %(tos)s::int[]) t (row, node, sign, first, last) CROSS JOIN LATERAL"
    " (SELECT sum(c.n) AS n FROM cell c WHERE c.node = t.node AND c.series = %(series)s"
    " AND c.slot BETWEEN t.first AND t.last) x WHERE x.n IS NOT NULL GROUP BY t.row"
)
_AGAIN = (
    "SELECT t.row, sum(t.sign * x.n) FROM unnest(%(rows)s::text[], %(nodes)s::bigint[], %(signs)s::int[],"
    " %(froms)s::int[], %(tos)s::int[], %(earlier_froms)s::int[], %(earlier_tos)s::int[])"
    " t (row, node, sign, first, last, earlier_first, earlier_last) CROSS JOIN LATERAL"
    " (SELECT sum(c.n) AS n FROM repeated c WHERE c.node = t.node AND c.series = %(series)s"
    " AND c.slot BETWEEN t.first AND t.last AND c.earlier BETWEEN t.earlier_first AND t.earlier_last) x"
    " WHERE x.n IS NOT NULL GROUP BY t.row"
)


class Term(NamedTuple):
    """What a node has in [first, last] goes into a row, times ``sign``. ``first`` None = from the beginning on."""

    row: str
    node: int
    first: date | None
    last: date
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
        terms = await _facility_terms(connection, scope)
    else:
        nodes = {_TOTAL: plan.whole, **plan.rows}
        terms = [Term(row, node, scope.first, scope.day) for row, node in nodes.items()]
        if scope.first is not None and plan.torn is not None and series.definition.area == "residence":
            terms.append(Term(_TORN, plan.torn, scope.first, scope.day))
    values = await _values(connection, series, terms, marked > 0)
    if values.pop(_TORN, 0):
        return None  # events in a divided commune go where an address of up to the last day says
    total = _plain(values.pop(_TOTAL, Decimal()))
    if scope.by is None:
        return Result(total)
    rows: dict[str, Number | None] = dict.fromkeys(plan.parts, 0)
    for row in sorted(values, key=lambda row: (row == UNKNOWN, row.startswith(UNATTRIBUTED), row)):
        if values[row] or row in rows:
            rows[row] = _plain(values[row])
    return Result(total, rows)


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
    terms = [Term(row, everything, scope.first, scope.day) for row in elsewhere] if land.whole else []
    for facility, area, since, until in rows:
        first, last = max(scope.first, since), min(scope.day, until - timedelta(days=1))
        if first > last or area is None:
            continue
        node, row = places.facility_node(facility), land.row_of.get(area)
        if land.whole:  # listed then, so it is none of those of whom nobody knows where they are
            terms += [Term(name, node, first, last, -1) for name in elsewhere]
        if row is not None:
            terms += [Term(name, node, first, last) for name in ([_TOTAL, row] if scope.by else [_TOTAL])]
    return terms


async def _values(
    connection: Connection, series: Series, terms: Sequence[Term], marked: bool
) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}

    def add(rows: Iterable[tuple[str, Decimal]], times: int) -> None:
        for row, number in rows:
            found[row] = found.get(row, Decimal()) + times * number

    once = 0 if series.kind == "arriving" else 1
    again = {"stay": 0, "event": -1 if series.personal else 0, "leaving": -1, "arriving": 1}[series.kind]
    async with connection.cursor(row_factory=tuple_row) as cursor:
        if once:
            await cursor.execute(_SUMS.encode(), _parameters(series, _ranges_of(terms)))
            add(await cursor.fetchall(), once)
        if again:
            await cursor.execute(_AGAIN.encode(), _parameters(series, _blocks_of(terms)))
            add(await cursor.fetchall(), again)
        if marked:
            nodes = [term.node for term in terms]
            await cursor.execute(_late(series.code).encode(), {"nodes": nodes})
            add(_within(terms, await cursor.fetchall(), once, again), 1)
    return found


def _parameters(series: Series, ranges: Iterable[tuple[Term, Sequence[int]]]) -> dict[str, Any]:
    names = ("froms", "tos", "earlier_froms", "earlier_tos")
    given: dict[str, Any] = {"rows": [], "nodes": [], "signs": [], "series": series.number}
    given |= {name: [] for name in names}
    for term, borders in ranges:
        given["rows"].append(term.row)
        given["nodes"].append(term.node)
        given["signs"].append(term.sign)
        for name, border in zip(names, borders, strict=False):
            given[name].append(border)
    return given


def _ranges_of(terms: Iterable[Term]) -> Iterator[tuple[Term, Sequence[int]]]:
    for term in terms:
        for slots in ranges(term.first, term.last):
            yield term, slots


def _blocks_of(terms: Iterable[Term]) -> Iterator[tuple[Term, Sequence[int]]]:
    for term in terms:
        assert term.first is not None
        for slots in blocks(term.first, term.last):
            yield term, slots


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


def _within(
    terms: Iterable[Term],
    late: Iterable[tuple[int, date | None, date, Decimal]],
    once: int,
    again: int,
) -> Iterator[tuple[str, Decimal]]:
    by_node: dict[int, list[tuple[date | None, date, Decimal]]] = {}
    for node, earlier, day, number in late:
        by_node.setdefault(node, []).append((earlier, day, number))
    for term in terms:
        first = term.first or date.min
        for earlier, day, number in by_node.get(term.node, ()):
            if day <= term.last and (day if earlier is None else earlier) >= first:
                yield term.row, term.sign * number * (once if earlier is None else again)


def _plain(value: Decimal) -> Number:
    return int(value) if value == value.to_integral_value() else value
