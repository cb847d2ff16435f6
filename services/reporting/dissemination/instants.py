"""Find the instants of record time at which a figure may have changed: a row behind it became known, or stopped to be."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from reference import FIGURES
from services.chassis.persistence import Cte, Statement, all_of
from services.reporting.facts import FOREVER, Connection, fetch
from services.reporting.figures import (
    DEFINITIONS,
    DRUG_PROBLEM,
    TARGETS,
    Definition,
    Question,
    scope_of,
)


async def instants_of(
    connection: Connection, question: Question, limit: int, since: datetime | None = None
) -> list[datetime]:
    """Return every instant from ``since`` on at which the answer may be another one than just before, in order.

    At most ``limit`` + 1 of them. More than the answer's own changes, never fewer: rows of other facilities or classes
    may be among them. Example: a slip recorded on 3 May and corrected on 8 June yields both instants.
    """
    figure = question.figure
    codes = [figure.code] if figure.kind != "ratio" else [figure.numerator or "", figure.denominator or ""]
    found: set[datetime] = set()
    for code in codes:
        found |= {at for (at,) in await fetch(connection, changes(code, question, limit, since))}
    return sorted(found)[: limit + 1]


def changes(code: str, question: Question, limit: int, since: datetime | None = None) -> Statement:
    """Return the statement of the instants for a figure that is no ratio; column: the instant."""
    land = scope_of(question).territory()
    values: dict[str, Any] = {
        "day": question.day,
        "first": question.first,
        "areas": [*land.row_of, *(pair.split_area for pair in land.attributions)],
        "successors": [pair.successor for pair in land.attributions],
        "forever": FOREVER,
        "since": since,
        # One more than allowed, so that the caller can tell too many from just enough.
        "limit": limit + 1,
    }
    if code in DEFINITIONS:
        definition = DEFINITIONS[code]
        values["kinds"] = list(definition.kinds)
        by_facility = definition.area == "facility" or question.area_of == "facility"
        sets = [_counted(definition, by_facility=by_facility), *_SOURCES]
        sources = _sources(definition, question, by_facility=by_facility, attributed=bool(land.attributions))
    elif code in TARGETS:
        values["figure"] = TARGETS[code]
        sets, sources = [_TARGET], ["target_row"]
    else:
        assert code in FIGURES
        sets, sources = [*_OF_COMMUNES], ["problem_row" if code in DRUG_PROBLEM else "class_row"]
    return Statement(
        "changes",
        """
        SELECT DISTINCT at
        FROM (
            SELECT known_from FROM believed
            UNION
            SELECT known_to FROM believed
        ) AS both_ends (at)
        WHERE at < %(forever)s
          AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
        ORDER BY at
        LIMIT %(limit)s
        """,
        doc="Instants at which something that the figure rests on became known or ceased to be believed.",
        needs=("believed",),
        sets=[*sets, _believed(sources)],
        parameters=values,
    )


def _believed(sources: Sequence[str]) -> Cte:
    return Cte(
        "believed",
        "\nUNION ALL\n".join(f"SELECT known_from, known_to FROM {name}" for name in sources),
        doc="When each row that the figure rests on was believed: [known_from, known_to).",
        needs=tuple(sources),
    )


def _sources(definition: Definition, question: Question, *, by_facility: bool, attributed: bool) -> list[str]:
    """Return the names of the sets of rows that the value of a figure depends on."""
    found = ["counted"]
    if by_facility:
        found.append("facility_row")
    # A new link can make two records belong to one person, which changes a count of persons.
    if definition.count == "person" or attributed:
        found += ["name_row", "link_row"]
    if definition.present is not None or "presence" in scope_of(question).dimensions:
        found.append("presence_row")
    if attributed and not by_facility:
        found += ["address_of_state", "address_of_event"]
    if definition.concluded:
        found.append("conclusion_row")
    return found


def _counted(definition: Definition, *, by_facility: bool) -> Cte:
    time = "s.occurred_on BETWEEN %(first)s AND %(day)s"
    if definition.source == "spell":
        time = "s.valid_from <= %(day)s AND s.valid_to > %(day)s"
    return Cte(
        "counted",
        f"""
        SELECT s.person_ref, s.known_from, s.known_to
        FROM {definition.source} AS s
        WHERE s.kind = ANY(%(kinds)s)
          AND {time}
          AND {"true" if by_facility else "s.area = ANY(%(areas)s)"}
        """,
        doc="Rows that the figure counts or ever counted.",
    )


def _of_references(name: str, table: str, column: str, doc: str, *conditions: str) -> Cte:
    """Return a set of the rows of a table that are about references of the counted persons."""
    return Cte(
        name,
        f"""
        SELECT s.known_from, s.known_to
        FROM {table} AS s
        WHERE {all_of(*conditions, f"s.{column} IN (SELECT ref FROM reference)")}
        """,
        doc=doc,
        needs=("reference",),
    )


_SOURCES = (
    Cte(
        "name",
        """
        SELECT person_ref AS who
        FROM counted
        UNION
        SELECT person.person
        FROM person
        WHERE person.ref IN (SELECT person_ref FROM counted)
        """,
        doc="The names (of the person index) that the counted people ever went by.",
        needs=("counted",),
    ),
    Cte(
        "reference",
        """
        SELECT who AS ref
        FROM name
        UNION
        SELECT person.ref
        FROM person
        WHERE person.person IN (SELECT who FROM name)
        """,
        doc="Everybody who ever went by one of these names.",
        needs=("name",),
    ),
    Cte(
        "facility_row",
        """
        SELECT s.known_from, s.known_to
        FROM spell AS s
        WHERE s.kind = 'facility'
        """,
        doc="Where facilities were.",
    ),
    _of_references("name_row", "person", "ref", "Which names they went by when."),
    # A withdrawn link makes no human being any more, but earlier answers were computed with it.
    _of_references("link_row", "link", "ref", "Links between them, withdrawn ones as well."),
    _of_references(
        "presence_row", "presence", "person_ref", "Statements about where they are.", "s.from_on <= %(day)s"
    ),
    _of_references(
        "address_of_state",
        "spell",
        "person_ref",
        "Their states in successors.",
        "s.area = ANY(%(successors)s)",
    ),
    _of_references(
        "address_of_event",
        "fact",
        "person_ref",
        "Their events in successors.",
        "s.area = ANY(%(successors)s)",
    ),
    Cte(
        "conclusion_row",
        """
        SELECT s.known_from, s.known_to
        FROM fact AS s
        WHERE s.kind = 'slip'
          AND s.code = 'addicted'
          AND s.occurred_on <= %(day)s
        """,
        doc="Determinations that conclude an addiction.",
    ),
)
_TARGET = Cte(
    "target_row",
    """
    SELECT known_from, known_to
    FROM target
    WHERE figure = %(figure)s
    """,
    doc="Targets (chỉ tiêu) for the figure.",
)
_OF_COMMUNES = (
    Cte(
        "problem_row",
        """
        SELECT s.known_from, s.known_to
        FROM spell AS s
        WHERE s.kind IN ('status', 'place')
          AND s.valid_from <= %(day)s
          AND s.valid_to > %(day)s
          AND s.area = ANY(%(areas)s)
        UNION ALL
        SELECT s.known_from, s.known_to
        FROM fact AS s
        WHERE s.kind = 'case_detected'
          AND s.occurred_on BETWEEN date_trunc('year', %(day)s::date) AND %(day)s
          AND s.area = ANY(%(areas)s)
        """,
        doc="Rows that give a commune a drug problem.",
    ),
    Cte(
        "class_row",
        """
        SELECT s.known_from, s.known_to
        FROM spell AS s
        WHERE s.kind LIKE 'class_%%'
          AND s.valid_from <= %(day)s
          AND s.valid_to > %(day)s
          AND s.area = ANY(%(areas)s)
        """,
        doc="Classes of communes.",
    ),
)
