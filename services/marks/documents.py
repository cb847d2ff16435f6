"""What stands of a line, and its history, as JSON; and which lines are asked for by their marks."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

from services.chassis.problems import Fault, Problem
from services.marks.standing import Mark, Wanted, in_order, standing_of

WANTED: tuple[Wanted, ...] = get_args(Wanted)


def wanted_of(text: str | None) -> Wanted | None:
    """Return which lines are wanted by their marks; None: all. Problem 422 for a word that is none of `WANTED`."""
    found = next((wanted for wanted in WANTED if wanted == text), None)
    if text and found is None:
        raise Problem.invalid([Fault.of("marked", text, "mark_wanted", allowed=", ".join(WANTED))])
    return found


def mark_document(marks: Sequence[Mark], texts: Mapping[UUID, str], *, found: bool) -> dict[str, Any] | None:
    """Return what stands of a line, with the latest note; None where it has no mark.

    ``id`` is of the mark that made the state (null: notes alone): whoever marks next says by it what they saw. ``found`` stands beside the state: a line can be marked done and still be found.
    """
    if not marks:
        return None
    standing = standing_of(marks)
    noted = [mark for mark in in_order(marks) if mark.mark_id in texts]
    return {
        "state": standing.state,
        "found": found,
        "to_unit": standing.to_unit,
        "to_person": standing.to_person,
        **_when_by_whom(standing.mark),
        "note": texts[noted[-1].mark_id] if noted else None,
        "marks": len(marks),
    }


def history_document(mark: Mark, texts: Mapping[UUID, str]) -> dict[str, Any]:
    """Return one mark of a line's history."""
    return {
        "mark": mark.kind,
        "to_unit": mark.to_unit,
        "to_person": mark.to_person,
        **_when_by_whom(mark),
        "note": texts.get(mark.mark_id),
    }


def _when_by_whom(mark: Mark | None) -> dict[str, str | None]:
    if mark is None:
        return dict.fromkeys(("id", "on", "at", "by", "by_unit"))
    return {
        "id": str(mark.mark_id),
        "on": mark.on.isoformat(),
        "at": mark.marked_at.isoformat(),
        "by": mark.by,
        "by_unit": mark.by_unit,
    }
