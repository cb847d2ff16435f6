"""Write days, instants, numbers, names and units of a service's answer as people write them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from contracts.envelope import VIETNAM
from khopso.language import rendered, spoken
from reference import MEASURES, area_book, calendars, period_name
from texts import Message, day_written, moment_written, number_written

_WORDS = {"unknown": "figure.unknown", "unattributed": "figure.unattributed"}


def day_shown(iso: str | None) -> str:
    """Return an ISO day as people write it (2023-12-14 → 14/12/2023); a dash for None."""
    return day_written(None if iso is None else date.fromisoformat(iso))


def moment_shown(iso: str | None) -> str:
    """Return an instant as 20/12/2023 16:05 (Asia/Ho_Chi_Minh); a bare day as a day."""
    if iso is None or len(iso) <= len("2023-12-20"):
        return day_shown(iso)
    return moment_written(datetime.fromisoformat(iso).astimezone(VIETNAM))


def when(document: Mapping[str, Any]) -> str:
    """Return the day or the period that a document is about."""
    if document.get("as_of"):
        return day_shown(document["as_of"])
    return f"{day_shown(document.get('from'))} – {day_shown(document.get('to'))}"


def unit_shown(unit: str) -> str:
    """Return what a figure counts in."""
    return rendered(Message(*MEASURES[unit]))


def shown(value: Any) -> str:
    """Return a value for people: thousands with a full stop, one decimal (half-up) after a comma, a dash for no value."""
    return number_written(value) if value is None or isinstance(value, int | float) else str(value)


def named(value: str, dimension: str, on: date, name: str | None = None) -> str:
    """Return a row's value with what it is called: areas by ``name`` or that of the day, what is not known in words."""
    if value.startswith("unattributed:") and name:
        return name
    if value in _WORDS:
        return spoken(_WORDS[value])
    if name is None and dimension in ("area", "commune"):
        area = area_book().resolve(value, on)
        name = None if area is None else area.name
    return value if name is None else f"{value}  {name}"


def period_shown(period: str, calendar: str) -> str:
    """Return a period and its calendar as people call them: "quý II năm 2023 (Kỳ báo cáo y tế …) / 2023-Q2 (health)"."""
    known = calendars().get(calendar)
    name = calendar if known is None else known.vi
    return rendered(Message(f"{period_name(period)} ({name})", f"{period} ({calendar})"))
