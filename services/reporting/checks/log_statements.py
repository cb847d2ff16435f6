"""SQL statements that read the versions and links of the log, and the rows that are stored for them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from services.chassis.persistence import Statement
from services.reporting.facts import FOREVER, VERSION_COLUMNS


def versions_of_forms(forms: Sequence[str], known_at: datetime | None) -> Statement:
    """Return the statement of the versions of forms recorded by an instant; columns: see ``facts.stored_version``."""
    return Statement(
        "versions_of_forms",
        f"""
        SELECT {VERSION_COLUMNS}
        FROM version
        WHERE form = ANY(%(forms)s)
          AND recorded_at <= %(until)s
        """,
        doc="Versions of the registers that the check looks at, as recorded by the instant.",
        parameters={"forms": list(forms), "until": known_at or FOREVER},
    )


LINKS = Statement(
    "links",
    """
    SELECT ref::text, token::text, known_from, known_to
    FROM link
    WHERE NOT withdrawn
      AND basis NOT IN ('contradiction', 'structure', 'too_many')
    """,
    doc="Person links in force.",
)
PERSONS = Statement(
    "persons",
    """
    SELECT ref::text, person::text, known_from, known_to
    FROM person
    """,
    doc="Who goes by which name when, as stored.",
)
RECORDS = Statement(
    "records",
    # A timeline is projected whole, so records of one timeline come one after the other.
    """
    SELECT record_id::text, coalesce(min(grp), record_id::text)
    FROM version
    GROUP BY record_id
    ORDER BY 2, 1
    """,
    doc="All records, by timeline.",
)


def records_beside(ids: Collection[str]) -> Statement:
    """Return the statement of all records that ever were in a timeline with one of these."""
    return Statement(
        "records_beside",
        """
        SELECT DISTINCT record_id::text
        FROM version
        WHERE grp IN (
            SELECT grp
            FROM version
            WHERE record_id = ANY(%(ids)s::uuid[])
              AND grp IS NOT NULL
        )
        """,
        doc="Records that ever were in a timeline with one of these.",
        parameters={"ids": list(ids)},
    )


def versions_of_records(ids: Collection[str]) -> Statement:
    """Return the statement of all versions of records; columns: see ``facts.stored_version``."""
    return Statement(
        "versions_of_records",
        f"""
        SELECT {VERSION_COLUMNS}
        FROM version
        WHERE record_id = ANY(%(ids)s::uuid[])
        """,
        doc="All versions of the records.",
        parameters={"ids": list(ids)},
    )


def stored_rows(table: str, columns: Sequence[str], ids: Collection[str]) -> Statement:
    """Return the statement of the rows of records in a table; columns: record, known interval, the given ones."""
    return Statement(
        f"stored_{table}",
        f"""
        SELECT record_id::text, known_from, known_to, {", ".join(columns)}
        FROM {table}
        WHERE record_id = ANY(%(ids)s::uuid[])
        """,
        doc=f"What is stored of the records in {table}.",
        parameters={"ids": list(ids)},
    )


def orphans(table: str) -> Statement:
    """Return the statement of the records that have rows in a table and no version in the log."""
    return Statement(
        f"orphans_in_{table}",
        f"""
        SELECT DISTINCT s.record_id::text
        FROM {table} AS s
        WHERE NOT EXISTS (
            SELECT 1
            FROM version
            WHERE version.record_id = s.record_id
        )
        """,
        doc=f"Records that have rows in {table} and no version in the log.",
    )
