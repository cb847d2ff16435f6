"""From contributions to sums: what each contribution adds to which area set on which day.

The sets here read ``contribution`` (sign, series, subject, place, since, until, n), which the statement defines. ``sign``
is 1 for a contribution that is added and -1 for one that is removed.
"""

from collections.abc import Collection
from typing import Literal

from services.chassis.persistence import Cte
from services.reporting.figures.aggregates.buckets import (
    block_sql,
    day_bucket_sql,
    month_bucket_sql,
    year_bucket_sql,
)
from services.reporting.figures.aggregates.contributions import ALL, END
from services.reporting.figures.aggregates.places import facility_set_sql
from services.reporting.figures.aggregates.series import Series

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
    """Return the sets that end with ``area_set_change`` (series, area_set, day, n) and ``day_pair`` (series, area_set, earlier, day, n).

    - ``area_set_change``: by how much the series of the area set changes on a day. A stay [3 May, 8 June) adds 1 on
      3 May and -1 on 8 June, so the sum of all days up to a day is the figure on it.
    - ``day_pair``: what a pair of days takes from, or adds to, a period that contains both. A person who enters treatment
      on 3 May and again on 9 July counts twice in ``area_set_change``; the pair (3 May, 9 July) takes one from
      every period with both days.
    """
    return (
        _OVERLAPPING_SUBJECT,
        Cte(
            "place_change",
            # First added up per place, then distributed to the area sets: many rows, few sums.
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
        _MERGED_STAY,
        _AREA_SET_CHANGE,
        _REPEATING_SUBJECT,
        _DAY_PAIR,
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
            ) AS overlapped
        FROM contribution
        WHERE series = ANY({_PERSONAL_STAYS})
    ) AS stay
    WHERE overlapped
    """,
    doc="Human beings with stays of one series that overlap: two register numbers, or two communes at once.",
    needs=("contribution",),
)

_MERGED_STAY = Cte(
    "merged_stay",
    """
    SELECT
        contribution.sign,
        contribution.series,
        part.area_set,
        part.since,
        part.until,
        unnest(range_agg(daterange(contribution.since, contribution.until))) AS stay
    FROM contribution
    JOIN overlapping_subject USING (sign, series, subject)
    JOIN part USING (place)
    GROUP BY
        contribution.sign, contribution.series, contribution.subject, part.area_set, part.since, part.until
    """,
    doc="Their stays merged per area set: [3 May, 8 June) and [1 June, 2 July) count once, as [3 May, 2 July).",
    needs=("contribution", "overlapping_subject"),
)

_AREA_SET_CHANGE = Cte(
    "area_set_change",
    # Questions ask about an area set on days of [since, until) only: a stay that began earlier counts from `since` on.
    f"""
    SELECT
        place_change.series,
        part.area_set,
        CASE
            WHEN place_change.series = ANY({_STAYS}) THEN greatest(place_change.day, part.since)
            ELSE place_change.day
        END AS day,
        place_change.n
    FROM place_change
    JOIN part USING (place)
    WHERE place_change.day < part.until
    UNION ALL
    SELECT merged.series, merged.area_set, greatest(change.day, merged.since), change.n
    FROM merged_stay AS merged
    CROSS JOIN LATERAL (
        VALUES
            (lower(merged.stay), merged.sign),
            (upper(merged.stay), -merged.sign)
    ) AS change (day, n)
    WHERE change.day < merged.until
    UNION ALL
    SELECT place_change.series, {facility_set_sql("facility.place")}, place_change.day, place_change.n
    FROM place_change
    CROSS JOIN LATERAL (
        VALUES
            (place_change.place),
            ('')
    ) AS facility (place)
    WHERE place_change.series = ANY({_BY_FACILITY})
    """,
    doc="By how much each series of an area set changes on a day; figures by facility: of the facility and of all together.",
    needs=("place_change", "merged_stay"),
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

_DAY_PAIR = Cte(
    "day_pair",
    f"""
    SELECT series, area_set, earlier, day, sign AS n
    FROM (
        SELECT
            contribution.sign,
            contribution.series,
            part.area_set,
            contribution.since AS day,
            lag(contribution.since) OVER (
                PARTITION BY contribution.sign, contribution.series, contribution.subject, part.area_set
                ORDER BY contribution.since
            ) AS earlier
        FROM contribution
        JOIN repeating_subject USING (sign, series, subject)
        JOIN part USING (place)
        WHERE contribution.since < part.until
    ) AS repeated_day
    WHERE earlier IS NOT NULL
    UNION ALL
    SELECT
        contribution.series,
        part.area_set,
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
    """Return the set ``cell_change`` (series, block, area_set, bucket, n): ``area_set_change`` by day, month and year."""
    day = "daily.day"
    return Cte(
        "cell_change",
        f"""
        SELECT
            daily.series,
            {block_sql("spread.bucket")} AS block,
            daily.area_set,
            spread.bucket,
            sum(daily.n)::{sum_type} AS n
        FROM (
            SELECT series, area_set, day, sum(n)::{sum_type} AS n
            FROM area_set_change
            GROUP BY series, area_set, day
            HAVING sum(n) <> 0
        ) AS daily
        CROSS JOIN LATERAL (
            VALUES
                ({day_bucket_sql(day)}),
                ({month_bucket_sql(day)}),
                ({year_bucket_sql(day)})
        ) AS spread (bucket)
        GROUP BY daily.series, daily.area_set, spread.bucket
        HAVING sum(daily.n) <> 0
        """,
        doc="What is added to the cells of each day, its month and its year.",
        needs=("area_set_change",),
    )


def pair_changes(sum_type: Sum = "numeric") -> Cte:
    """Return the set ``pair_change`` (series, earlier_block, area_set, earlier, block, bucket, n): ``day_pair`` by days and months."""
    earlier, day = "day_pair.earlier", "day_pair.day"
    return Cte(
        "pair_change",
        f"""
        SELECT
            day_pair.series,
            {block_sql("spread.earlier")} AS earlier_block,
            day_pair.area_set,
            spread.earlier,
            {block_sql("spread.bucket")} AS block,
            spread.bucket,
            sum(day_pair.n)::{sum_type} AS n
        FROM day_pair
        CROSS JOIN LATERAL (
            VALUES
                ({day_bucket_sql(earlier)}, {day_bucket_sql(day)}),
                ({month_bucket_sql(earlier)}, {month_bucket_sql(day)})
        ) AS spread (earlier, bucket)
        GROUP BY day_pair.series, day_pair.area_set, spread.earlier, spread.bucket
        HAVING sum(day_pair.n) <> 0
        """,
        doc="What is added to the pairs of days and to the pairs of months.",
        needs=("day_pair",),
    )
