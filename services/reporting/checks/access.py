"""Who may run checks. Whether a reader's agency is a party to one check is decided by the query service, as for figures."""

from services.chassis.problems import Problem
from services.chassis.security import Principal
from services.reporting.checks.requests import CheckRequest
from services.reporting.figures import may_ask


def check_may_ask(caller: Principal, asked: CheckRequest) -> None:
    """Refuse readers who may not run checks in this area: checks are working lists of agencies, and no statistics.
    Raises:
        Problem: 403.
    """
    # Findings point at single persons and records, analysts and operators have released numbers only.
    if caller.role in ("analyst", "operator"):
        raise Problem.forbidden("check_role")
    if not may_ask(caller, asked.question):
        raise Problem.forbidden("area_scope")
