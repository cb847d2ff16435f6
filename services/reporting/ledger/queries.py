"""Read the ledger's two sources from the versions of records: what arrived when, and which facilities there are."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime

from services.chassis.persistence import Cte, Statement
from services.reporting.facts import Connection, fetch
from services.reporting.ledger.domain import Arrivals
from services.reporting.ledger.domain import Statement as Stated

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


_SAID = Cte(
    "said",
    """
    SELECT record_id, unit, recorded_at, data ->> 'stated_form' AS form, data ->> 'says' AS says,
        (data ->> 'first')::date AS first, (data ->> 'last')::date AS last,
        (data ->> 'written_on')::date AS written_on
    FROM (
        SELECT DISTINCT ON (record_id) record_id, unit, recorded_at, data
        FROM version
        WHERE recorded_at <= %(known_at)s
          AND form = 'statements'
        ORDER BY record_id, sequence DESC
    ) AS latest
    WHERE data IS NOT NULL
      AND data ->> 'stated_form' = ANY(%(forms)s)
      AND (data ->> 'first')::date <= %(last)s
      AND (data ->> 'last')::date >= %(first)s
    """,
    doc="What units stated of days of the period, as it counts at the instant; withdrawn statements say nothing.",
)
_AGAINST = Cte(
    "against",
    """
    SELECT said.record_id, v.record_id AS against
    FROM said
    JOIN version AS v ON v.form = said.form AND v.unit = said.unit
    JOIN standing ON standing.record_id = v.record_id AND NOT standing.withdrawn
    WHERE v.recorded_at <= %(known_at)s
      AND v.occurred_on BETWEEN said.first AND said.last
      AND v.data IS NOT NULL
    GROUP BY said.record_id, v.record_id, said.says, said.recorded_at
    HAVING said.says = 'nil' OR min(v.recorded_at) > said.recorded_at
    """,
    doc="Records that speak against a statement: any against one of nothing, later ones against a complete register.",
    needs=("said", "standing"),
)
_CONTRADICTED = Cte(
    "contradicted",
    """
    SELECT record_id, count(*) AS records
    FROM against
    GROUP BY record_id
    """,
    doc="How many records speak against a statement: counted once for all, not anew for each.",
    needs=("against",),
)


async def statements(
    connection: Connection, forms: Collection[str], first: date, last: date, known_at: datetime
) -> Mapping[tuple[str, str], list[Stated]]:
    """Return what was stated of days of a period, by form and unit, as known at the instant."""
    statement = Statement(
        "statements",
        """
        SELECT said.form, said.unit, said.first, said.last, said.says,
            (said.recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day,
            coalesce(contradicted.records, 0), said.written_on
        FROM said
        LEFT JOIN contradicted USING (record_id)
        """,
        doc="What each unit states of its registers, and how many records speak against it.",
        needs=("said", "contradicted"),
        sets=(_STANDING, _SAID, _AGAINST, _CONTRADICTED),
        parameters={"forms": sorted(forms), "first": first, "last": last, "known_at": known_at},
    )
    found: dict[tuple[str, str], list[Stated]] = defaultdict(list)
    for form, unit, *rest in await fetch(connection, statement):
        found[form, unit].append(Stated(*rest))
    return found


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
