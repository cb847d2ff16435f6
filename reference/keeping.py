"""Numbers of days by rules that are data: how long something is kept that no register holds, when its age is told."""

from datetime import date, timedelta
from functools import lru_cache

from reference.tables import in_force, national_table


@lru_cache(maxsize=64)
def kept_for(what: str, day: date) -> timedelta:
    """Return how long such things are kept by the rule of the day.

    Raises:
        LookupError: the table has no rule for it.
    """
    return _days("keeping.csv", what, day)


@lru_cache(maxsize=64)
def warned_after(what: str, day: date) -> timedelta:
    """Return from which age on operators are warned (``backup``), or how long before an end (``certificate``).

    Raises:
        LookupError: the table has no rule for it.
    """
    return _days("ages.csv", what, day)


def _days(table: str, what: str, day: date) -> timedelta:
    for row in national_table(table):
        since, until = (
            date.fromisoformat(row[name]) if row[name] else None for name in ("valid_from", "valid_to")
        )
        if row["what"] == what and in_force(since, until, day):
            return timedelta(days=int(row["days"]))
    raise LookupError(f"{table} has no rule for {what} on {day}")
