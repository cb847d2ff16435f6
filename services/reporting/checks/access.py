"""Who may run checks. Whether a reader's agency is a party to one check is decided by the query service, as for figures."""

from services.chassis.problems import Problem
from services.chassis.security import AGENCIES, EXACT
from services.reporting.checks.requests import CheckRequest
from services.reporting.figures import Reader, may_ask


def check_may_ask(reader: Reader, asked: CheckRequest) -> None:
    """Refuse readers who may not run checks in this area: checks are working lists of agencies, and no statistics.

    Raises:
        Problem: 403.
    """
    # Whoever has exact numbers of no agency at all is a party to nothing.
    reader.check(EXACT, AGENCIES, "check_role")
    if not may_ask(reader, asked.question):
        raise Problem.forbidden("area_scope")
