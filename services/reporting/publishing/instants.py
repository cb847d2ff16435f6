"""When (record time) a figure may have changed: the instants at which anything it counts became known or ceased to be."""

from datetime import datetime
from typing import Any

from psycopg.rows import tuple_row

from contracts.figures import FIGURES
from services.reporting.figures.definitions import DEFINITIONS, DRUG_PROBLEM, TARGETS, Definition
from services.reporting.figures.questions import Question
from services.reporting.figures.territory import territory
from services.reporting.projections.model import FOREVER
from services.reporting.repository import Connection

_PERSONS = (
    "SELECT x.ref, x.known_from, x.known_to FROM person x WHERE x.ref IN (SELECT person_ref FROM counted)"
    " OR x.person IN (SELECT person_ref FROM counted)"
)


async def instants_of(connection: Connection, question: Question, limit: int) -> list[datetime]:
    """Every instant at which the answer may be another one than just before, in order; at most ``limit`` + 1.

    More than the answer's own changes, never fewer: rows of other facilities or classes may be among them.
    """
    figure = question.figure
    codes = [figure.code] if figure.kind != "ratio" else [figure.numerator or "", figure.denominator or ""]
    found: set[datetime] = set()
    for code in codes:
        found |= await _instants(connection, code, question, limit)
    return sorted(found)[: limit + 1]


async def _instants(connection: Connection, code: str, question: Question, limit: int) -> set[datetime]:
    land = territory(question.area.uid, question.geography or question.day, None)
    values: dict[str, Any] = {
        "day": question.day,
        "first": question.first,
        "areas": list(land.row_of),
        "forever": FOREVER,
        "limit": limit + 1,
    }
    if code in DEFINITIONS:
        statement = _of_rows(DEFINITIONS[code], question)
        values["kinds"] = list(DEFINITIONS[code].kinds)
    elif code in TARGETS:
        statement = "SELECT known_from, known_to FROM target WHERE figure = %(figure)s"
        values["figure"] = TARGETS[code]
    else:
        statement = _of_communes(code)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            f"WITH rows AS ({statement}) SELECT DISTINCT at FROM (SELECT known_from FROM rows"
            " UNION SELECT known_to FROM rows) both_ends (at) WHERE at < %(forever)s ORDER BY at LIMIT %(limit)s".encode(),
            values,
        )
        return {at for (at,) in await cursor.fetchall()}


def _of_rows(definition: Definition, question: Question) -> str:
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
    if definition.count == "person":
        parts.append(f"SELECT p.known_from, p.known_to FROM ({_PERSONS}) p")
    if definition.present is not None or question.by == "presence":
        parts.append(
            "SELECT y.known_from, y.known_to FROM presence y WHERE y.from_on <= %(day)s"
            f" AND (y.person_ref IN (SELECT person_ref FROM counted) OR y.person_ref IN (SELECT ref FROM ({_PERSONS}) p))"
        )
    if definition.concluded:
        parts.append(
            "SELECT c.known_from, c.known_to FROM fact c WHERE c.kind = 'slip' AND c.code = 'addicted'"
            " AND c.occurred_on <= %(day)s"
        )
    return f"WITH counted AS ({counted}) {' UNION ALL '.join(parts)}"


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
