"""How the command line writes what a service says in ISO: days, instants and units as people write them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from contracts.envelope import VIETNAM
from reference import MEASURES


def day_shown(iso: str | None) -> str:
    """2023-12-14 as 14/12/2023; a dash for none."""
    return "–" if iso is None else f"{date.fromisoformat(iso):%d/%m/%Y}"


def moment_shown(iso: str | None) -> str:
    """An instant as 20/12/2023 16:05 (Asia/Ho_Chi_Minh); a bare day as a day."""
    if iso is None or len(iso) <= len("2023-12-20"):
        return day_shown(iso)
    return f"{datetime.fromisoformat(iso).astimezone(VIETNAM):%d/%m/%Y %H:%M}"


def when(document: Mapping[str, Any]) -> str:
    """The day or the period that a document is about."""
    if document.get("as_of"):
        return day_shown(document["as_of"])
    return f"{day_shown(document.get('from'))} – {day_shown(document.get('to'))}"


def unit_shown(unit: str) -> str:
    """What a figure counts in, in both languages."""
    vi, en = MEASURES[unit]
    return vi if vi == en else f"{vi} / {en}"
