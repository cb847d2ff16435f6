"""From contributions to sums: what each contribution adds to which node on which day.

All sets begin with ``contribution`` (sign, series, subject, place, since, until, n), which the statement gives; ``sign``
is 1 for what comes and -1 for what goes.
"""

from collections.abc import Collection
from typing import Literal

from services.chassis.persistence import Cte
from services.reporting.figures.aggregates.contributions import ALL, END
from services.reporting.figures.aggregates.places import facility_node_sql
from services.reporting.figures.aggregates.series import Series
from services.reporting.figures.aggregates.slots import (
    block_sql,
    day_slot_sql,
    month_slot_sql,
    year_slot_sql,
)

Sum = Literal["int", "numeric"]
"""The type to add up in: "int" is several times as fast and enough where things are counted."""


def numbers(series: Collection[Series]) -> str:
    """Return the numbers of series as an array in SQL."""
    return "'{" + ",".join(str(found.number) for found in series) + "}'::smallint[]"


_STAYS = numbers([found for found in ALL if found.kind == "stay"])
_PERSONAL_STAYS = numbers([found for found in ALL if found.kind == "stay" and found.personal])
_PERSONAL_EVENTS = numbers([found for found in ALL if found.kind == "event" and found.personal])
_PAIRED_EVENTS = numbers([found for found in ALL if found.kind in ("leaving", "arriving")])
_ARRIVING = numbers([found for found in ALL if found.kind == "arriving"])
_BY_FACILITY = numbers([found for found in ALL if found.by_facility])


def additions(sum_type: Sum = "numeric") -> tuple[Cte, ...]:
    """Return the sets that end with ``placed`` (series, node, day, n) and ``paired`` (series, node, earlier, day, n).

    - ``placed``: by how much the series of the node changes on a day. A stay [3 May, 8 June) adds 1 on 3 May and -1 on
      8 June, so the sum of all days up to a day is the figure on it.
    - ``paired``: what two days together take from or add to a period that holds both. A person who enters treatment
      on 3 May and again on 9 July counts twice in ``placed``; the pair (3 May, 9 July) takes one back from every
      period with both days.
    """
    return (
        _OVERLAPPING_SUBJECT,
        Cte(
            "daily",
            # First added up per place, then given to the nodes: most rows end in few sums.
            f"""
            SELECT series, place, day, sum(n)::{sum_type} AS n
            FROM (
                SELECT contribution.series, contribution.place, change.day, change.n
                FROM contribution
                CROSS JOIN LATERAL (
                    VALUES
                        (contribution.since, contribution.sign * contribution.n),
                        (contribution.until, -contribution.sign * contribution.n)
                ) AS change (day, n)
                WHERE contribution.series = ANY({_STAYS})
                  AND change.day < {END}
                  AND NOT EXISTS (
                      SELECT
                      FROM overlapping_subject AS overlapping
                      WHERE overlapping.sign = contribution.sign
                        AND overlapping.series = contribution.series
                        AND overlapping.subject = contribution.subject
                  )
                UNION ALL
                SELECT series, place, since, sign * n
                FROM contribution
                WHERE NOT series = ANY({_STAYS})
                  AND NOT series = ANY({_ARRIVING})
            ) AS change
            GROUP BY series, place, day
            HAVING sum(n) <> 0
            """,
            doc="By how much each series of a place changes on a day, subjects with overlapping stays left out.",
            needs=("contribution", "overlapping_subject"),
        ),
        _UNITED_STAY,
        _PLACED,
        _REPEATING_SUBJECT,
        _PAIRED,
    )


_OVERLAPPING_SUBJECT = Cte(
    "overlapping_subject",
    f"""
    SELECT DISTINCT sign, series, subject
    FROM (
        SELECT
            sign,
            series,
            subject,
            since < max(until) OVER (
                PARTITION BY sign, series, subject
                ORDER BY since, until
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS again
        FROM contribution
        WHERE series = ANY({_PERSONAL_STAYS})
    ) AS stay
    WHERE again
    """,
    doc="Human beings with stays of one series that overlap: two register numbers, or two communes at once.",
    needs=("contribution",),
)

_UNITED_STAY = Cte(
    "united_stay",
    """
    SELECT
        contribution.sign,
        contribution.series,
        part.node,
        part.since,
        part.until,
        unnest(range_agg(daterange(contribution.since, contribution.until))) AS stay
    FROM contribution
    JOIN overlapping_subject USING (sign, series, subject)
    JOIN part USING (place)
    GROUP BY
        contribution.sign, contribution.series, contribution.subject, part.node, part.since, part.until
    """,
    doc="Their stays united per node: [3 May, 8 June) and [1 June, 2 July) count once, as [3 May, 2 July).",
    needs=("contribution", "overlapping_subject"),
)

_PLACED = Cte(
    "placed",
    # A node is asked about on days of its own interval only: what began before it is there on its first day.
    f"""
    SELECT
        daily.series,
        part.node,
        CASE WHEN daily.series = ANY({_STAYS}) THEN greatest(daily.day, part.since) ELSE daily.day END AS day,
        daily.n
    FROM daily
    JOIN part USING (place)
    WHERE daily.day < part.until
    UNION ALL
    SELECT united.series, united.node, greatest(change.day, united.since), change.n
    FROM united_stay AS united
    CROSS JOIN LATERAL (
        VALUES
            (lower(united.stay), united.sign),
            (upper(united.stay), -united.sign)
    ) AS change (day, n)
    WHERE change.day < united.until
    UNION ALL
    SELECT daily.series, {facility_node_sql("facility.place")}, daily.day, daily.n
    FROM daily
    CROSS JOIN LATERAL (
        VALUES
            (daily.place),
            ('')
    ) AS facility (place)
    WHERE daily.series = ANY({_BY_FACILITY})
    """,
    doc="By how much each series of a node changes on a day; figures by facility: of the facility and of all together.",
    needs=("daily", "united_stay"),
)

_REPEATING_SUBJECT = Cte(
    "repeating_subject",
    f"""
    SELECT sign, series, subject
    FROM contribution
    WHERE series = ANY({_PERSONAL_EVENTS})
    GROUP BY sign, series, subject
    HAVING count(*) > 1
    """,
    doc="Human beings with several events of one series.",
    needs=("contribution",),
)

_PAIRED = Cte(
    "paired",
    f"""
    SELECT series, node, earlier, day, sign AS n
    FROM (
        SELECT
            contribution.sign,
            contribution.series,
            part.node,
            contribution.since AS day,
            lag(contribution.since) OVER (
                PARTITION BY contribution.sign, contribution.series, contribution.subject, part.node
                ORDER BY contribution.since
            ) AS earlier
        FROM contribution
        JOIN repeating_subject USING (sign, series, subject)
        JOIN part USING (place)
        WHERE contribution.since < part.until
    ) AS again
    WHERE earlier IS NOT NULL
    UNION ALL
    SELECT
        contribution.series,
        part.node,
        contribution.since,
        greatest(contribution.since, contribution.until),
        contribution.sign * contribution.n
    FROM contribution
    JOIN part USING (place)
    WHERE contribution.series = ANY({_PAIRED_EVENTS})
      AND contribution.until IS NOT NULL
      AND contribution.since < part.until
    """,
    doc="Pairs of days: of an event and the same person's event before it, or of an event and the day of its outcome.",
    needs=("contribution", "repeating_subject"),
)


def cell_changes(sum_type: Sum = "numeric") -> Cte:
    """Return the set ``cell_change`` (series, block, node, slot, n): ``placed`` by day, month and year."""
    day = "daily.day"
    return Cte(
        "cell_change",
        f"""
        SELECT
            daily.series,
            {block_sql("bucket.slot")} AS block,
            daily.node,
            bucket.slot,
            sum(daily.n)::{sum_type} AS n
        FROM (
            SELECT series, node, day, sum(n)::{sum_type} AS n
            FROM placed
            GROUP BY series, node, day
            HAVING sum(n) <> 0
        ) AS daily
        CROSS JOIN LATERAL (
            VALUES
                ({day_slot_sql(day)}),
                ({month_slot_sql(day)}),
                ({year_slot_sql(day)})
        ) AS bucket (slot)
        GROUP BY daily.series, daily.node, bucket.slot
        HAVING sum(daily.n) <> 0
        """,
        doc="What is added to the cells of each day, its month and its year.",
        needs=("placed",),
    )


def pair_changes(sum_type: Sum = "numeric") -> Cte:
    """Return the set ``pair_change`` (series, earlier_block, node, earlier, block, slot, n): ``paired`` by days and months."""
    earlier, day = "paired.earlier", "paired.day"
    return Cte(
        "pair_change",
        f"""
        SELECT
            paired.series,
            {block_sql("bucket.earlier")} AS earlier_block,
            paired.node,
            bucket.earlier,
            {block_sql("bucket.slot")} AS block,
            bucket.slot,
            sum(paired.n)::{sum_type} AS n
        FROM paired
        CROSS JOIN LATERAL (
            VALUES
                ({day_slot_sql(earlier)}, {day_slot_sql(day)}),
                ({month_slot_sql(earlier)}, {month_slot_sql(day)})
        ) AS bucket (earlier, slot)
        GROUP BY paired.series, paired.node, bucket.earlier, bucket.slot
        HAVING sum(paired.n) <> 0
        """,
        doc="What is added to the pairs of days and to the pairs of months.",
        needs=("paired",),
    )
