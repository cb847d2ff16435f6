"""Read the ledger's two sources from the versions of records: what arrived when, and which facilities there are."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime

from services.chassis.persistence import Cte, Statement
from services.reporting.facts import Connection, fetch
from services.reporting.ledger.domain import Arrivals

_STANDING = Cte(
    "standing",
    """
    SELECT DISTINCT ON (record_id) record_id, data IS NULL AS withdrawn
    FROM version
    WHERE recorded_at <= %(known_at)s
      AND form = ANY(%(forms)s)
    ORDER BY record_id, sequence DESC
    """,
    doc="The version of each record that counts at the instant, and whether it is a withdrawal.",
)
_FIRST = Cte(
    "first_recorded",
    """
    SELECT record_id, form, unit, min(recorded_at) AS first_at
    FROM version
    WHERE recorded_at <= %(known_at)s
      AND form = ANY(%(forms)s)
      AND occurred_on BETWEEN %(first)s AND %(last)s
      AND data IS NOT NULL
    GROUP BY record_id, form, unit
    """,
    doc="When each record first said something that happened in the period.",
)


async def arrivals(
    connection: Connection, forms: Collection[str], first: date, last: date, known_at: datetime
) -> Mapping[tuple[str, str], Arrivals]:
    """Return what was received for a period, by form and unit, as known at the instant.

    A record counts in each period in which something of it happened; one that is withdrawn counts nowhere.
    """
    statement = Statement(
        "arrivals",
        """
        SELECT f.form, f.unit, (f.first_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day, count(*)
        FROM first_recorded AS f
        JOIN standing AS s ON s.record_id = f.record_id
        WHERE NOT s.withdrawn
        GROUP BY f.form, f.unit, day
        """,
        doc="How many records were first recorded on which day, by form and unit.",
        needs=("first_recorded", "standing"),
        sets=(_STANDING, _FIRST),
        parameters={"forms": sorted(forms), "first": first, "last": last, "known_at": known_at},
    )
    found: dict[tuple[str, str], dict[date, int]] = defaultdict(dict)
    for form, unit, day, number in await fetch(connection, statement):
        found[form, unit][day] = number
    return {key: Arrivals(by_day) for key, by_day in found.items()}


async def facilities(connection: Connection, known_at: datetime) -> tuple[str, ...]:
    """Return the codes of the facilities that were listed at the instant."""
    statement = Statement(
        "facilities",
        """
        SELECT DISTINCT facility
        FROM spell
        WHERE kind = 'facility'
          AND known_from <= %(known_at)s
          AND known_to > %(known_at)s
        ORDER BY facility
        """,
        doc="Each facility of the list.",
        parameters={"known_at": known_at},
    )
    return tuple(code for (code,) in await fetch(connection, statement))
