"""What stands of a line of a list after its marks, in words."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from khopso.console import Console
from khopso.language import lines, spoken
from khopso.words import day_shown, moment_shown
from texts import message


class MarkKind(StrEnum):
    """What can be marked on a line; the texts are ``check.mark.<kind>``."""

    ASSIGNED = "assigned"
    DONE = "done"
    DISPUTED = "disputed"
    OPEN = "open"
    NOTE = "note"


def show_mark(console: Console, mark: Mapping[str, Any] | None) -> None:
    """Write what stands of a line; that a line marked done is still found is said beside it."""
    if mark is None:
        return
    whom = mark["to_unit"] or mark["to_person"]
    parts = [
        spoken(f"check.mark.{mark['state']}"),
        whom and f"→ {whom}",
        mark["at"] and by_whom(mark),
        mark["note"],
        mark["id"] and f"[{mark['id']}]",
    ]
    wrong = mark["found"] and mark["state"] == MarkKind.DONE
    console.line("    " + "  ".join(part for part in parts if part), "yellow" if wrong else None)
    if wrong or not mark["found"]:
        for text in lines(message("check.mark_still_found" if wrong else "check.mark_settled")):
            console.line(f"    {text}")


def by_whom(mark: Mapping[str, Any]) -> str:
    """Return since when a mark holds, who made it, and when the system was told."""
    said = f"{day_shown(mark['on'])}, {mark['by']} ({mark['by_unit']})"
    told = moment_shown(mark["at"])
    return f"{said}, {spoken('check.mark_told')} {told}"
