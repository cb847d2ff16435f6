"""When (record time) a figure may have changed: the instants at which anything it counts became known or ceased to be."""

from datetime import datetime
from typing import Any

from psycopg.rows import tuple_row

from reference import FIGURES
from services.reporting.facts import FOREVER, Connection
from services.reporting.figures import (
    AREA_DIMENSIONS,
    DEFINITIONS,
    DRUG_PROBLEM,
    TARGETS,
    Definition,
    Question,
    territory,
)

# The names that the counted ever went by, and everybody who ever went by one of them.
_THEIRS = (
    "name AS (SELECT person_ref AS who FROM counted UNION SELECT p.person FROM person p"
    " WHERE p.ref IN (SELECT person_ref FROM counted)),"
    " theirs AS (SELECT who AS ref FROM name UNION SELECT p.ref FROM person p WHERE p.person IN (SELECT who FROM name))"
)


async def instants_of(
    connection: Connection, question: Question, limit: int, since: datetime | None = None
) -> list[datetime]:
    """Every instant from ``since`` on at which the answer may be another one than just before, in order.

    At most ``limit`` + 1 of them. More than the answer's own changes, never fewer: rows of other facilities or classes may be among them.
    """
    figure = question.figure
    codes = [figure.code] if figure.kind != "ratio" else [figure.numerator or "", figure.denominator or ""]
    found: set[datetime] = set()
    for code in codes:
        found |= await _instants(connection, code, question, limit, since)
    return sorted(found)[: limit + 1]


async def _instants(
    connection: Connection, code: str, question: Question, limit: int, since: datetime | None
) -> set[datetime]:
    by = question.by if question.by in AREA_DIMENSIONS else None
    land = territory(question.area.uid, question.hierarchy, by, question.day)
    values: dict[str, Any] = {
        "day": question.day,
        "first": question.first,
        "areas": [*land.row_of, *(pair.uid for pair in land.follows)],
        "heirs": [pair.heir for pair in land.follows],
        "forever": FOREVER,
        "since": since,
        "limit": limit + 1,
    }
    if code in DEFINITIONS:
        statement = _of_rows(DEFINITIONS[code], question, follows=bool(land.follows))
        values["kinds"] = list(DEFINITIONS[code].kinds)
    elif code in TARGETS:
        statement = "SELECT known_from, known_to FROM target WHERE figure = %(figure)s"
        values["figure"] = TARGETS[code]
    else:
        statement = _of_communes(code)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            f"WITH rows AS ({statement}) SELECT DISTINCT at FROM (SELECT known_from FROM rows"
            " UNION SELECT known_to FROM rows) both_ends (at) WHERE at < %(forever)s"
            " AND (%(since)s::timestamptz IS NULL OR at >= %(since)s) ORDER BY at LIMIT %(limit)s".encode(),
            values,
        )
        return {at for (at,) in await cursor.fetchall()}


def _of_rows(definition: Definition, question: Question, *, follows: bool) -> str:
    by_facility = definition.area == "facility" or question.area_of == "facility"
    time = (
        "s.valid_from <= %(day)s AND s.valid_to > %(day)s"
        if definition.source == "spell"
        else "s.occurred_on BETWEEN %(first)s AND %(day)s"
    )
    here = "true" if by_facility else "s.area = ANY(%(areas)s)"
    counted = (
        f"SELECT s.person_ref, s.known_from, s.known_to FROM {definition.source} s"
        f" WHERE s.kind = ANY(%(kinds)s) AND {time} AND {here}"
    )
    parts = ["SELECT known_from, known_to FROM counted"]
    if by_facility:
        parts.append("SELECT s.known_from, s.known_to FROM spell s WHERE s.kind = 'facility'")
    if definition.count == "person" or follows:
        parts.append("SELECT p.known_from, p.known_to FROM person p WHERE p.ref IN (SELECT ref FROM theirs)")
        # A link that was withdrawn is in nobody's history any more; it was in an answer that was given before.
        parts.append("SELECT l.known_from, l.known_to FROM link l WHERE l.ref IN (SELECT ref FROM theirs)")
    if definition.present is not None or question.by == "presence":
        parts.append(
            "SELECT y.known_from, y.known_to FROM presence y WHERE y.from_on <= %(day)s"
            " AND y.person_ref IN (SELECT ref FROM theirs)"
        )
    if follows and not by_facility:
        parts += [
            f"SELECT x.known_from, x.known_to FROM {table} x WHERE x.area = ANY(%(heirs)s)"
            " AND x.person_ref IN (SELECT ref FROM theirs)"
            for table in ("spell", "fact")
        ]
    if definition.concluded:
        parts.append(
            "SELECT c.known_from, c.known_to FROM fact c WHERE c.kind = 'slip' AND c.code = 'addicted'"
            " AND c.occurred_on <= %(day)s"
        )
    return f"WITH counted AS ({counted}), {_THEIRS} {' UNION ALL '.join(parts)}"


def _of_communes(code: str) -> str:
    if code in DRUG_PROBLEM:
        return (
            "SELECT s.known_from, s.known_to FROM spell s WHERE s.kind IN ('status', 'place')"
            " AND s.valid_from <= %(day)s AND s.valid_to > %(day)s AND s.area = ANY(%(areas)s)"
            " UNION ALL SELECT s.known_from, s.known_to FROM fact s WHERE s.kind = 'case_detected'"
            " AND s.occurred_on BETWEEN date_trunc('year', %(day)s::date) AND %(day)s AND s.area = ANY(%(areas)s)"
        )
    assert code in FIGURES
    return (
        "SELECT s.known_from, s.known_to FROM spell s WHERE s.kind LIKE 'class_%%'"
        " AND s.valid_from <= %(day)s AND s.valid_to > %(day)s AND s.area = ANY(%(areas)s)"
    )
