"""Tables that people hand in: their small format (``reading``) and what their own numbers contradict (``arithmetic``)."""

from tablecheck.arithmetic import check_table
from tablecheck.model import Finding, Line, plain
from tablecheck.reading import COLUMNS, EXAMPLE, MAX_ROWS, CellFault, column_of, is_row_number, read_lines
from tablecheck.relations import contradictions

__all__ = [
    "COLUMNS",
    "EXAMPLE",
    "MAX_ROWS",
    "CellFault",
    "Finding",
    "Line",
    "check_table",
    "column_of",
    "contradictions",
    "is_row_number",
    "plain",
    "read_lines",
]
