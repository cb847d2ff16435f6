"""Named SQL sets that the cross-register checks read: persons registered, in treatment, with a conclusion, and so on.

Every set of persons has the column ``who``: the human being by the person index at the instant asked, as in figures. The
sets are MATERIALIZED (computed once in a statement), because most checks read one of them several times.
"""

from services.chassis.persistence import Cte, all_of
from services.reporting.figures import HOME, Scope, known

_ON_DAY = "s.valid_from <= %(day)s AND s.valid_to > %(day)s"
_UP_TO_DAY = "s.occurred_on <= %(day)s"


def check_sets(scope: Scope) -> tuple[Cte, ...]:
    """Return every set that a check may read, with the knowledge that the question asks for."""
    return (
        HOME,
        *_COMMUNES,
        *_states(scope),
        *_events(scope),
        *_treatment(scope),
        _latest("stated", "the latest statement about them by anybody", scope),
        _latest("registered", "the latest statement of the register itself", scope, "s.rank = 0"),
        *_records(scope),
        _pending(scope),
    )


_COMMUNES = (
    Cte(
        "commune",
        """
        SELECT uid, unit
        FROM unnest(%(communes)s::text[], %(commune_units)s::text[]) AS commune (uid, unit)
        """,
        doc="Communes of the province in the hierarchy asked, each with its police unit.",
    ),
    Cte(
        "carried",
        """
        SELECT uid, commune
        FROM unnest(%(carried)s::text[], %(into)s::text[]) AS carried (uid, commune)
        """,
        doc="Areas of any time, each with the one commune of the hierarchy asked that it is or surely belongs to.",
    ),
)


def _persons(
    name: str,
    source: str,
    conditions: tuple[str, ...],
    doc: str,
    scope: Scope,
    *,
    columns: str = "s.*",
    materialized: bool = True,
) -> Cte:
    """Return a set of rows about persons from ``source`` (spell or fact) for which all ``conditions`` on ``s`` hold."""
    return Cte(
        name,
        f"""
        SELECT {columns}, coalesce(person.person, s.person_ref) AS who
        FROM {source} AS s
        LEFT JOIN person ON person.ref = s.person_ref AND {known("person", scope)}
        WHERE {all_of(*conditions, known("s", scope))}
        """,
        doc=doc,
        materialized=materialized,
    )


def _states(scope: Scope) -> tuple[Cte, ...]:
    return (
        _persons(
            "listed",
            "spell",
            ("s.kind = 'status'", _ON_DAY),
            "Persons on the police's register on the day.",
            scope,
        ),
        _persons(
            "on_methadone",
            "spell",
            ("s.kind = 'methadone'", _ON_DAY),
            "Patients on methadone on the day.",
            scope,
        ),
        _persons(
            "in_detox",
            "spell",
            ("s.kind = 'detox'", _ON_DAY),
            "Persons in detox (cai nghiện) on the day.",
            scope,
        ),
        _persons(
            "in_post_detox",
            "spell",
            ("s.kind = 'post_detox'", _ON_DAY),
            "Persons managed after detox (quản lý sau cai) on the day.",
            scope,
        ),
    )


def _events(scope: Scope) -> tuple[Cte, ...]:
    died = "s.reason = 'died'"
    return (
        _persons(
            "slip",
            "fact",
            ("s.kind = 'slip'", _UP_TO_DAY),
            "Determinations of addiction up to the day.",
            scope,
        ),
        _persons(
            "left_site",
            "fact",
            ("s.kind = 'methadone_left'", "s.reason = 'transferred'", _UP_TO_DAY),
            "Patients transferred away from a methadone site up to the day.",
            scope,
        ),
        _persons(
            "died_in_detox",
            "fact",
            ("s.kind = 'detox_ended'", died, _UP_TO_DAY),
            "Persons who died in detox up to the day.",
            scope,
        ),
        _persons(
            "died_on_methadone",
            "fact",
            ("s.kind = 'methadone_left'", died, _UP_TO_DAY),
            "Patients who died on methadone up to the day.",
            scope,
        ),
    )


def _treatment(scope: Scope) -> tuple[Cte, ...]:
    entry = ("s.kind IN ('methadone_entered', 'detox_admitted')", _UP_TO_DAY)
    return (
        _persons("entered", "fact", entry, "Entries into methadone or detox treatment up to the day.", scope),
        _persons(
            "treatment_stay",
            "spell",
            ("s.kind IN ('methadone', 'detox')", "s.valid_from <= %(day)s"),
            "Stays in methadone or detox treatment that began up to the day.",
            scope,
            columns="s.record_id, s.facility, s.valid_from, s.valid_to",
            materialized=False,
        ),
        _persons(
            "treatment_entry",
            "fact",
            entry,
            "The first day of each of them: a stay that ends on its first day leaves no state.",
            scope,
            columns="s.record_id, s.facility, s.occurred_on AS valid_from, s.occurred_on + 1 AS valid_to",
            materialized=False,
        ),
        Cte(
            "treated",
            """
            SELECT who, record_id, facility, valid_from, valid_to
            FROM treatment_stay
            UNION ALL
            SELECT who, record_id, facility, valid_from, valid_to
            FROM treatment_entry
            """,
            doc="When each person was in methadone or detox treatment.",
            needs=("treatment_stay", "treatment_entry"),
            materialized=True,
        ),
    )


def _latest(name: str, what: str, scope: Scope, condition: str = "true") -> Cte:
    """Return the set with each person's latest statement of presence, chosen as figures do (``figures.row_sets``)."""
    return Cte(
        name,
        f"""
        SELECT DISTINCT ON (who)
            coalesce(person.person, s.person_ref) AS who, s.presence, s.record_id, s.from_on
        FROM presence AS s
        LEFT JOIN person ON person.ref = s.person_ref AND {known("person", scope)}
        WHERE s.from_on <= %(day)s
          AND {known("s", scope)}
          AND {condition}
        ORDER BY who, s.from_on DESC, s.rank DESC, s.stated_on DESC, s.record_id DESC
        """,
        doc=f"Where each human being is on the day: {what}.",
        materialized=True,
    )


def _pending(scope: Scope) -> Cte:
    return Cte(
        "pending",
        f"""
        SELECT s.ref
        FROM link AS s
        WHERE s.basis IN ('contradiction', 'structure', 'too_many')
          AND NOT s.withdrawn
          AND {known("s", scope)}
        """,
        doc="References with a national ID of which a clerk has to decide whom it joins.",
        materialized=True,
    )


def _records(scope: Scope) -> tuple[Cte, ...]:
    """Return the sets of rows that are about no person."""
    return (
        Cte(
            "site",
            f"""
            SELECT s.facility, s.valid_from, s.valid_to
            FROM spell AS s
            WHERE s.kind = 'facility'
              AND {known("s", scope)}
            """,
            doc="Facilities, and when each was listed.",
            materialized=True,
        ),
        Cte(
            "detected_case",
            f"""
            SELECT s.*
            FROM fact AS s
            WHERE s.kind = 'case_detected'
              AND {known("s", scope)}
            """,
            doc="Drug cases detected at any time.",
            materialized=False,
        ),
        Cte(
            "dose_given",
            f"""
            SELECT s.*
            FROM fact AS s
            WHERE s.kind = 'dose'
              AND {_UP_TO_DAY}
              AND {known("s", scope)}
            """,
            doc="Doses given up to the day; they name no person and no commune.",
            materialized=False,
        ),
        Cte(
            "risk_class",
            f"""
            SELECT s.area
            FROM spell AS s
            WHERE s.kind = 'class_public_order_risk'
              AND {_ON_DAY}
              AND {known("s", scope)}
            """,
            doc="Areas that have a class of public order (phức tạp về an ninh trật tự) on the day.",
            materialized=False,
        ),
    )
