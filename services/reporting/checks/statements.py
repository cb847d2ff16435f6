"""What each cross-agency check finds, as one set statement per rule over the tables of a generation.

A rule's statement selects ``subject`` (text), ``who`` (the human being; null where a row is nobody's), ``record_id``,
``area``, ``unit``, ``facility``, ``since``; parameters:
``day`` (end of the day, or the period's last), ``first``, ``known``, ``forever``, and the rule's settings. Human beings
are those of the person index at the asked instant, as in figures.
"""

from collections.abc import Callable, Mapping

Parts = Mapping[str, str]
Knowing = Callable[[str], str]


def parts(known: Knowing) -> Parts:
    """The named sets that rules are made of; ``known``: alias → the condition of record time.

    Each row carries ``who``, the human being. Materialised: a set is used several times in a statement.
    """

    def personal(table: str, where: str) -> str:
        return (
            f"SELECT s.*, coalesce(p.person, s.person_ref) AS who FROM {table} s"
            f" LEFT JOIN person p ON p.ref = s.person_ref AND {known('p')}"
            f" WHERE {where} AND {known('s')}"
        )

    on_day = "s.valid_from <= %(day)s AND s.valid_to > %(day)s"
    entered = personal(
        "fact", "s.kind IN ('methadone_entered', 'detox_admitted') AND s.occurred_on <= %(day)s"
    )
    return {
        "listed": personal("spell", f"s.kind = 'status' AND {on_day}"),
        "on_methadone": personal("spell", f"s.kind = 'methadone' AND {on_day}"),
        "in_detox": personal("spell", f"s.kind = 'detox' AND {on_day}"),
        "in_post_detox": personal("spell", f"s.kind = 'post_detox' AND {on_day}"),
        "slip": personal("fact", "s.kind = 'slip' AND s.occurred_on <= %(day)s"),
        # Entries stand beside stays because a stay that ends on its first day leaves no spell.
        "treated": (
            "SELECT who, record_id, facility, valid_from, valid_to FROM ("
            + personal("spell", "s.kind IN ('methadone', 'detox') AND s.valid_from <= %(day)s").replace(
                "SELECT s.*", "SELECT s.record_id, s.facility, s.valid_from, s.valid_to"
            )
            + " UNION ALL "
            + entered.replace(
                "SELECT s.*", "SELECT s.record_id, s.facility, s.occurred_on, s.occurred_on + 1"
            )
            + ") AS t"
        ),
        "entered": entered,
        "left_site": personal(
            "fact", "s.kind = 'methadone_left' AND s.reason = 'transferred' AND s.occurred_on <= %(day)s"
        ),
        "died_in_detox": personal(
            "fact", "s.kind = 'detox_ended' AND s.reason = 'died' AND s.occurred_on <= %(day)s"
        ),
        "died_on_methadone": personal(
            "fact", "s.kind = 'methadone_left' AND s.reason = 'died' AND s.occurred_on <= %(day)s"
        ),
        "site": (
            "SELECT s.facility, s.valid_from, s.valid_to FROM spell s"
            f" WHERE s.kind = 'facility' AND {known('s')}"
        ),
        # The latest statement about each human being; ties as the figures break them.
        "stated": _latest(known, ""),
        "registered": _latest(known, " AND s.rank = 0"),
    }


def _latest(known: Knowing, which: str) -> str:
    return (
        "SELECT DISTINCT ON (who) coalesce(p.person, s.person_ref) AS who, s.presence, s.record_id, s.from_on"
        f" FROM presence s LEFT JOIN person p ON p.ref = s.person_ref AND {known('p')}"
        f" WHERE s.from_on <= %(day)s AND {known('s')}{which}"
        " ORDER BY who, s.from_on DESC, s.rank DESC, s.stated_on DESC, s.record_id DESC"
    )


def _person(source: str, where: str) -> str:
    return (
        "SELECT s.who::text AS subject, s.who, s.record_id, s.area, s.unit, s.facility,"
        f" {'s.occurred_on' if source in _FACTS else 's.valid_from'} AS since FROM {source} s WHERE {where}"
    )


_FACTS = frozenset({"slip", "left_site", "died_in_detox", "died_on_methadone"})


def _none(source: str, more: str = "true", alias: str = "o") -> str:
    return f"NOT EXISTS (SELECT 1 FROM {source} {alias} WHERE {alias}.who = s.who AND {more})"


_DECIDED = "o.code = 'user' AND (o.attrs->>'decided_on')::date <= %(day)s"
_ADDICTED = "o.code = 'addicted'"
_COMMUNE = (
    "SELECT c.uid AS subject, NULL::uuid AS who, NULL::uuid AS record_id, c.uid AS area, c.unit,"
    " NULL::text AS facility, NULL::date AS since FROM commune c"
)
_CASE_OPEN = (
    "coalesce((s.attrs->>'prosecuted_on')::date > %(day)s::date, true)"
    " AND coalesce((s.attrs->>'administrative_on')::date > %(day)s::date, true)"
)

STATEMENTS: Mapping[str, str] = {
    "methadone.not_listed": _person("on_methadone", _none("listed")),
    "methadone.without_file": _person("on_methadone", _none("listed", "o.code = ANY(%(statuses)s)")),
    "registry.addict_in_community_untreated": _person(
        "listed",
        "s.code = 'addict' AND EXISTS (SELECT 1 FROM stated h WHERE h.who = s.who AND h.presence = 'community')"
        f" AND {_none('on_methadone')} AND {_none('in_detox')}",
    ),
    "determination.not_addicted_without_decision": _person(
        "slip", f"s.code = 'not_addicted' AND s.occurred_on >= %(first)s AND {_none('listed', _DECIDED)}"
    ),
    "registry.user_without_decision": _person("listed", f"s.code = 'user' AND {_none('listed', _DECIDED)}"),
    "registry.addict_without_slip": _person("listed", f"s.code = 'addict' AND {_none('slip', _ADDICTED)}"),
    "determination.addicted_not_listed": _person(
        "slip",
        "s.code = 'addicted'"
        f" AND {_none('slip', 'o.occurred_on > s.occurred_on AND o.code <> s.code')}"
        f" AND {_none('listed', 'o.code = ANY(%(statuses)s)')}",
    ),
    "determination.addicted_untreated": _person(
        "slip",
        "s.code = 'addicted' AND s.occurred_on <= %(day)s::date - %(days)s::int"
        f" AND {_none('slip', 'o.occurred_on > s.occurred_on AND o.code <> s.code')}"
        f" AND {_none('treated', 'o.valid_to > s.occurred_on')}"
        f" AND {_none('stated', 'o.presence = ANY(%(excused)s)')}",
    ),
    "methadone.two_sites": _person(
        "on_methadone",
        "EXISTS (SELECT 1 FROM on_methadone o WHERE o.who = s.who AND o.facility <> s.facility)",
    ),
    "methadone.double_record": _person(
        "on_methadone",
        "EXISTS (SELECT 1 FROM on_methadone o WHERE o.who = s.who AND o.facility = s.facility"
        " AND o.record_id <> s.record_id)",
    ),
    "methadone.transfer_not_received": (
        "SELECT s.record_id::text AS subject, s.who, s.record_id, s.area, s.unit, s.facility,"
        " s.occurred_on AS since FROM left_site s WHERE s.occurred_on <= %(day)s::date - %(days)s::int"
        " AND NOT EXISTS (SELECT 1 FROM treated o WHERE o.who = s.who AND o.record_id <> s.record_id"
        " AND o.facility <> s.facility AND o.valid_to > s.occurred_on"
        " AND (s.attrs->>'transferred_to' IS NULL OR o.facility = s.attrs->>'transferred_to'))"
    ),
    "registry.in_centre_but_community": _person(
        "listed",
        "EXISTS (SELECT 1 FROM in_detox o WHERE o.who = s.who"
        " AND o.code IN ('compulsory', 'voluntary_facility'))"
        " AND EXISTS (SELECT 1 FROM registered h WHERE h.who = s.who AND h.presence = 'community')",
    ),
    "registry.died_in_detox_still_listed": _person(
        "listed", "EXISTS (SELECT 1 FROM died_in_detox o WHERE o.who = s.who)"
    ),
    "registry.died_on_methadone_still_listed": _person(
        "listed", "EXISTS (SELECT 1 FROM died_on_methadone o WHERE o.who = s.who)"
    ),
    "registry.double_record": _person(
        "listed", "EXISTS (SELECT 1 FROM listed o WHERE o.who = s.who AND o.person_ref <> s.person_ref)"
    ),
    "post_detox.not_in_register": _person("in_post_detox", _none("listed", "o.code = 'post_detox'")),
    "post_detox.not_in_treatment": _person("listed", f"s.code = 'post_detox' AND {_none('in_post_detox')}"),
    "drug_cases.without_outcome": (
        "SELECT s.record_id::text AS subject, NULL::uuid AS who, s.record_id, s.area, s.unit, s.facility,"
        " s.occurred_on AS since FROM fact s WHERE s.kind = 'case_detected' AND {known}"
        f" AND s.occurred_on <= %(day)s::date - %(days)s::int AND {_CASE_OPEN}"
    ),
    "treatment.unknown_facility": (
        "SELECT s.record_id::text AS subject, s.who, s.record_id, s.area, s.unit, s.facility,"
        " s.occurred_on AS since FROM entered s WHERE s.facility IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM site o WHERE o.facility = s.facility"
        " AND o.valid_from <= s.occurred_on AND o.valid_to > s.occurred_on)"
    ),
    "areas.not_classified": (
        f"{_COMMUNE} WHERE NOT EXISTS (SELECT 1 FROM spell s JOIN carried k ON k.uid = s.area"
        " WHERE k.commune = c.uid AND s.kind = 'class_public_order_risk'"
        " AND s.valid_from <= %(day)s AND s.valid_to > %(day)s AND {known})"
    ),
    "units.no_register": (
        f"{_COMMUNE} WHERE NOT EXISTS (SELECT 1 FROM version s WHERE s.unit = c.unit"
        " AND s.recorded_at <= %(until)s AND (s.recorded_at >= %(from_instant)s"
        " AND s.recorded_at < %(to_instant)s OR s.occurred_on BETWEEN %(first)s AND %(day)s))"
    ),
}


def needed(statement: str, known_parts: Parts) -> list[str]:
    """The named sets that a statement uses, as common table expressions."""
    return [
        f"{name} AS MATERIALIZED ({text})"
        for name, text in known_parts.items()
        if any(f" {word} {name} " in f" {statement} " for word in ("FROM", "JOIN"))
    ]
