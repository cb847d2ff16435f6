"""Checks that need no declaration: registers against each other, stocks against flows, tables against themselves."""

from services.reporting.checks.access import check_may_ask
from services.reporting.checks.asking import AskedCheck, check_asked
from services.reporting.checks.marked_lists import count_marked, one_line
from services.reporting.checks.marking import check_may_list, mark
from services.reporting.checks.queries import Aged
from services.reporting.checks.released import released_count
from services.reporting.checks.requests import CheckRequest, parse
from services.reporting.checks.rules import Severity
from services.reporting.checks.seen import exact_counts, seen_check
from services.reporting.checks.usecases import Check, all_checks, count_aged, count_all

__all__ = [
    "Aged",
    "AskedCheck",
    "Check",
    "CheckRequest",
    "Severity",
    "all_checks",
    "check_asked",
    "check_may_ask",
    "check_may_list",
    "count_aged",
    "count_all",
    "count_marked",
    "exact_counts",
    "mark",
    "one_line",
    "parse",
    "released_count",
    "seen_check",
]
