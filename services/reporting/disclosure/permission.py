"""Who may follow or query exact values, for the routes and, again and again, for what is told to followers."""

from services.chassis.problems import Problem
from services.chassis.security import Principal
from services.reporting.disclosure.policy import is_sensitive, may_see_exact
from services.reporting.figures import Question, may_ask


def sees_exact(caller: Principal, question: Question) -> bool:
    """Whether the caller gets the figure as it is on the day asked; what counts nobody is for everybody."""
    return not is_sensitive(question.figure.code, question.day) or may_see_exact(
        caller, question.figure, question.day
    )


def check_exact(caller: Principal, question: Question) -> None:
    """Refuse (Problem 403) a question outside the caller's area or about numbers that he may not see exactly."""
    if not may_ask(caller, question):
        raise Problem.forbidden("area_scope")
    if not sees_exact(caller, question):
        raise Problem.forbidden("data_exact_only")
