"""The door for exact values: functions that compute exact numbers and do not check who will read them.

Questions of readers go to `QueryService`, which decides between exact and released numbers. A product that needs exact
values for a purpose of its own (sealing a closing, the steps of a reconciliation, making a release) imports them from here
and from nowhere else; ``tests/architecture/exactness.py`` lists each such module with its reason, and refuses others.
"""

from services.reporting.figures import snapshot
from services.reporting.figures.answering import answer, compute
from services.reporting.figures.communes import count_communes, look_up_target
from services.reporting.figures.evaluate import count_rows
from services.reporting.figures.membership import members, rows_of, total

__all__ = [
    "answer",
    "compute",
    "count_communes",
    "count_rows",
    "look_up_target",
    "members",
    "rows_of",
    "snapshot",
    "total",
]
