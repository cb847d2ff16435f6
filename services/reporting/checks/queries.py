"""Running the checks' statements: how many, by area, and page by page which."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import tuple_row

from contracts.envelope import start_of_day
from reference import area_book
from services.reporting.checks.rules import Rule, settings
from services.reporting.checks.statements import STATEMENTS, needed, parts
from services.reporting.facts import FOREVER, Connection
from services.reporting.figures import (
    UNKNOWN,
    Scope,
    addresses_followed,
    commune_of,
    default_province,
    known,
    land_parameters,
    parameters,
    place_of_row,
)


@dataclass(frozen=True, slots=True)
class Trace:
    """A row behind a finding. Opaque: no names, no numbers of people."""

    record_id: UUID | None
    area: str | None
    unit: str | None
    facility: str | None
    since: date | None


@dataclass(slots=True)
class Found:
    """One finding: a person, record, commune or declaration, with the rows behind it."""

    subject: str
    traces: list[Trace] = field(default_factory=list)
    about: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings; ``rows`` by area where asked. A person can be in two rows, once in the count."""

    count: int
    rows: dict[str, int] | None = None


def limits(rule: Rule, scope: Scope, days: int | None = None) -> dict[str, Any]:
    """The rule's settings on the day as a statement takes them; ``days`` replaces its limit."""
    given = settings(rule.code, scope.day)
    found: dict[str, Any] = {
        name: text.split(";") for name, text in given.items() if name in ("statuses", "excused")
    }
    if "days" in given:
        found["days"] = int(given["days"]) if days is None else days
    return found


async def tally(connection: Connection, rule: Rule, scope: Scope, days: int | None = None) -> Tally:
    """Count a rule's findings in the area, and by area where ``scope.by`` asks for it."""
    query = (
        f"{_here(rule, scope)} SELECT grouping(part) = 1, part, count(DISTINCT subject) FROM here"
        " GROUP BY GROUPING SETS ((), (part))"
    )
    found = await _rows(connection, query, _values(rule, scope, days))
    count = next((number for whole, _, number in found if whole), 0)
    if scope.by is None:
        return Tally(count)
    rows = dict.fromkeys(scope.territory().parts, 0)
    named = {UNKNOWN if part is None else part: number for whole, part, number in found if not whole}
    rows |= {part: named[part] for part in sorted(named, key=place_of_row)}
    return Tally(count, rows)


async def listed(
    connection: Connection,
    rule: Rule,
    scope: Scope,
    days: int | None = None,
    *,
    after: str = "",
    limit: int | None = None,
) -> list[Found]:
    """The findings after a subject, in the order of subjects, at most ``limit`` of them (None = all)."""
    query = (
        f"{_here(rule, scope)} SELECT subject, record_id, area, unit, facility, since FROM here"
        " WHERE subject IN (SELECT DISTINCT subject FROM here WHERE subject > %(after)s"
        " ORDER BY subject LIMIT %(limit)s) ORDER BY subject, since, record_id"
    )
    values = _values(rule, scope, days) | {"after": after, "limit": limit}
    found: dict[str, Found] = {}
    for subject, *trace in await _rows(connection, query, values):
        found.setdefault(subject, Found(subject)).traces.append(Trace(*trace))
    return list(found.values())


def _here(rule: Rule, scope: Scope) -> str:
    """Every row behind a finding of the rule in the area, with its row ``part`` of a split by area.

    Rows of people of divided communes go where figures count them: to the person's own later address.
    """
    statement = STATEMENTS[rule.code].replace("{known}", known("s", scope))
    ctes = [
        "home AS (SELECT * FROM unnest(%(uids)s::text[], %(parts)s::text[]) AS h (uid, part))",
        "commune AS (SELECT * FROM unnest(%(communes)s::text[], %(commune_units)s::text[]) AS c (uid, unit))",
        "carried AS (SELECT * FROM unnest(%(carried)s::text[], %(into)s::text[]) AS k (uid, commune))",
        *needed(statement, parts(lambda alias: known(alias, scope))),
        f"finding AS MATERIALIZED ({statement})",
    ]
    part, inside, moved = "home.part", "home.uid IS NOT NULL OR f.area IS NULL AND %(whole)s", ""
    if scope.territory().follows:
        ctes += addresses_followed("finding", scope)
        part, inside = f"coalesce(moved.part, {part})", f"coalesce(moved.inside, {inside})"
        moved = " LEFT JOIN moved ON moved.who = f.who AND moved.area = f.area"
    here = (
        f"SELECT f.*, {part} AS part FROM finding f LEFT JOIN home ON home.uid = f.area{moved} WHERE {inside}"
    )
    return f"WITH {', '.join(ctes)}, here AS MATERIALIZED ({here})"


def _values(rule: Rule, scope: Scope, days: int | None) -> dict[str, Any]:
    land = scope.territory()
    book = area_book()
    province = default_province(scope.hierarchy)
    communes = [] if province is None else book.communes(province, scope.hierarchy)
    into: Mapping[str, str] = commune_of(scope.hierarchy)
    first = scope.first or scope.day
    return (
        limits(rule, scope, days)
        | parameters(scope)
        | land_parameters(scope, land)
        | {
            "first": first,
            "until": scope.known_at or FOREVER,
            "from_instant": start_of_day(first),
            "to_instant": start_of_day(scope.day + timedelta(days=1)),
            "communes": [commune.uid for commune in communes],
            "commune_units": [f"police:{commune.code}" for commune in communes],
            "carried": list(into),
            "into": list(into.values()),
        }
    )


async def _rows(connection: Connection, query: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query.encode(), values)
        return await cursor.fetchall()
