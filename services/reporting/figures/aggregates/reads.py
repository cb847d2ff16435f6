"""The statements that read cells: sums over ranges of slots, and what maintenance has not worked in yet."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from services.chassis.persistence import Cte, Statement
from services.reporting.facts import FOREVER
from services.reporting.figures.aggregates.contributions import (
    COLUMNS,
    contributions,
    split_parameters,
)
from services.reporting.figures.aggregates.series import SERIES, Series
from services.reporting.figures.aggregates.slots import block_of, ranges, squares
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
    doc="Which definitions filled the cells, and how many references wait to be worked in.",
)

# One stretch of the index for each range: its block holds the nodes one after the other.
_SUMS = Statement(
    "sums",
    """
    SELECT summed.node, summed.n
    FROM unnest(%(blocks)s::int[], %(froms)s::int[], %(tos)s::int[]) AS range (block, first, last)
    CROSS JOIN LATERAL (
        SELECT cell.node, sum(cell.n) AS n
        FROM cell
        WHERE cell.series = %(series)s
          AND cell.block = range.block
          AND cell.node = ANY(%(nodes)s::bigint[])
          AND cell.slot BETWEEN range.first AND range.last
        GROUP BY cell.node
    ) AS summed
    """,
    doc="Cells of the nodes in each range of slots, added up.",
)


def _pairs(name: str, doc: str, block: str, earlier: str, later: str) -> Statement:
    return Statement(
        name,
        f"""
        SELECT summed.node, summed.n
        FROM unnest(
            %(blocks)s::int[], %(earlier_froms)s::int[], %(earlier_tos)s::int[], %(froms)s::int[], %(tos)s::int[]
        ) AS square (block, earlier_first, earlier_last, first, last)
        CROSS JOIN LATERAL (
            SELECT pair.node, sum(pair.n) AS n
            FROM repeated AS pair
            WHERE pair.series = %(series)s
              AND {block} = square.block
              AND pair.node = ANY(%(nodes)s::bigint[])
              AND {later} BETWEEN square.first AND square.last
              AND {earlier} BETWEEN square.earlier_first AND square.earlier_last
            GROUP BY pair.node
        ) AS summed
        """,
        doc=doc,
    )


# With nothing added to it, a column is of no use to an index: each statement is to go by the one whose block it names.
_PAIRS_BY_EARLIER = _pairs(
    "pairs_by_earlier",
    "Pairs of the nodes with both slots in a period, found by the earlier one.",
    block="pair.earlier_block",
    earlier="pair.earlier",
    later="pair.slot + 0",
)
_PAIRS_BY_LATER = _pairs(
    "pairs_by_later",
    "Pairs of the nodes with both slots in a period, found by the later one.",
    block="pair.block",
    earlier="pair.earlier + 0",
    later="pair.slot",
)


class Read(NamedTuple):
    """A statement whose sums count ``weight`` times."""

    weight: int
    statement: Statement


def reads(series: Series, period: Period, nodes: Iterable[int]) -> list[Read]:
    """Return what is read for the nodes in a period; the weighted sums add up to the figure.

    This is inclusion and exclusion. Everything that begins in the period is included once (`sums`); what counts
    twice that way, or no longer counts at the period's end, is excluded again by its pair of days:

    - *stay*: additions and subtractions up to the day; nothing is counted twice.
    - *event* of persons: events less pairs of one person's successive events. Three events of one person in the
      period are two pairs: 3 - 2 = 1.
    - *leaving*: events less those whose end came in the period as well.
    - *arriving*: only the pairs, of an event and the day from which it counts.
    """
    first, last = period
    given = {"series": series.number, "nodes": _array(sorted(nodes))}
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


def waiting(code: str, nodes: Iterable[int]) -> Statement:
    """Return the statement of what the marked references add to nodes; columns: node, earlier day or None, day, number."""
    return _waiting(code).given(nodes=_array(nodes))


@lru_cache(maxsize=128)
def _waiting(code: str) -> Statement:
    series = SERIES[code]
    return Statement(
        "waiting",
        """
        SELECT node, NULL::date, day, n::numeric
        FROM placed
        WHERE node = ANY(%(nodes)s)
        UNION ALL
        SELECT node, earlier, day, n::numeric
        FROM paired
        WHERE node = ANY(%(nodes)s)
        """,
        doc="What the marked references add to nodes: their contributions of now less those that the cells have.",
        needs=("placed", "paired"),
        sets=(
            Cte("mark", "SELECT ref FROM dirty", doc="References that wait to be worked in."),
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
                doc="The difference: what comes and what goes.",
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
