"""What a page says with the form by which a line is marked: the mark, and which mark its author saw."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import get_args
from uuid import UUID

from reference import area_book, unit_name
from services.chassis.problems import Fault, Problem
from services.chassis.web import ErrorSummary, FieldFault, Option, SentForm
from services.marks import NOTHING_SEEN, Kind, Marking, Seen
from services.reporting.pages.typed import typed_day
from texts import message

KINDS: tuple[Kind, ...] = get_args(Kind)
TYPED = ("mark", "to_unit", "to_person", "note", "on")
"""The fields of the form that a person fills in; each is the id of its input, too."""
_LONGEST = {"to_unit": 64, "to_person": 200, "note": 500}


@dataclass(frozen=True, kw_only=True)
class MarkForm:
    """The form, as it was filled in. ``kept`` are the names and values that it sends as they are."""

    action: str
    kept: tuple[tuple[str, str], ...]
    kinds: tuple[Option, ...]
    units: tuple[Option, ...]
    typed: Mapping[str, str]


def mark_form(
    action: str, kept: Mapping[str, str], agency: str, areas: Iterable[str], typed: Mapping[str, str]
) -> MarkForm:
    """Return the form for a line of an agency's records in these areas; its units are those above and in them."""
    return MarkForm(
        action=action,
        kept=tuple((name, value) for name, value in kept.items() if value),
        kinds=tuple(Option(value=kind, text=message(f"page.mark.{kind}")) for kind in KINDS),
        units=tuple(_units(agency, areas)),
        typed={name: typed.get(name, "") for name in TYPED},
    )


def _units(agency: str, areas: Iterable[str]) -> Iterable[Option]:
    book = area_book()
    above = {area for uid in areas if uid in book.by_uid for area in (*book.ancestors(uid), uid)}
    for uid in sorted(above, key=lambda uid: book.by_uid[uid].code):
        code = f"{agency}:{book.by_uid[uid].code}"
        name = unit_name(code)
        if name != code:
            yield Option(value=code, text=name)


def marking_of(sent: SentForm) -> Marking:
    """Return what is marked; Problem 422 with every field that cannot be read."""
    said = {name: sent.one(name).strip() for name in TYPED}
    faults = [
        Fault.of(name, None, "too_long", limit=limit)
        for name, limit in _LONGEST.items()
        if len(said[name]) > limit
    ]
    kind = next((kind for kind in KINDS if kind == said["mark"]), None)
    if kind is None:
        faults.append(Fault.of("mark", None, "page.mark.needed"))
    on = typed_day("on", said["on"]) if said["on"] else None
    if isinstance(on, Fault):
        faults.append(on)
    if faults or kind is None or isinstance(on, Fault):
        raise Problem.invalid(faults)
    return Marking(
        subject=sent.one("line"),
        kind=kind,
        to_unit=said["to_unit"] or None,
        to_person=said["to_person"] or None,
        note=said["note"] or None,
        on=on,
        seen=_seen(sent.one("seen")),
    )


def _seen(text: str) -> Seen:
    try:
        return UUID(text)
    except ValueError:
        return NOTHING_SEEN


def errors_of(problem: Problem) -> ErrorSummary:
    """Return what is wrong with a mark, at its fields; that somebody was faster stands at the choice of the mark."""
    if problem.status == 409:
        return ErrorSummary(faults=(FieldFault(field="mark", text=problem.title),))
    return ErrorSummary(
        faults=tuple(
            FieldFault(field=fault.field if fault.field in TYPED else "mark", text=fault.message)
            for fault in problem.faults
        )
    )
