"""The days on which what a figure counts now became known: between two of them no later knowledge changed it by what it counts."""

from datetime import date

from services.chassis.persistence import Statement
from services.reporting.facts import Connection, fetch
from services.reporting.figures.definitions import DEFINITIONS, Definition
from services.reporting.figures.questions import Question
from services.reporting.figures.row_sets import counted_sets
from services.reporting.figures.scope import Scope, row_parameters


async def arrival_days(connection: Connection, question: Question, scope: Scope) -> tuple[date, ...]:
    """Return the days (Asia/Ho_Chi_Minh), earliest first; those of both figures of a ratio, none of a target or an area's class."""
    figure = question.figure
    codes = (figure.numerator, figure.denominator) if figure.kind == "ratio" else (figure.code,)
    found: set[date] = set()
    for code in codes:
        if code in DEFINITIONS:
            found |= {day for (day,) in await fetch(connection, arriving(DEFINITIONS[code], scope))}
    return tuple(sorted(found))


def arriving(definition: Definition, scope: Scope) -> Statement:
    """Return the statement of the days on which the rows that a figure counts became known."""
    return Statement(
        "arriving",
        """
        SELECT DISTINCT (s.known_from AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
        FROM counted AS s
        """,
        doc="Each day on which a row that the figure counts became known.",
        needs=("counted",),
        sets=counted_sets(definition, scope),
        parameters=row_parameters(definition, scope),
    )
