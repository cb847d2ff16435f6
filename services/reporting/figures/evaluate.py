"""The evaluator of all figures that count rows: it makes one SQL statement from a definition and a scope."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from services.chassis.persistence import Statement
from services.reporting.facts import Connection, fetch
from services.reporting.figures.definitions import Definition
from services.reporting.figures.row_sets import counted_sets
from services.reporting.figures.scope import Number, Result, Scope, row_parameters
from services.reporting.figures.territories import UNATTRIBUTED, UNKNOWN


async def count_rows(connection: Connection, definition: Definition, scope: Scope) -> Result:
    """Compute a figure that counts rows of spells or facts."""
    found = await fetch(connection, counting(definition, scope))
    total = next((value for is_total, _, value in found if is_total), 0)
    if scope.by is None:
        return Result(plain(total))
    named = {
        UNKNOWN if name is None else name: plain(value) for is_total, name, value in found if not is_total
    }
    return Result(plain(total), ordered_rows(named, scope.territory().parts))


def ordered_rows(found: Mapping[str, Number], parts: Iterable[str]) -> dict[str, Number | None]:
    """Return the rows of a breakdown in their order; every one of ``parts`` has a row, even a row of 0.

    A missing row would look like a missing report. Rows that are not attributed to a part are there only with a number.
    """
    rows: dict[str, Number | None] = dict.fromkeys(parts, 0)
    return rows | {
        name: found[name] for name in sorted(found, key=place_of_row) if found[name] or not _lost(name)
    }


def counting(definition: Definition, scope: Scope) -> Statement:
    """Return the statement that counts a definition's rows; columns: whether it is the total, the row, the number.

    Example: asked by sex it yields ``(true, NULL, 7)``, ``(false, 'female', 2)`` and ``(false, 'male', 5)``.
    """
    counted = number(definition, several=scope.by in definition.lists)
    sql = f"""
        SELECT grouping(s.dim) = 1, s.dim, {counted}
        FROM counted AS s
        GROUP BY GROUPING SETS ((), (s.dim))
        """
    if scope.by is None:
        sql = f"""
            SELECT true, NULL, {counted}
            FROM counted AS s
            """
    return Statement(
        "counting",
        sql,
        doc="The figure from the rows of spells or facts: the total and, where asked, every row of the breakdown.",
        needs=("counted",),
        sets=counted_sets(definition, scope),
        parameters=row_parameters(definition, scope),
    )


def listing(definition: Definition, scope: Scope) -> Statement:
    """Return the statement that lists what `counting` counts, in the order of record ids; see ``membership.Member``."""
    since, until = "s.occurred_on", "NULL::date"
    if definition.source == "spell":
        since, until = "s.valid_from", "s.valid_to"
    return Statement(
        "listing",
        f"""
        SELECT
            s.record_id, s.kind, s.code, s.person_ref,
            {"s.who" if definition.count == "person" else "NULL::uuid"},
            s.area, s.dim, s.facility, s.unit,
            {since}, {until}, s.known_from,
            {definition.measure if definition.count == "sum" else "1"}
        FROM counted AS s
        ORDER BY s.record_id, s.kind, s.known_from, s.dim
        """,
        doc="The rows that the figure counts, one by one.",
        needs=("counted",),
        sets=counted_sets(definition, scope),
        parameters=row_parameters(definition, scope),
    )


def _lost(name: str) -> bool:
    return name.startswith(UNATTRIBUTED)


def place_of_row(name: str) -> tuple[bool, bool, str]:
    """Return a key of order: what is not attributed comes after what is, what is unknown last."""
    return (name == UNKNOWN, _lost(name), name)


def number(definition: Definition, *, several: bool) -> str:
    """Return the SQL aggregate of the figure; ``several``: one record may be in several rows of the breakdown."""
    if definition.count == "person":
        return "count(DISTINCT s.who)"
    if definition.count == "facility":
        return "count(DISTINCT s.facility)"
    if definition.count == "sum":
        return f"coalesce(sum({definition.measure}), 0)"
    # A record with two substances has two lines in the set, and counts once in the total.
    return "count(DISTINCT s.record_id)" if several else "count(*)"


def plain(value: Any) -> Number:
    """Return a number of PostgreSQL; whole decimals become whole numbers."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    found: Number = value
    return found
