"""The statements that read cells: sums over ranges of buckets, and the rows that maintenance has not reached yet."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from services.chassis.persistence import Cte, Statement
from services.reporting.facts import FOREVER
from services.reporting.figures.aggregates.buckets import block_of, ranges, squares
from services.reporting.figures.aggregates.contributions import (
    COLUMNS,
    contributions,
    split_parameters,
)
from services.reporting.figures.aggregates.series import SERIES, Series
from services.reporting.figures.aggregates.subjects import ROWS_OF_SUBJECTS
from services.reporting.figures.aggregates.sums import additions

Period = tuple[date | None, date]
"""First and last day; ``first`` None = from the beginning on."""

STATE = Statement(
    "state",
    """
    SELECT fingerprint, (SELECT count(*) FROM (SELECT FROM dirty LIMIT %(most)s) AS marked)
    FROM covered
    """,
    doc="Which definitions filled the cells, and how many references wait for maintenance.",
)

# Each range reads one continuous part of the index, in which a block has the area sets one after the other.
_SUMS = Statement(
    "sums",
    """
    SELECT summed.area_set, summed.n
    FROM unnest(%(blocks)s::int[], %(froms)s::int[], %(tos)s::int[]) AS range (block, first, last)
    CROSS JOIN LATERAL (
        SELECT cell.area_set, sum(cell.n) AS n
        FROM cell
        WHERE cell.series = %(series)s
          AND cell.block = range.block
          AND cell.area_set = ANY(%(area_sets)s::bigint[])
          AND cell.bucket BETWEEN range.first AND range.last
        GROUP BY cell.area_set
    ) AS summed
    """,
    doc="Cells of the area sets in each range of buckets, added up.",
)


def _pairs(name: str, doc: str, block: str, earlier: str, later: str) -> Statement:
    return Statement(
        name,
        f"""
        SELECT summed.area_set, summed.n
        FROM unnest(
            %(blocks)s::int[], %(earlier_froms)s::int[], %(earlier_tos)s::int[], %(froms)s::int[], %(tos)s::int[]
        ) AS square (block, earlier_first, earlier_last, first, last)
        CROSS JOIN LATERAL (
            SELECT pair.area_set, sum(pair.n) AS n
            FROM repeated AS pair
            WHERE pair.series = %(series)s
              AND {block} = square.block
              AND pair.area_set = ANY(%(area_sets)s::bigint[])
              AND {later} BETWEEN square.first AND square.last
              AND {earlier} BETWEEN square.earlier_first AND square.earlier_last
            GROUP BY pair.area_set
        ) AS summed
        """,
        doc=doc,
    )


# "+ 0" keeps the planner from the index of that column: each statement shall use the index of the block that it names.
_PAIRS_BY_EARLIER = _pairs(
    "pairs_by_earlier",
    "Pairs of the area sets with both buckets in a period, found by the earlier one.",
    block="pair.earlier_block",
    earlier="pair.earlier",
    later="pair.bucket + 0",
)
_PAIRS_BY_LATER = _pairs(
    "pairs_by_later",
    "Pairs of the area sets with both buckets in a period, found by the later one.",
    block="pair.block",
    earlier="pair.earlier + 0",
    later="pair.bucket",
)


class Read(NamedTuple):
    """A statement whose sums count ``weight`` times."""

    weight: int
    statement: Statement


def reads(series: Series, period: Period, area_sets: Iterable[int]) -> list[Read]:
    """Return the statements for the area sets in a period; their sums, multiplied by their weights, add up to the figure.

    This is inclusion and exclusion. Everything that begins in the period is included once (`sums`); what counts
    twice that way, or no longer counts at the period's end, is excluded again by its pair of days:

    - *stay*: additions and subtractions up to the day; nothing is counted twice.
    - *event* of persons: events less pairs of one person's successive events. Three events of one person in the
      period are two pairs: 3 - 2 = 1.
    - *leaving*: events less those whose end came in the period as well.
    - *arriving*: only the pairs, of an event and the day from which it counts.
    """
    first, last = period
    given = {"series": series.number, "area_sets": _array(sorted(area_sets))}
    found = []
    if series.events_weight:
        cut = [(block_of(low), low, high) for low, high in ranges(first, last)]
        found.append(
            Read(series.events_weight, _SUMS.given(**given, **_arrays(("blocks", "froms", "tos"), cut)))
        )
    if series.pairs_weight:
        names = ("blocks", "earlier_froms", "earlier_tos", "froms", "tos")
        by_earlier, by_later = squares(first or date.min, last)
        for statement, pairs, side in ((_PAIRS_BY_EARLIER, by_earlier, 0), (_PAIRS_BY_LATER, by_later, 2)):
            if pairs:
                arrays = _arrays(names, [(block_of(one[side]), *one) for one in pairs])
                found.append(Read(series.pairs_weight, statement.given(**given, **arrays)))
    return found


def _arrays(names: Sequence[str], rows: Iterable[tuple[int, ...]]) -> dict[str, str]:
    return dict(zip(names, map(_array, zip(*rows, strict=True)), strict=True))


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


def waiting(code: str, area_sets: Iterable[int]) -> Statement:
    """Return the statement of what waiting references add; columns: area set, earlier day or None, day, number."""
    return _waiting(code).given(area_sets=_array(area_sets))


@lru_cache(maxsize=128)
def _waiting(code: str) -> Statement:
    series = SERIES[code]
    return Statement(
        "waiting",
        """
        SELECT area_set, NULL::date, day, n::numeric
        FROM area_set_change
        WHERE area_set = ANY(%(area_sets)s)
        UNION ALL
        SELECT area_set, earlier, day, n::numeric
        FROM day_pair
        WHERE area_set = ANY(%(area_sets)s)
        """,
        doc="What the marked references add to area sets: their contributions of now less those that the cells have.",
        needs=("area_set_change", "day_pair"),
        sets=(
            Cte("mark", "SELECT ref FROM dirty", doc="References that wait for maintenance."),
            *ROWS_OF_SUBJECTS,
            *contributions([series]),
            Cte(
                "contribution",
                f"""
                SELECT 1 AS sign, {COLUMNS}
                FROM current
                UNION ALL
                SELECT -1, {COLUMNS}
                FROM counted
                JOIN subject USING (subject)
                WHERE series = %(series)s
                """,
                doc="The difference: contributions that are added and removed.",
                needs=("current", "subject"),
                materialized=True,
            ),
            *additions(),
        ),
        parameters=split_parameters() | {"series": series.number},
    )


FACILITIES = Statement(
    "facilities",
    """
    SELECT DISTINCT ON (facility, valid_from) facility, area, valid_from, valid_to
    FROM spell
    WHERE kind = 'facility'
      AND known_to = %(forever)s
    ORDER BY facility, valid_from, record_id DESC
    """,
    doc="Where each facility was when, as known now.",
    parameters={"forever": FOREVER},
)
