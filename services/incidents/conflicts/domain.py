"""How a conflict's status moves."""

from datetime import date

IN_PROGRESS = "in_progress"


def status_since(status: str, status_on: date | None, detected_on: date) -> date | None:
    """The day from which a status other than `in_progress` holds (blank = from detection); None for that one."""
    return None if status == IN_PROGRESS else status_on or detected_on
