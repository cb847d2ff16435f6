"""Instants of record time as callers write them: a day, which means its end, or an instant of ISO 8601."""

from datetime import date, datetime

from contracts.envelope import VIETNAM, end_of_day
from services.chassis.problems import Fault


def read_date(text: str) -> date | None:
    """Return the date of a text ``yyyy-mm-dd`` or ``dd/mm/yyyy``; None where it is neither."""
    # strptime takes the digits of every script.
    if not text.isascii():
        return None
    # In Vietnam dates are written with the day first.
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007  only its date is used
        except ValueError:
            continue
        # No real date lies outside, and date arithmetic fails near the limits of Python's calendar.
        return found if 1900 <= found.year <= 9990 else None
    return None


def read_known_at(text: str, now: datetime) -> datetime | Fault:
    """Return the instant of record time that a text names, or what is wrong with it.

    Example: ``2024-06-30`` is the end of that day in Vietnam.
    """
    day = read_date(text)
    found = _read_instant(text) if day is None else end_of_day(day)
    if found is None:
        return Fault.of("known_at", text, "known_at")
    # The end of today lies in the future and is allowed: it is what today's date means.
    if found > end_of_day(now.astimezone(VIETNAM).date()):
        return Fault.of("known_at", text, "known_at_in_future", now=_minute(now))
    return found


def _read_instant(text: str) -> datetime | None:
    """Return the instant of a text in ISO 8601 with a time of day; without an offset it is Vietnamese time."""
    # A day alone means its end. Days in other forms (20231219, 2023-W51-2) would be read as their beginning: refused.
    # A "+" that was not escaped in the address arrives as a space.
    try:
        found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        return None
    if ":" not in text or not 1900 <= found.year <= 9990:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=VIETNAM)


def _minute(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).isoformat(timespec="minutes")
