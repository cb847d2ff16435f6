"""Subjects: the human beings and records whose contributions are computed, and the rows about them that are known now.

Filling reads the rows of all subjects, maintenance those of the marked subjects, a question those of the subjects that
maintenance has not reached. So the sets ``state``, ``event`` and ``presence_statement`` exist in two forms:
`ROWS_OF_ALL` and `ROWS_OF_SUBJECTS`. `contributions` derives the same from either.
"""

from collections.abc import Iterable

from services.chassis.persistence import Cte
from services.reporting.facts import FOREVER

_CURRENT = f"known_to = '{FOREVER.isoformat()}'"

SUBJECTS = (
    Cte(
        "subject",
        f"""
        SELECT ref AS subject
        FROM mark
        UNION
        SELECT person.person
        FROM mark
        JOIN person ON person.ref = mark.ref AND person.{_CURRENT}
        """,
        # A human being's name is one of their references, and a change of links marks every reference of all concerned.
        doc="Human beings and records whose contributions may have changed when the marked references (mark) were touched.",
        needs=("mark",),
    ),
    Cte(
        "subject_reference",
        f"""
        SELECT subject.subject, subject.subject AS ref
        FROM subject
        WHERE NOT EXISTS (
            SELECT
            FROM person
            WHERE person.ref = subject.subject
              AND person.{_CURRENT}
        )
        UNION ALL
        SELECT person.person, person.ref
        FROM subject
        JOIN person ON person.person = subject.subject AND person.{_CURRENT}
        """,
        doc="Every reference of each of these subjects now.",
        needs=("subject",),
    ),
)
"""The sets of subjects that the marked references concern; the statement defines ``mark`` (ref)."""

_COLUMNS = {
    "spell": "s.record_id, s.kind, s.code, s.area, s.facility, s.attrs, s.known_from, s.valid_from, s.valid_to",
    "fact": "s.record_id, s.kind, s.code, s.area, s.facility, s.attrs, s.known_from, s.occurred_on, s.reason",
}
_STATED = "s.presence, s.from_on, s.rank, s.stated_on, s.record_id"
_SETS = {"spell": "state", "fact": "event"}


def _rows_of_subjects() -> Iterable[Cte]:
    for table, columns in _COLUMNS.items():
        yield Cte(
            _SETS[table],
            f"""
            SELECT reference.subject, {columns}
            FROM subject_reference AS reference
            JOIN {table} AS s ON s.person_ref = reference.ref
            WHERE s.{_CURRENT}
            UNION ALL
            SELECT s.record_id, {columns}
            FROM subject
            JOIN {table} AS s ON s.record_id = subject.subject
            WHERE s.person_ref IS NULL
              AND s.{_CURRENT}
            """,
            doc=f"Each {_SETS[table]} known now of these subjects.",
            needs=("subject", "subject_reference"),
            materialized=True,
        )
    yield Cte(
        "presence_statement",
        f"""
        SELECT reference.subject, {_STATED}
        FROM subject_reference AS reference
        JOIN presence AS s ON s.person_ref = reference.ref
        WHERE s.{_CURRENT}
        """,
        doc="Statements known now about where these human beings are.",
        needs=("subject_reference",),
        materialized=True,
    )


def _rows_of_all() -> Iterable[Cte]:
    for table, columns in _COLUMNS.items():
        yield Cte(
            _SETS[table],
            f"""
            SELECT coalesce(person.person, s.person_ref, s.record_id) AS subject, {columns}
            FROM {table} AS s
            LEFT JOIN person ON person.ref = s.person_ref AND person.{_CURRENT}
            WHERE s.{_CURRENT}
            """,
            doc=f"Each {_SETS[table]} known now.",
            materialized=False,
        )
    yield Cte(
        "presence_statement",
        f"""
        SELECT coalesce(person.person, s.person_ref) AS subject, {_STATED}
        FROM presence AS s
        LEFT JOIN person ON person.ref = s.person_ref AND person.{_CURRENT}
        WHERE s.{_CURRENT}
        """,
        doc="Statements known now about where human beings are.",
        materialized=False,
    )


ROWS_OF_SUBJECTS = (*SUBJECTS, *_rows_of_subjects())
"""The sets ``state``, ``event`` and ``presence_statement`` of the marked subjects."""
ROWS_OF_ALL = tuple(_rows_of_all())
"""The same sets of everybody."""
