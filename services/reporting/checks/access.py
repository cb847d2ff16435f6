"""Who may run which check. Who sees the records behind it: ``services.reporting.figures.access``."""

from reference import agency_of
from services.chassis.problems import Problem
from services.chassis.security import Principal
from services.reporting.checks.asking import Asked
from services.reporting.figures import may_ask


def check_may_ask(caller: Principal, asked: Asked) -> None:
    """Checks are working lists of the agencies, inside their own areas, and no statistics.

    Raises:
        Problem: 403.
    """
    if caller.role == "analyst":
        raise Problem.forbidden("check_role")
    if not may_ask(caller, asked.question):
        raise Problem.forbidden("area_scope")


def may_see_count(caller: Principal, parties: tuple[str, ...]) -> bool:
    """The agencies whose registers are compared, the committee, administrators."""
    return caller.is_admin or agency_of(caller.unit) in (*parties, "committee")
