"""SQL statements of a reconciliation: declarations, record versions, links, and evidence about persons."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.persistence import Cte, Statement, all_of
from services.reporting.facts import FOREVER
from services.reporting.figures import Scope, known

_VERSION = "record_id, form, grp, sequence, recorded_at, data"


def declared(figure: str | None, known_at: datetime | None) -> Statement:
    """Return the statement of what agencies declared for a figure (None = for any); see ``domain.choice.Declared``."""
    holds = "s.known_from <= %(at)s AND s.known_to > %(at)s"
    if known_at is None:
        holds = "s.known_to = %(forever)s"
    return Statement(
        "declared",
        f"""
        SELECT
            s.agency, s.figure, s.area, coalesce(s.as_of, s.period_to), s.period_from, s.value, s.declared_on,
            s.source, s.unit, s.record_id, s.known_from
        FROM declaration AS s
        WHERE (%(figure)s::text IS NULL OR s.figure = %(figure)s)
          AND {holds}
          AND coalesce(s.as_of, s.period_to) IS NOT NULL
        ORDER BY s.figure, s.record_id
        """,
        doc="Declared figures (số liệu báo cáo) as known at the instant.",
        parameters={"figure": figure, "at": known_at, "forever": FOREVER},
    )


def versions_of_records(record_ids: Iterable[UUID]) -> Statement:
    """Return the statement of all versions of the records, by record and sequence."""
    return Statement(
        "versions_of_records",
        f"""
        SELECT {_VERSION}
        FROM version
        WHERE record_id = ANY(%(ids)s::uuid[])
        ORDER BY record_id, sequence
        """,
        doc="All versions of the records.",
        parameters={"ids": list(record_ids)},
    )


def versions_of_groups(groups: Collection[str]) -> Statement:
    """Return the statement of all versions of every record that ever belonged to one of the timelines."""
    return Statement(
        "versions_of_groups",
        f"""
        SELECT {_VERSION}
        FROM version
        WHERE record_id IN (
            SELECT record_id
            FROM version
            WHERE grp = ANY(%(groups)s)
        )
        ORDER BY record_id, sequence
        """,
        doc="All versions of every record that ever belonged to one of the timelines.",
        parameters={"groups": list(groups)},
    )


def names(refs: Collection[UUID], at: datetime) -> Statement:
    """Return the statement of the references that named each person at an instant of record time."""
    return Statement(
        "names",
        """
        SELECT ref, person
        FROM person
        WHERE ref = ANY(%(refs)s::uuid[])
          AND known_from <= %(at)s
          AND known_to > %(at)s
        """,
        doc="References that went by another name than their own at the instant, each with that name.",
        parameters={"refs": list(refs), "at": at},
    )


def linked(refs: Collection[UUID], at: datetime) -> Statement:
    """Return the statement of the references that the person index knew at an instant of record time."""
    return Statement(
        "linked",
        """
        SELECT DISTINCT ref
        FROM link
        WHERE ref = ANY(%(refs)s::uuid[])
          AND basis NOT IN ('contradiction', 'structure', 'too_many')
          AND known_from <= %(at)s
        """,
        doc="References that the person index had linked by the instant.",
        parameters={"refs": list(refs), "at": at},
    )


_REFERENCES = Cte(
    "reference",
    """
    SELECT who, who AS ref
    FROM unnest(%(people)s::uuid[]) AS given (who)
    UNION
    SELECT person.person, person.ref
    FROM person
    WHERE person.person = ANY(%(people)s::uuid[])
      AND person.known_from <= %(after)s
      AND person.known_to > %(before)s
    """,
    doc="Every reference by which one of the people was known at either instant.",
)


def evidence(people: Collection[UUID], before: datetime, after: datetime) -> Statement:
    """Return the statement of the records with presence statements or conclusions about people; by person, record."""
    return Statement(
        "evidence",
        """
        SELECT reference.who, presence.record_id
        FROM reference
        JOIN presence ON presence.person_ref = reference.ref
        UNION
        SELECT reference.who, slip.record_id
        FROM reference
        JOIN fact AS slip ON slip.person_ref = reference.ref AND slip.kind = 'slip'
        ORDER BY 1, 2
        """,
        doc="Records that tell of the people's presence or conclude about them.",
        needs=("reference",),
        sets=(_REFERENCES,),
        parameters={"people": list(people), "before": before, "after": after},
    )


def listings(facilities: Collection[str]) -> Statement:
    """Return the statement of the records that list facilities; by code, record."""
    return Statement(
        "listings",
        """
        SELECT DISTINCT facility, record_id
        FROM spell
        WHERE kind = 'facility'
          AND facility = ANY(%(codes)s)
        ORDER BY 1, 2
        """,
        doc="Records that list the facilities.",
        parameters={"codes": list(facilities)},
    )


def _of_persons(source: str, columns: str, scope: Scope, *conditions: str) -> str:
    """Return a query of rows about persons: the human being, then ``columns`` of the row ``s``; all conditions hold."""
    return f"""
        SELECT coalesce(person.person, s.person_ref) AS who, {columns}
        FROM {source} AS s
        LEFT JOIN person ON person.ref = s.person_ref AND {known("person", scope)}
        WHERE {all_of(*conditions)}
        """


def _day_values(scope: Scope, **more: Any) -> dict[str, Any]:
    return {"day": scope.day, "known": scope.known_at, "forever": FOREVER} | more


_ON_DAY = ("s.valid_from <= %(day)s", "s.valid_to > %(day)s")


def conclusions(scope: Scope) -> Statement:
    """Return the statement of everybody's latest conclusion up to the day; columns: who, conclusion, its day."""
    conditions = ("s.kind = 'slip'", "s.occurred_on <= %(day)s", known("s", scope))
    return Statement(
        "conclusions",
        """
        SELECT DISTINCT ON (who) who, code, occurred_on
        FROM slip
        ORDER BY who, occurred_on DESC, record_id DESC
        """,
        doc="The latest determination about each human being up to the day.",
        needs=("slip",),
        sets=(
            Cte(
                "slip",
                _of_persons("fact", "s.code, s.occurred_on, s.record_id", scope, *conditions),
                doc="Determinations up to the day.",
            ),
        ),
        parameters=_day_values(scope),
    )


def addresses(scope: Scope) -> Statement:
    """Return the statement of every address of a human being around the day; columns: who, area."""
    somebody = ("s.area IS NOT NULL", known("s", scope))
    return Statement(
        "addresses",
        """
        SELECT who, area
        FROM address_of_state
        UNION
        SELECT who, area
        FROM address_of_slip
        """,
        doc="Every commune that a state of theirs on the day, or a slip of the year before it, names.",
        needs=("address_of_state", "address_of_slip"),
        sets=(
            Cte(
                "address_of_state",
                _of_persons("spell", "s.area", scope, "s.person_ref IS NOT NULL", *somebody, *_ON_DAY),
                doc="Communes that their states on the day name.",
            ),
            Cte(
                "address_of_slip",
                _of_persons(
                    "fact",
                    "s.area",
                    scope,
                    "s.kind = 'slip'",
                    *somebody,
                    "s.occurred_on > %(day)s::date - 365",
                    "s.occurred_on <= %(day)s",
                ),
                doc="Communes that slips of the year up to the day name.",
            ),
        ),
        parameters=_day_values(scope),
    )


def in_state(scope: Scope, kinds: Sequence[str]) -> Statement:
    """Return the statement of everybody who is in a state of these kinds on the day; column: who."""
    conditions = ("s.kind = ANY(%(kinds)s)", "s.person_ref IS NOT NULL", *_ON_DAY, known("s", scope))
    return Statement(
        "in_state",
        """
        SELECT DISTINCT who
        FROM somebody
        """,
        doc="Everybody who is in a state of these kinds on the day, wherever.",
        needs=("somebody",),
        sets=(
            Cte(
                "somebody",
                _of_persons("spell", "s.kind", scope, *conditions),
                doc="States of these kinds on the day.",
            ),
        ),
        parameters=_day_values(scope, kinds=list(kinds)),
    )
