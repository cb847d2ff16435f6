"""Contributions: what each row of spells and facts adds to a series of aggregates, where and from when until when.

A contribution is ``(series, subject, place, since, until, n)``: a stay counts on the days [since, until), an event on its
day ``since``. The *subject* is who or what is counted: the human being whom a row is about, or the record itself where
it is about nobody. All of it is present knowledge (what is known now).

Example: a person on methadone in commune 10507 from 3 May to 8 June contributes
``(methadone.active, the person, 10507@2008, 3 May, 8 June, 1)``. Where 10507 was divided on 1 June and an address of
theirs of that day lies in its successor 11140, there are two: until 1 June and from then on, the second in the place
``10507@2008>11140@2025``.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from services.chassis.persistence import Cte, all_of, nested, tidy
from services.reporting.facts import OPEN_END
from services.reporting.figures.addresses import ADDRESS_KINDS
from services.reporting.figures.aggregates.places import successions
from services.reporting.figures.aggregates.series import SERIES, Series

ALL = tuple(SERIES.values())
COLUMNS = "series, subject, place, since, until, n"
_UNION = "\nUNION ALL\n"
END = f"date '{OPEN_END.isoformat()}'"


def split_parameters() -> dict[str, Any]:
    """Return the parameters of the sets of contributions: divided communes, their successors, and the places of both."""
    pairs = successions()
    return {
        "split_areas": [pair.split_area for pair in pairs],
        "successors": [pair.successor for pair in pairs],
        "successor_areas": sorted({pair.successor for pair in pairs}),
        "split_places": [pair.place for pair in pairs],
    }


# All kinds are one set: PostgreSQL plans the maintenance statement anew each time, and a set for each of the forty kinds
# was measured to make it half as slow again.
def contributions(series: Collection[Series]) -> tuple[Cte, ...]:
    """Return the sets that end with ``current``: the contributions to these series by the rows known now."""
    stays = [found for found in series if found.kind == "stay"]
    of_persons = [found for found in stays if found.personal]
    of_others = [found for found in stays if not found.personal]
    events = [found for found in series if found.kind != "stay"]
    parts = [_stays(kind, found) for kind, found in _by_kind(of_others).items()]
    parts += [_events(kind, found) for kind, found in _by_kind(events).items()]
    if of_persons:
        parts.insert(0, f"SELECT {COLUMNS}\nFROM attributed_stay")
    return (
        *_PRESENCE,
        *_ADDRESSES,
        *((_stays_of_persons(of_persons), _ATTRIBUTED_STAY) if of_persons else ()),
        Cte(
            "current",
            _UNION.join(parts),
            doc="Every contribution as the rows are now.",
            needs=tuple(
                name
                for name, read in (("attributed_stay", of_persons), ("state", of_others), ("event", events))
                if read
            ),
        ),
    )


def _stays_of_persons(series: Collection[Series]) -> Cte:
    # These need joins of their own; the others share one pass over the rows.
    conditional = [found for found in series if found.definition.present or found.definition.concluded]
    simple = [found for found in series if found not in conditional]
    parts = [_stays(kind, found) for kind, found in _by_kind(simple).items()]
    parts += [_conditional_stays(found) for found in conditional]
    needs = ["state"]
    if any(found.definition.present for found in conditional):
        needs.append("present")
    if any(found.definition.concluded for found in conditional):
        needs.append("concluded")
    return Cte(
        "stay",
        _UNION.join(parts),
        doc="All stays of persons, in the commune that the row names.",
        needs=tuple(needs),
    )


def _by_kind(series: Iterable[Series]) -> Mapping[str, list[Series]]:
    found: dict[str, list[Series]] = {}
    for one in series:
        for kind in one.definition.kinds:
            found.setdefault(kind, []).append(one)
    return found


def _values(rows: Iterable[tuple[str, ...]]) -> str:
    """Return a list of VALUES in SQL, one row on each line."""
    return "VALUES\n    " + ",\n    ".join(f"({', '.join(row)})" for row in rows)


def _number(series: Series) -> str:
    return f"{series.number}::smallint"


def _stays(kind: str, series: Collection[Series]) -> str:
    """Return the stays of one kind of state in all series that count it; a row is read once for all of them."""
    counts = _values((_number(found), found.where, found.since) for found in series)
    return tidy(
        f"""
        SELECT v.series, s.subject, s.area AS place, v.since, s.valid_to AS until, 1::numeric AS n
        FROM state AS s
        CROSS JOIN LATERAL {nested(counts)} AS v (series, counts, since)
        WHERE s.kind = '{kind}'
          AND v.counts
          AND v.since < s.valid_to
          AND s.area IS NOT NULL
        """
    )


def _conditional_stays(found: Series) -> str:
    """Return the stays of a series that count only during a presence, or only from a conclusion on."""
    kinds = ", ".join(f"'{kind}'" for kind in found.definition.kinds)
    since, until, joins = found.since, "s.valid_to", []
    if found.definition.present is not None:
        joins.append(
            f"JOIN present ON present.subject = s.subject AND present.presence = '{found.definition.present}'"
        )
        since, until = f"greatest({since}, present.since)", f"least({until}, present.until)"
    if found.definition.concluded:
        # A stay before the conclusion does not count, even where the register had it already.
        joins.append("JOIN concluded ON concluded.subject = s.subject")
        since = f"greatest({since}, concluded.since)"
    joined = "\n".join(joins)
    return tidy(
        f"""
        SELECT {_number(found)} AS series, s.subject, s.area AS place, {since} AS since, {until} AS until, 1::numeric AS n
        FROM state AS s
        {joined}
        WHERE {all_of(f"s.kind IN ({kinds})", f"({found.where})", f"{since} < {until}", "s.area IS NOT NULL")}
        """
    )


def _events(kind: str, series: Collection[Series]) -> str:
    """Return the events of one kind in all series that count it; a row is read once for all of them."""
    counts = _values(
        (
            _number(found),
            found.where,
            "s.facility" if found.by_facility else "s.area",
            found.since,
            found.until,
            f"({found.amount})::numeric",
        )
        for found in series
    )
    return tidy(
        f"""
        SELECT v.series, s.subject, v.place, v.since, v.until, v.n
        FROM event AS s
        CROSS JOIN LATERAL {nested(counts)} AS v (series, counts, place, since, until, n)
        WHERE s.kind = '{kind}'
          AND v.counts
          AND v.place IS NOT NULL
          AND v.n <> 0
        """
    )


_PRESENCE = (
    Cte(
        "present",
        f"""
        SELECT
            subject,
            presence,
            from_on AS since,
            lead(from_on, 1, {END}) OVER (PARTITION BY subject ORDER BY from_on) AS until
        FROM (
            SELECT DISTINCT ON (subject, from_on) subject, from_on, presence
            FROM presence_statement
            ORDER BY subject, from_on, rank DESC, stated_on DESC, record_id DESC
        ) AS latest
        """,
        doc="Where each human being is from when until when: a statement holds until the next.",
        needs=("presence_statement",),
    ),
    Cte(
        "concluded",
        """
        SELECT subject, min(occurred_on) AS since
        FROM event
        WHERE kind = 'slip'
          AND code = 'addicted'
        GROUP BY subject
        """,
        doc="The first day on which each human being was determined to be addicted.",
        needs=("event",),
    ),
)

_ADDRESSES = (
    Cte(
        "succession",
        """
        SELECT split_area, successor, place
        FROM unnest(%(split_areas)s::text[], %(successors)s::text[], %(split_places)s::text[])
            AS pair (split_area, successor, place)
        """,
        doc="Divided communes and their successors, with the place for persons of the commune who live in the successor.",
    ),
    Cte(
        "address",
        f"""
        SELECT subject, area, valid_from AS since, known_from, record_id
        FROM state
        WHERE area = ANY(%(successor_areas)s)
        UNION ALL
        SELECT subject, area, occurred_on, known_from, record_id
        FROM event
        WHERE area = ANY(%(successor_areas)s)
          AND kind IN {ADDRESS_KINDS}
        """,
        doc="Addresses in successors.",
        needs=("state", "event"),
    ),
    Cte(
        "latest_address",
        """
        SELECT DISTINCT ON (address.subject, succession.split_area, address.since)
            address.subject,
            succession.split_area,
            address.since,
            succession.place
        FROM address
        JOIN succession ON succession.successor = address.area
        ORDER BY
            address.subject,
            succession.split_area,
            address.since,
            address.known_from DESC,
            address.record_id DESC
        """,
        doc="The latest known address of each day, for each divided commune of which its area is a successor.",
        needs=("address", "succession"),
        materialized=True,
    ),
    Cte(
        "residence",
        f"""
        SELECT
            subject,
            split_area,
            place,
            since,
            lead(since, 1, {END}) OVER (PARTITION BY subject, split_area ORDER BY since) AS until
        FROM latest_address
        UNION ALL
        SELECT subject, split_area, split_area, '-infinity', min(since)
        FROM latest_address
        GROUP BY subject, split_area
        """,
        doc="Where a person of a divided commune lives in [since, until); before the first address, in no successor.",
        needs=("latest_address",),
    ),
)


_ATTRIBUTED_STAY = Cte(
    "attributed_stay",
    """
    SELECT
        stay.series,
        stay.subject,
        coalesce(residence.place, stay.place) AS place,
        greatest(stay.since, coalesce(residence.since, stay.since)) AS since,
        least(stay.until, coalesce(residence.until, stay.until)) AS until,
        stay.n
    FROM stay
    LEFT JOIN residence
           ON residence.subject = stay.subject
          AND residence.split_area = stay.place
          AND residence.since < stay.until
          AND residence.until > stay.since
    """,
    doc="The same stays, cut where the person of a divided commune moves to one of its successors.",
    needs=("stay", "residence"),
)
