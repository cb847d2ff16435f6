"""What readers outside the owning agencies may learn: a fixed grid of releases in which no small count can be found."""

from services.reporting.disclosure.answers import Protected
from services.reporting.disclosure.permission import check_exact, sees_exact
from services.reporting.disclosure.policy import is_sensitive, may_see_exact, rule_of

__all__ = [
    "Protected",
    "check_exact",
    "is_sensitive",
    "may_see_exact",
    "rule_of",
    "sees_exact",
]
