"""Figures that count communes by a property, and targets, which are looked up and never added together."""

from collections.abc import Collection
from datetime import date

from psycopg.rows import tuple_row

from contracts.areas import Area, area_book
from services.reporting.figures.definitions import DRUG_HOT, DRUG_PROBLEM, RISK, TARGETS
from services.reporting.figures.evaluate import Number, Result, Scope, known, parameters
from services.reporting.figures.territory import commune_of
from services.reporting.repository import Connection

# Where two communes of different classes became one without a new class: the later class, then the graver.
_GRAVITY = {"low": 0, "at_risk": 1, "high": 2}


def parts_of(scope: Scope) -> list[Area]:
    """The areas of the rows of a breakdown by area or commune; none for any other."""
    book = area_book()
    if scope.by == "area":
        return book.children(scope.uid, scope.day) or [book.by_uid[scope.uid]]
    return book.communes(scope.uid, scope.day) if scope.by == "commune" else []


async def count_communes(connection: Connection, code: str, scope: Scope) -> Result:
    """How many communes of the area, as they are on the day, have the property of a figure ``areas.…``."""
    if code in DRUG_PROBLEM:
        having = await _with_drug_problem(connection, scope)
        wanted = having if code == DRUG_PROBLEM[0] else None
    elif code == DRUG_HOT:
        having = set(await _classes(connection, "drug_hot", scope))
        wanted = having
    else:
        classes = await _classes(connection, "public_order_risk", scope)
        having = set(classes)
        asked = RISK[code]
        wanted = None if asked is None else {uid for uid, found in classes.items() if found == asked}
    book = area_book()

    def counted(uid: str) -> Number:
        communes = {commune.uid for commune in book.communes(uid, scope.day)}
        return len(communes - having if wanted is None else communes & wanted)

    rows: dict[str, Number | None] | None = None
    if scope.by is not None:
        rows = {part.code: counted(part.uid) for part in parts_of(scope)}
    return Result(counted(scope.uid), rows)


async def _with_drug_problem(connection: Connection, scope: Scope) -> set[str]:
    """Communes with an addict, a user or an open hot spot on the day, or a drug case in the year up to it."""
    on_day = f"s.valid_from <= %(day)s AND s.valid_to > %(day)s AND {known('s', scope)}"
    query = (
        f"SELECT s.area FROM spell s WHERE s.kind = 'status' AND s.code IN ('addict', 'user') AND {on_day}"
        f" UNION SELECT s.area FROM spell s WHERE s.kind = 'place' AND s.code = 'hot_spot' AND {on_day}"
        " UNION SELECT s.area FROM fact s WHERE s.kind = 'case_detected'"
        f" AND s.occurred_on BETWEEN %(year)s AND %(day)s AND {known('s', scope)}"
    )
    async with connection.cursor(row_factory=tuple_row) as cursor:
        values = parameters(scope) | {"year": date(scope.day.year, 1, 1)}
        await cursor.execute(query.encode(), values)
        found = [uid for (uid,) in await cursor.fetchall()]
    communes = commune_of(scope.day)
    return {communes[uid] for uid in found if uid in communes}


async def _classes(connection: Connection, scheme: str, scope: Scope) -> dict[str, str]:
    """The class of each commune of the day in a scheme; communes without one are left out."""
    query = (
        "SELECT s.area, s.code, s.valid_from FROM spell s WHERE s.kind = %(kind)s"
        f" AND s.valid_from <= %(day)s AND s.valid_to > %(day)s AND {known('s', scope)}"
    )
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query.encode(), parameters(scope) | {"kind": f"class_{scheme}"})
        found = await cursor.fetchall()
    communes = commune_of(scope.day)
    ranked = sorted(
        (since, _GRAVITY.get(name, 0), name, uid) for uid, name, since in found if uid in communes
    )
    return {communes[uid]: name for _, _, name, uid in ranked}


async def look_up_target(connection: Connection, code: str, scope: Scope) -> Result:
    """The target of exactly this area and period, None where none was assigned.

    Of two units that assigned one, the later known counts. Targets of parts are their own: they need not add up.
    """
    parts = parts_of(scope)
    found = await _targets(connection, TARGETS[code], {scope.uid, *(part.uid for part in parts)}, scope)
    rows = None if scope.by is None else {part.code: found.get(part.uid) for part in parts}
    return Result(found.get(scope.uid), rows)


async def _targets(
    connection: Connection, figure: str, uids: Collection[str], scope: Scope
) -> dict[str, Number]:
    query = (
        "SELECT s.area, s.value FROM target s WHERE s.figure = %(figure)s AND s.area = ANY(%(areas)s)"
        f" AND s.period_from = %(first)s AND s.period_to = %(day)s AND {known('s', scope)}"
        " ORDER BY s.known_from, s.record_id"
    )
    async with connection.cursor(row_factory=tuple_row) as cursor:
        values = parameters(scope) | {"figure": figure, "areas": list(uids)}
        await cursor.execute(query.encode(), values)
        return {
            uid: int(value) if value == value.to_integral_value() else value
            for uid, value in await cursor.fetchall()
        }
