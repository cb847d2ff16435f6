"""The SQL statements of a question, for readers who want to know how a figure is computed. They contain no data."""

from typing import Any

from services.reporting.figures.aggregates.answers import first_reads
from services.reporting.figures.answering import scope_of
from services.reporting.figures.communes import commune_statements_of
from services.reporting.figures.crossing import crossing
from services.reporting.figures.definitions import DEFINITIONS
from services.reporting.figures.evaluate import counting
from services.reporting.figures.questions import Question


def statements_of(question: Question) -> list[dict[str, Any]]:
    """Return the statements of a question, a ratio's numerator first, each with the figure and where it reads.

    ``reads`` is "cells" or "rows". Both give the same number: cells answer where they know the question and are
    current, the rows otherwise.
    """
    figure, scope = question.figure, scope_of(question)
    codes = [figure.code]
    if figure.kind == "ratio":
        codes = [part for part in (figure.numerator, figure.denominator) if part is not None]
    found = []
    for code in codes:
        if code in DEFINITIONS:
            count = counting if scope.across is None else crossing
            of_rows = [count(DEFINITIONS[code], scope)]
        else:
            of_rows = commune_statements_of(code, scope)
        for reads, statements in (("cells", first_reads(code, scope)), ("rows", of_rows)):
            found += [{"figure": code, "reads": reads, **one.document()} for one in statements]
    return found
