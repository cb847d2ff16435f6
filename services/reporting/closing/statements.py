"""The statements by which a closing is read again: which events it did not know, and what was said about its records.

A closing's *knowledge boundary* says which events it knew: those whose ids do not lie beyond the greatest id folded
until then, but for late arrivals (``facts.late_arrivals``). Example: closing 3 has the boundary …7f; an event …75 that
was folded only after it is written down as arrived after closing 3 and is late for closings 1 to 3.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.persistence import Cte, Statement
from services.reporting.facts import LINK_COLUMNS, VERSION_COLUMNS


@dataclass(frozen=True, slots=True)
class Boundary:
    """Which events a closing knew. ``number`` is its place in the chain, ``event_id`` the greatest id folded by then."""

    number: int
    event_id: UUID | None

    def parameters(self) -> dict[str, Any]:
        """Return the values of statements that ask whether an event is late."""
        return {"number": self.number, "boundary": self.event_id}


def late(alias: str) -> str:
    """Return the condition, on a row with an ``event_id``, that the closing did not know it."""
    return (
        f"({alias}.event_id > %(boundary)s"
        " OR %(boundary)s::uuid IS NULL"
        # An event with a small id can arrive late, so the greatest id alone would not be exact (ADR 0011).
        f" OR ({alias}.event_id, {alias}.record_id, {alias}.sequence) IN (SELECT event_id, record_id, sequence"
        " FROM public.late_arrival WHERE after_closing >= %(number)s)"
        # Noted before record and sequence belonged to a late arrival: 0 stands for any of them.
        f" OR {alias}.event_id IN (SELECT event_id FROM public.late_arrival"
        " WHERE after_closing >= %(number)s AND sequence = 0))"
    )


_EVERY_LINK = Cte(
    "every_link",
    """
    SELECT * FROM link
    UNION ALL
    SELECT * FROM link_replaced
    """,
    doc="All versions of all person links.",
)


def mark_late_records(boundary: Boundary) -> Statement:
    """Return the statement that notes, in ``late_record``, the records of which a version is late."""
    return Statement(
        "mark_late_records",
        f"""
        INSERT INTO pg_temp.late_record
        SELECT DISTINCT version.record_id
        FROM pg_temp.every_version AS version
        WHERE {late("version")}
        """,
        doc="Records of which the closing did not know some version.",
        parameters=boundary.parameters(),
    )


SPREAD_TO_TIMELINES = Statement(
    "spread_to_timelines",
    """
    INSERT INTO pg_temp.late_record
    SELECT DISTINCT beside.record_id
    FROM pg_temp.late_record AS late
    JOIN pg_temp.every_version AS own ON own.record_id = late.record_id AND own.grp IS NOT NULL
    JOIN pg_temp.every_version AS beside ON beside.grp = own.grp
    ON CONFLICT DO NOTHING
    """,
    doc="Records that share a timeline with one of them; repeated until there are no more.",
)


def known_versions(boundary: Boundary) -> Statement:
    """Return the statement of the versions of those records that the closing knew; columns: see `stored_version`."""
    return Statement(
        "known_versions",
        f"""
        SELECT {VERSION_COLUMNS}
        FROM pg_temp.every_version AS version
        JOIN pg_temp.late_record USING (record_id)
        WHERE NOT {late("version")}
        """,
        doc="The versions that the closing knew, of records of which it did not know all.",
        parameters=boundary.parameters(),
    )


def any_late_link(boundary: Boundary) -> Statement:
    """Return the statement that says whether any link is late."""
    return Statement(
        "any_late_link",
        f"""
        SELECT EXISTS (
            SELECT
            FROM every_link
            WHERE {late("every_link")}
        )
        """,
        doc="Whether the closing did not know some version of a link.",
        needs=("every_link",),
        sets=(_EVERY_LINK,),
        parameters=boundary.parameters(),
    )


def every_link(boundary: Boundary) -> Statement:
    """Return the statement of all versions of links; columns: see `stored_link`, then whether it is late."""
    return Statement(
        "every_link",
        f"""
        SELECT {LINK_COLUMNS}, {late("every_link")}
        FROM every_link
        """,
        doc="All versions of all links, and whether the closing did not know them.",
        needs=("every_link",),
        sets=(_EVERY_LINK,),
        parameters=boundary.parameters(),
    )


def names(refs: Collection[UUID], known_at: datetime) -> Statement:
    """Return the statement of the names by which references went at an instant."""
    return Statement(
        "names",
        """
        SELECT ref, person
        FROM person
        WHERE ref = ANY(%(refs)s)
          AND known_from <= %(known_at)s
          AND known_to > %(known_at)s
        """,
        doc="References that went by another name than their own at the instant, each with that name.",
        parameters={"refs": list(refs), "known_at": known_at},
    )


def joined_refs(refs: Collection[UUID]) -> Statement:
    """Return the statement of the references that were one human being with some of these at any time."""
    return Statement(
        "joined_refs",
        """
        SELECT mine.person
        FROM person AS mine
        WHERE mine.ref = ANY(%(refs)s)
        UNION
        SELECT beside.ref
        FROM person AS beside
        WHERE beside.person = ANY(%(refs)s)
        UNION
        SELECT beside.ref
        FROM person AS mine
        JOIN person AS beside ON beside.person = mine.person
        WHERE mine.ref = ANY(%(refs)s)
        """,
        doc="References that a link joined with some of these at any time.",
        parameters={"refs": list(refs)},
    )


def versions(records: Collection[UUID], boundary: Boundary) -> Statement:
    """Return the statement of every version of the records; columns: see ``evidence.RecordVersion``."""
    return Statement(
        "versions",
        f"""
        SELECT
            version.record_id, version.sequence, version.event_id, version.form, version.recorded_at, version.unit,
            version.data IS NULL,
            {late("version")}
        FROM version
        WHERE version.record_id = ANY(%(records)s)
        ORDER BY version.record_id, version.sequence
        """,
        doc="Every version of the records: whether it voids the record, and whether the closing did not know it.",
        parameters=boundary.parameters() | {"records": list(records)},
    )


def records_beside(records: Collection[UUID], refs: Collection[UUID]) -> Statement:
    """Return the statement of the records that share a timeline with some records, or are about some references."""
    return Statement(
        "records_beside",
        """
        SELECT beside.record_id
        FROM version AS own
        JOIN version AS beside ON beside.grp = own.grp
        WHERE own.grp IS NOT NULL
          AND own.record_id = ANY(%(records)s)
        UNION
        SELECT record_id FROM spell WHERE person_ref = ANY(%(refs)s)
        UNION
        SELECT record_id FROM fact WHERE person_ref = ANY(%(refs)s)
        UNION
        SELECT record_id FROM presence WHERE person_ref = ANY(%(refs)s)
        """,
        doc="Records that share a timeline with one of these, or that are about one of these references.",
        parameters={"records": list(records), "refs": list(refs)},
    )


def records_in(areas: Collection[str], kinds: Collection[str]) -> Statement:
    """Return the statement of the records of some kinds of states and events in some areas (uids), at any time."""
    return Statement(
        "records_in",
        """
        SELECT record_id FROM spell WHERE kind = ANY(%(kinds)s) AND area = ANY(%(areas)s)
        UNION
        SELECT record_id FROM fact WHERE kind = ANY(%(kinds)s) AND area = ANY(%(areas)s)
        """,
        doc="Records of these kinds of states and events in these areas, at any time.",
        parameters={"areas": list(areas), "kinds": list(kinds)},
    )


def target_records(figure: str, areas: Collection[str]) -> Statement:
    """Return the statement of the records that assign a target for a figure in some areas (uids)."""
    return Statement(
        "target_records",
        """
        SELECT record_id
        FROM target
        WHERE figure = %(figure)s
          AND area = ANY(%(areas)s)
        """,
        doc="Records that assign a target (chỉ tiêu) for the figure in these areas.",
        parameters={"figure": figure, "areas": list(areas)},
    )


def new_links(refs: Collection[UUID], boundary: Boundary, closed: datetime, known_at: datetime) -> Statement:
    """Return the statement of the link events that a closing did not use; columns: see ``evidence.LinkEvent``."""
    return Statement(
        "new_links",
        f"""
        SELECT link.ref, link.record_id, link.event_id, link.basis, link.known_from, link.withdrawn, {late("link")}
        FROM every_link AS link
        WHERE link.ref = ANY(%(refs)s)
          AND link.known_from <= %(known_at)s
          AND (
              {late("link")}
              OR link.known_from > %(closed)s
              OR (link.known_to > %(closed)s AND link.known_to <= %(known_at)s)
          )
        ORDER BY link.record_id, link.sequence
        """,
        doc="Link events about the references that the closing did not know, or of a time after it.",
        needs=("every_link",),
        sets=(_EVERY_LINK,),
        parameters=boundary.parameters() | {"refs": list(refs), "closed": closed, "known_at": known_at},
    )


_EVERY_EVENT = Cte(
    "every_event",
    """
    SELECT event_id FROM version
    UNION ALL
    SELECT event_id FROM version_replaced
    UNION ALL
    SELECT event_id FROM link
    UNION ALL
    SELECT event_id FROM link_replaced
    """,
    doc="All events folded into the generation.",
)
GREATEST_EVENT = Statement(
    "greatest_event",
    """
    SELECT event_id
    FROM every_event
    ORDER BY event_id DESC
    LIMIT 1
    """,
    doc="The greatest id of all events folded: the boundary of a closing of now.",
    needs=("every_event",),
    sets=(_EVERY_EVENT,),
)
