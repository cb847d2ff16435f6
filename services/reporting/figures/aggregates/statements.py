"""The statements that fill cells and that maintain them after folding: one definition for both."""

from functools import lru_cache
from hashlib import sha256

from services.chassis.persistence import Cte, Statement
from services.reporting.figures.aggregates import places
from services.reporting.figures.aggregates.contributions import (
    ALL,
    COLUMNS,
    contributions,
    split_parameters,
)
from services.reporting.figures.aggregates.subjects import ROWS_OF_ALL, ROWS_OF_SUBJECTS
from services.reporting.figures.aggregates.sums import (
    Sum,
    additions,
    cell_changes,
    numbers,
    pair_changes,
)

CELL_KEY = "series, block, area_set, bucket"
PAIR_KEY = "series, earlier_block, area_set, earlier, block, bucket"
# Amounts have decimals and need the slower type; they are added up apart from counts.
_AMOUNTS = numbers([found for found in ALL if found.definition.count == "sum"])


def fill_contributions() -> Statement:
    """Return the statement that stores the contributions of all rows."""
    return Statement(
        "fill_contributions",
        f"""
        INSERT INTO counted ({COLUMNS})
        SELECT {COLUMNS}
        FROM current
        """,
        doc="Store the contributions of all rows.",
        needs=("current",),
        sets=(*ROWS_OF_ALL, *contributions(ALL)),
        parameters=split_parameters(),
    )


def fill_cells(sum_type: Sum) -> Statement:
    """Return the statement that adds contributions up to cells; ``sum_type`` "int": counts, "numeric": amounts."""
    return Statement(
        "fill_cells",
        # In the order of the key, so that the index grows at its end.
        f"""
        INSERT INTO cell ({CELL_KEY}, n)
        SELECT {CELL_KEY}, n
        FROM cell_change
        ORDER BY {CELL_KEY}
        """,
        doc="Fill the cells: all contributions added up by day, month and year.",
        needs=("cell_change",),
        sets=(_stored_contributions(sum_type), *additions(sum_type), cell_changes(sum_type)),
    )


def fill_pairs(sum_type: Sum) -> Statement:
    """Return the statement that adds contributions up to pairs; ``sum_type`` as for `fill_cells`."""
    return Statement(
        "fill_pairs",
        f"""
        INSERT INTO repeated ({PAIR_KEY}, n)
        SELECT {PAIR_KEY}, n
        FROM pair_change
        ORDER BY {PAIR_KEY}
        """,
        doc="Fill the pairs of days and of months.",
        needs=("pair_change",),
        sets=(_stored_contributions(sum_type), *additions(sum_type), pair_changes(sum_type)),
    )


def _stored_contributions(sum_type: Sum) -> Cte:
    return Cte(
        "contribution",
        f"""
        SELECT 1 AS sign, series, subject, place, since, until, n::{sum_type}
        FROM counted
        WHERE {"" if sum_type == "numeric" else "NOT "}series = ANY({_AMOUNTS})
        """,
        doc="The stored contributions whose sums have this type.",
        materialized=False,
    )


TAKE_MARKS = Statement(
    "take_marks",
    """
    SELECT array_agg(DISTINCT ref::text), count(*), coalesce(extract(epoch FROM now() - min(at)), 0)
    FROM taken
    """,
    doc="Take some of the marked references: these, the number of their marks, the age of the oldest mark in seconds.",
    needs=("taken",),
    sets=(
        Cte(
            "taken",
            """
            DELETE FROM dirty
            WHERE ctid = ANY(ARRAY(
                SELECT ctid
                FROM dirty
                LIMIT %(most)s
            ))
            RETURNING ref, at
            """,
            doc="The marks that are taken, deleted.",
        ),
    ),
)


@lru_cache(maxsize=1)
def work_in() -> Statement:
    """Return the statement that updates cells for marked references (``refs``); rows: table and key of what is 0 now."""
    return Statement(
        "work_in",
        f"""
        SELECT 'cell', ARRAY[{CELL_KEY}]::bigint[]
        FROM updated_cell
        WHERE n = 0
        UNION ALL
        SELECT 'repeated', ARRAY[{PAIR_KEY}]::bigint[]
        FROM updated_pair
        WHERE n = 0
        """,
        doc="Replace the stored contributions of the subjects by those of now, and add the difference to the cells.",
        needs=("added", "updated_cell", "updated_pair"),
        sets=(
            Cte("mark", "SELECT unnest(%(refs)s::uuid[]) AS ref", doc="The marked references."),
            *ROWS_OF_SUBJECTS,
            *contributions(ALL),
            *_EXCHANGE,
            *additions(),
            cell_changes(),
            pair_changes(),
            *_UPDATED,
        ),
        parameters=split_parameters(),
    )


_EXCHANGE = (
    Cte(
        "removed",
        """
        DELETE FROM counted
        USING subject
        WHERE counted.subject = subject.subject
        RETURNING counted.series, counted.subject, counted.place, counted.since, counted.until, counted.n
        """,
        doc="What the subjects contributed so far, deleted.",
        needs=("subject",),
    ),
    Cte(
        "added",
        f"""
        INSERT INTO counted ({COLUMNS})
        SELECT {COLUMNS}
        FROM current
        """,
        doc="What they contribute now, stored.",
        needs=("current",),
    ),
    Cte(
        "contribution",
        f"""
        SELECT -1 AS sign, {COLUMNS}
        FROM removed
        UNION ALL
        SELECT 1, {COLUMNS}
        FROM current
        """,
        doc="The difference: contributions that are removed and added.",
        needs=("removed", "current"),
        materialized=True,
    ),
)
_UPDATED = (
    Cte(
        "updated_cell",
        f"""
        INSERT INTO cell AS stored ({CELL_KEY}, n)
        SELECT {CELL_KEY}, n
        FROM cell_change
        ON CONFLICT ({CELL_KEY}) DO UPDATE SET n = stored.n + excluded.n
        RETURNING {CELL_KEY}, stored.n
        """,
        doc="Cells with the difference added.",
        needs=("cell_change",),
    ),
    Cte(
        "updated_pair",
        f"""
        INSERT INTO repeated AS stored ({PAIR_KEY}, n)
        SELECT {PAIR_KEY}, n
        FROM pair_change
        ON CONFLICT ({PAIR_KEY}) DO UPDATE SET n = stored.n + excluded.n
        RETURNING {PAIR_KEY}, stored.n
        """,
        doc="Pairs with the difference added.",
        needs=("pair_change",),
    ),
)

CLEAR_CELLS = Statement(
    "clear_cells",
    f"""
    DELETE FROM cell
    WHERE n = 0
      AND ({CELL_KEY}) IN (
          SELECT *
          FROM unnest(%(series)s::smallint[], %(block)s::int[], %(area_set)s::bigint[], %(bucket)s::int[])
      )
    """,
    doc="Delete cells that are 0 now, so that filling and maintenance leave the same rows.",
)
CLEAR_PAIRS = Statement(
    "clear_pairs",
    f"""
    DELETE FROM repeated
    WHERE n = 0
      AND ({PAIR_KEY}) IN (
          SELECT *
          FROM unnest(
              %(series)s::smallint[], %(earlier_block)s::int[], %(area_set)s::bigint[], %(earlier)s::int[],
              %(block)s::int[], %(bucket)s::int[]
          )
      )
    """,
    doc="Delete pairs that are 0 now.",
)


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Return a hash of the definitions and areas of this program: cells are read only if the same hash filled them."""
    # Whatever changes a statement changes the sums, so cells of the old text must not be read.
    texts = [
        work_in().text,
        *(fill(kind).text for fill in (fill_cells, fill_pairs) for kind in ("int", "numeric")),
    ]
    return sha256("".join((*texts, places.fingerprint())).encode()).hexdigest()
