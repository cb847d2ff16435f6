"""``/registry/persons/{ref}``: the page of what all units know of one human being."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from contracts.envelope import VIETNAM
from contracts.forms import FORMS
from reference import unit_name
from services.chassis.http import Caller, Problem, Work, platform_of, state_purpose
from services.chassis.web import (
    Breadcrumb,
    Cell,
    Column,
    ErrorSummary,
    FieldFault,
    Option,
    Page,
    Table,
    Text,
    answer,
    moment_text,
    page_router,
    purpose_options,
)
from services.registers import spelt_out
from services.registers.pages import label, person_address, record_address, shown, title
from services.registry.chronology.domain import Entry, Milestone
from services.registry.chronology.usecases import Chronology, chronology
from texts import Message, joined, message

HEADS = ("day", "what", "said", "whose", "known_from", "known_until")
_HOME = "/registry/"
_DAY = FORMS["registry"].by_id["status_from"]
_TOLD_CLASSES = {"stopped": "page.person.stopped"}
"""Words of the authority table that no form has (``classes.csv``)."""


@dataclass(frozen=True, kw_only=True)
class PersonPage(Page):
    """What is known of a person, and what it was asked with."""

    template: ClassVar[str] = "person.html"

    action: str
    purpose: str
    purposes: tuple[Option, ...]
    known_at: str = ""
    history: bool = False
    known: Text = ""
    entries: Table | None = None


def chronology_page() -> APIRouter:
    """Return the page; authentication is put before it by the application."""
    router = page_router("registry")

    @router.get("/persons/{ref}", operation_id="page_person")
    async def person(
        ref: UUID,
        request: Request,
        caller: Caller,
        work: Work,
        purpose: Annotated[str, Query()] = "",
        known_at: Annotated[str, Query(max_length=40)] = "",
        history: Annotated[str, Query(max_length=8)] = "",
    ) -> Response:
        asked = _asked(request, ref, purpose, known_at, history)
        if not purpose:
            # Nothing is looked up before it is said what for; the page asks for it.
            return answer(request, PersonPage(**asked))
        state_purpose(request, purpose)
        try:
            async with work() as session:
                found = await chronology(
                    request, session, caller, ref, spelt_out(_DAY, known_at).strip(), history=bool(history)
                )
        except Problem as problem:
            if not problem.faults:
                raise
            faults = tuple(FieldFault(field="known_at", text=fault.message) for fault in problem.faults)
            return answer(request, PersonPage(**asked, errors=ErrorSummary(faults=faults)), problem.status)
        return answer(request, _page(asked, found, purpose, history=bool(history)))

    return router


def _asked(request: Request, ref: UUID, purpose: str, known_at: str, history: str) -> dict[str, Any]:
    """Return the head of the page and what it was asked with."""
    name = message("page.person.title")
    desk = Breadcrumb(text=message("page.desk.of.registry"), href=_HOME)
    day = platform_of(request).clock().astimezone(VIETNAM).date()
    return {
        "title": name,
        "breadcrumbs": (desk, Breadcrumb(text=name)),
        "action": person_address(ref),
        "purpose": purpose,
        "purposes": purpose_options(day),
        "known_at": known_at,
        "history": bool(history),
        "wide": True,
    }


def _page(asked: dict[str, Any], found: Chronology, purpose: str, *, history: bool) -> PersonPage:
    known = message(
        "page.person.known_always" if history else "page.person.known_at", when=moment_text(found.known_at)
    )
    heads = HEADS if history else HEADS[:-1]
    table = Table(
        caption=message("page.person.entries"),
        columns=tuple(Column(text=message(f"page.person.head.{head}")) for head in heads),
        # The newest first: what is asked for is mostly what is so now.
        rows=tuple(_row(entry, purpose, history=history) for entry in reversed(found.entries)),
        empty=message("page.person.nothing"),
    )
    return PersonPage(**asked, known=known, entries=table)


def _row(entry: Entry, purpose: str, *, history: bool) -> tuple[Cell, ...]:
    belief, milestone = entry.belief, entry.belief.milestone
    form = FORMS[milestone.form]
    column = form.by_id[milestone.column]
    day = message("page.person.no_day") if milestone.day is None else shown(column, milestone.day)
    cells = [
        Cell(text=day),
        Cell(text=joined((title(form), label(column)), ": "), href=_record(entry, purpose)),
        Cell(text=_details(milestone)),
        Cell(text=message("page.person.other_agency") if entry.unit is None else unit_name(entry.unit)),
        Cell(text=moment_text(belief.known_from)),
    ]
    if history:
        until = "–" if belief.known_until is None else moment_text(belief.known_until)
        cells.append(Cell(text=until))
    return tuple(cells)


def _record(entry: Entry, purpose: str) -> str:
    """Return the address of the record, where the reader reads it."""
    if entry.record is None:
        return ""
    return record_address(FORMS[entry.belief.milestone.form].service, entry.record, purpose=purpose)


def _details(milestone: Milestone) -> Text:
    """Return what else the record says, or a dash."""
    said = (_said(milestone.form, name, value) for name, value in milestone.said)
    return joined(said, "; ") if milestone.said else "–"


def _said(form: str, name: str, value: Any) -> Message:
    column = FORMS[form].by_id[name]
    text = message(_TOLD_CLASSES[value]) if value in _TOLD_CLASSES else shown(column, value)
    return joined((label(column), text if isinstance(text, Message) else Message(text, text)), ": ")
