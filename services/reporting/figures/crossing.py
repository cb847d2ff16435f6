"""Tables of two dimensions of the figures that count rows: one SQL statement gives the cells, both margins and the total."""

from typing import Any

from services.chassis.persistence import Statement
from services.reporting.facts import Connection, fetch
from services.reporting.figures.definitions import Definition
from services.reporting.figures.evaluate import number, ordered_rows, plain
from services.reporting.figures.row_sets import counted_sets
from services.reporting.figures.scope import Number, Result, Scope, row_parameters
from services.reporting.figures.territories import AREA_DIMENSIONS, UNKNOWN


async def cross_rows(connection: Connection, definition: Definition, scope: Scope) -> Result:
    """Compute a figure by two dimensions: `Result` with the margins in ``rows`` and ``columns``, and every cell.

    A margin is counted and not added up: a person listed in two communes counts in the cells of both, and once in the
    margin of their age band.
    """
    total: Number = 0
    margins: tuple[dict[str, Number], dict[str, Number]] = ({}, {})
    found: dict[tuple[str, str], Number] = {}
    for over_rows, over_columns, row, column, value in await fetch(connection, crossing(definition, scope)):
        if over_rows and over_columns:
            total = plain(value)
        elif over_columns:
            margins[0][_name(row)] = plain(value)
        elif over_rows:
            margins[1][_name(column)] = plain(value)
        else:
            found[_name(row), _name(column)] = plain(value)
    rows = ordered_rows(margins[0], _parts(scope, scope.by))
    columns = ordered_rows(margins[1], _parts(scope, scope.across))
    cells = {(row, column): found.get((row, column), 0) for row in rows for column in columns}
    return Result(total, rows, columns=columns, cells={**cells})


def crossing(definition: Definition, scope: Scope) -> Statement:
    """Return the statement that counts a definition's rows by two dimensions.

    Columns: whether all rows of the table are taken together, whether all columns are, the row, the column, the number.

    Example: by area and sex it yields ``(true, true, NULL, NULL, 7)`` for the total, ``(false, true, '288', NULL, 4)`` for an
    area, ``(true, false, NULL, 'female', 2)`` for a sex and ``(false, false, '288', 'female', 1)`` for a cell.
    """
    several = any(name in definition.lists for name in scope.dimensions)
    return Statement(
        "crossing",
        f"""
        SELECT grouping(s.dim) = 1, grouping(s.across) = 1, s.dim, s.across, {number(definition, several=several)}
        FROM counted AS s
        GROUP BY GROUPING SETS ((), (s.dim), (s.across), (s.dim, s.across))
        """,
        doc="The figure from the rows of spells or facts: the total, each row, each column and each cell of the table.",
        needs=("counted",),
        sets=counted_sets(definition, scope),
        parameters=row_parameters(definition, scope),
    )


def _name(value: Any) -> str:
    return UNKNOWN if value is None else str(value)


def _parts(scope: Scope, dimension: str | None) -> tuple[str, ...]:
    """Return what has a row or a column also where nothing is counted: the parts of the area asked."""
    return scope.territory().parts if dimension in AREA_DIMENSIONS else ()
