"""What each cross-register check finds, in SQL: for each rule one set ``finding``, which reads the sets of `sets`.

A row of ``finding`` has ``subject`` (text: what is found, counted once), ``who`` (the human being; null where a row is
nobody's), ``record_id``, ``area``, ``unit``, ``facility`` and ``since``. Placeholders: ``day`` (end of the day, or the
period's last), ``first``, and the rule's settings (``reference/data/check-rules.csv``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.chassis.persistence import Cte, all_of, nested


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on the row ``s`` of a finding, and the sets that it reads."""

    sql: str
    needs: tuple[str, ...] = ()


def _in(name: str, *more: str) -> Condition:
    """Return the condition that the person has a row ``other`` in the set for which ``more`` holds."""
    rows = nested(
        f"""
        SELECT 1
        FROM {name} AS other
        WHERE {all_of("other.who = s.who", *more)}
        """
    )
    return Condition(f"EXISTS {rows}", (name,))


def _not_in(name: str, *more: str) -> Condition:
    """Return the condition that the person has no row ``other`` in the set for which ``more`` holds."""
    found = _in(name, *more)
    return Condition(f"NOT {found.sql}", found.needs)


_SINCE = {
    "listed": "s.valid_from",
    "on_methadone": "s.valid_from",
    "in_detox": "s.valid_from",
    "in_post_detox": "s.valid_from",
}
"""Sets of states, which begin on a day; the others are sets of events, which happen on one."""


def _finding(sql: str, doc: str, needs: tuple[str, ...]) -> Cte:
    return Cte("finding", sql, doc, tuple(dict.fromkeys(needs)), materialized=True)


def _rows(source: str, doc: str, subject: str, who: str, conditions: tuple[str | Condition, ...]) -> Cte:
    given = [Condition(one) if isinstance(one, str) else one for one in conditions]
    return _finding(
        f"""
        SELECT
            {subject}::text AS subject, {who} AS who, s.record_id, s.area, s.unit, s.facility,
            {_SINCE.get(source, "s.occurred_on")} AS since
        FROM {source} AS s
        WHERE {all_of(*(one.sql for one in given))}
        """,
        doc,
        (source, *(name for one in given for name in one.needs)),
    )


def _persons(source: str, doc: str, *conditions: str | Condition) -> Cte:
    """Return findings about persons: the rows of ``source`` for which all conditions hold; each person counts once."""
    return _rows(source, doc, "s.who", "s.who", conditions)


def _records(source: str, doc: str, *conditions: str | Condition) -> Cte:
    """Return findings about records: the rows of ``source`` for which all conditions hold; each record counts."""
    # A drug case is about no person, and a dose names none, so their rows have no human being to name.
    who = "NULL::uuid" if source in ("detected_case", "dose_given") else "s.who"
    return _rows(source, doc, "s.record_id", who, conditions)


def _communes(doc: str, without: str, needs: tuple[str, ...] = ()) -> Cte:
    """Return findings about communes: those for which the query ``without`` has no row."""
    return _finding(
        f"""
        SELECT
            commune.uid AS subject, NULL::uuid AS who, NULL::uuid AS record_id, commune.uid AS area, commune.unit,
            NULL::text AS facility, NULL::date AS since
        FROM commune
        WHERE NOT EXISTS {nested(without)}
        """,
        doc,
        ("commune", *needs),
    )


_PENDING = Condition("s.person_ref IN (SELECT ref FROM pending)", ("pending",))
_DECIDED = "other.code = 'user' AND (other.attrs->>'decided_on')::date <= %(day)s"
# A later determination certificate with another result replaces an earlier one, which then is no finding.
_LATER_OTHER_SLIP = _not_in("slip", "other.occurred_on > s.occurred_on", "other.code <> s.code")
_OVERDUE = "s.occurred_on <= %(day)s::date - %(days)s::int"
_SITE_NOT_LISTED = Condition(
    "NOT EXISTS "
    + nested(
        """
        SELECT 1
        FROM site
        WHERE site.facility = s.facility
          AND site.valid_from <= s.occurred_on
          AND site.valid_to > s.occurred_on
        """
    ),
    ("site",),
)

FINDINGS: Mapping[str, Cte] = {
    "methadone.not_listed": _persons(
        "on_methadone", "Patients on methadone who are not on the police's register.", _not_in("listed")
    ),
    "methadone.without_file": _persons(
        "on_methadone",
        "Patients on methadone whom the register has in none of the statuses of a file (hồ sơ quản lý).",
        _not_in("listed", "other.code = ANY(%(statuses)s)"),
    ),
    "registry.addict_in_community_untreated": _persons(
        "listed",
        "Addicts with file who live in the community and are in no treatment.",
        "s.code = 'addict'",
        _in("stated", "other.presence = 'community'"),
        _not_in("on_methadone"),
        _not_in("in_detox"),
    ),
    "determination.not_addicted_without_decision": _persons(
        "slip",
        "Users whom a slip of the period finds not addicted, without a decision to manage them up to the day.",
        "s.code = 'not_addicted'",
        "s.occurred_on >= %(first)s",
        _not_in("listed", _DECIDED),
    ),
    "registry.user_without_decision": _persons(
        "listed",
        "Registered users without a decision to manage them (quyết định quản lý) up to the day.",
        "s.code = 'user'",
        _not_in("listed", _DECIDED),
    ),
    "registry.addict_without_slip": _persons(
        "listed",
        "Registered addicts whom no slip up to the day concludes to be addicted.",
        "s.code = 'addict'",
        _not_in("slip", "other.code = 'addicted'"),
    ),
    "determination.addicted_not_listed": _persons(
        "slip",
        "Persons concluded to be addicted whom the register does not have as such.",
        "s.code = 'addicted'",
        _LATER_OTHER_SLIP,
        _not_in("listed", "other.code = ANY(%(statuses)s)"),
    ),
    "determination.addicted_untreated": _persons(
        "slip",
        "Persons concluded to be addicted days ago who have begun no treatment since and are not excused by where they are.",
        "s.code = 'addicted'",
        _OVERDUE,
        _LATER_OTHER_SLIP,
        _not_in("treated", "other.valid_to > s.occurred_on"),
        _not_in("stated", "other.presence = ANY(%(excused)s)"),
    ),
    "methadone.two_sites": _persons(
        "on_methadone",
        "Patients on methadone at two sites at once.",
        _in("on_methadone", "other.facility <> s.facility"),
    ),
    "methadone.double_record": _persons(
        "on_methadone",
        "Patients with two records at one methadone site.",
        _in("on_methadone", "other.facility = s.facility", "other.record_id <> s.record_id"),
    ),
    "methadone.transfer_not_received": _records(
        "left_site",
        "Transfers of days ago that no other facility, or not the one named, has taken in.",
        _OVERDUE,
        _not_in(
            "treated",
            "other.record_id <> s.record_id",
            "other.facility <> s.facility",
            "other.valid_to > s.occurred_on",
            "(s.attrs->>'transferred_to' IS NULL OR other.facility = s.attrs->>'transferred_to')",
        ),
    ),
    "registry.in_centre_but_community": _persons(
        "listed",
        "Persons in detox at a centre whom the register still has in the community.",
        _in("in_detox", "other.code IN ('compulsory', 'voluntary_facility')"),
        _in("registered", "other.presence = 'community'"),
    ),
    "registry.died_in_detox_still_listed": _persons(
        "listed", "Persons who died in detox and are still on the register.", _in("died_in_detox")
    ),
    "registry.died_on_methadone_still_listed": _persons(
        "listed", "Patients who died on methadone and are still on the register.", _in("died_on_methadone")
    ),
    "registry.double_record": _persons(
        "listed",
        "Human beings who are on the register under two references.",
        _in("listed", "other.person_ref <> s.person_ref"),
    ),
    "registry.pending_link": _persons(
        "listed", "Persons on the register whose national ID waits for a clerk.", _PENDING
    ),
    "determination.pending_link": _persons(
        "slip", "Persons of determinations whose national ID waits for a clerk.", _PENDING
    ),
    "methadone.pending_link": _persons(
        "on_methadone", "Patients on methadone whose national ID waits for a clerk.", _PENDING
    ),
    "detox.pending_link": _persons(
        "in_detox", "Persons in detox whose national ID waits for a clerk.", _PENDING
    ),
    "post_detox.not_in_register": _persons(
        "in_post_detox",
        "Persons managed after detox whom the register does not have as such.",
        _not_in("listed", "other.code = 'post_detox'"),
    ),
    "post_detox.not_in_treatment": _persons(
        "listed",
        "Persons registered as managed after detox whom no post-detox record names.",
        "s.code = 'post_detox'",
        _not_in("in_post_detox"),
    ),
    "drug_cases.without_outcome": _records(
        "detected_case",
        "Drug cases detected days ago that were neither prosecuted nor fined up to the day.",
        _OVERDUE,
        "coalesce((s.attrs->>'prosecuted_on')::date > %(day)s::date, true)",
        "coalesce((s.attrs->>'administrative_on')::date > %(day)s::date, true)",
    ),
    "treatment.unknown_facility": _records(
        "entered",
        "Entries into methadone treatment at a facility that nobody had listed on that day.",
        "s.kind = 'methadone_entered'",
        "s.facility IS NOT NULL",
        _SITE_NOT_LISTED,
    ),
    "detox.unknown_facility": _records(
        "entered",
        "Admissions to detox at a facility that nobody had listed on that day.",
        "s.kind = 'detox_admitted'",
        "s.facility IS NOT NULL",
        _SITE_NOT_LISTED,
    ),
    "doses.unknown_facility": _records(
        "dose_given",
        "Doses given up to the day at a facility that nobody had listed on theirs.",
        "s.facility IS NOT NULL",
        _SITE_NOT_LISTED,
    ),
    "areas.not_classified": _communes(
        "Communes without a class of public order on the day.",
        """
        SELECT 1
        FROM risk_class
        JOIN carried ON carried.uid = risk_class.area
        WHERE carried.commune = commune.uid
        """,
        needs=("risk_class", "carried"),
    ),
    "units.no_register": _communes(
        "Communes whose police unit has handed in nothing in the period, nor anything about it.",
        """
        SELECT 1
        FROM version AS s
        WHERE s.unit = commune.unit
          AND s.recorded_at <= %(until)s
          AND (s.recorded_at >= %(from_instant)s AND s.recorded_at < %(to_instant)s
               OR s.occurred_on BETWEEN %(first)s AND %(day)s)
        """,
    ),
}
"""Code of a rule → what it finds."""
