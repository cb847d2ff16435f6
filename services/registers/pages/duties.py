"""``/<service>/duties``: what is due at a unit, overdue first, each line leading to its record; the same as files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from reference import unit_name
from services.chassis.http import Caller, Work
from services.chassis.persistence import AsyncSession
from services.chassis.web import Cell, Column, Kind, Link, Option, Table, answer
from services.registers.duties import (
    PLACE,
    STATES,
    Due,
    Duty,
    Question,
    State,
    calendar_answer,
    counts_units,
    csv_answer,
    doubt_text,
    due_as,
    due_for,
    page_of,
    rule_text,
)
from services.registers.pages.frame import Desk
from services.registers.pages.models import DutiesPage
from services.registers.rights import Rights
from texts import Message, day_written, joined, message, number_message

_PAGE = 50
_KINDS: dict[State, Kind] = {"overdue": "bad", "soon": "warning", "open": "plain"}
_NAME = r"^[a-z_.]{0,64}$"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for; each is a parameter of the address, and blank where a form left it blank."""

    unit: Annotated[str, Query(max_length=64)] = ""
    state: Annotated[str, Query(pattern=_NAME)] = ""
    rule: Annotated[str, Query(pattern=_NAME)] = ""

    @property
    def question(self) -> Question:
        """Return the question; a state that there is not is none."""
        state = next((each for each in STATES if each == self.state), None)
        return Question(self.unit.strip() or None, None, state, None, self.rule or None)

    def query(self, **more: str) -> str:
        """Return the end of an address that asks for the same."""
        given = {"unit": self.unit, "state": self.state, "rule": self.rule, **more}
        said = urlencode({name: text for name, text in given.items() if text})
        return f"?{said}" if said else ""


AskedDuties = Annotated[Asked, Depends()]


def add_duties(router: APIRouter, desk: Desk) -> None:
    """Add the page of what is due, and its files."""
    intake, book = desk.intake, desk.duties

    @router.get("/duties", operation_id="page_duties")
    async def draw(
        request: Request,
        caller: Caller,
        work: Work,
        asked: AskedDuties,
        after: Annotated[str, Query(pattern=f"^$|{PLACE}")] = "",
    ) -> Response:
        found = await due_for(request, caller, work, intake, book, asked.question)
        return answer(request, _page(desk, asked, found, after))

    @router.get("/duties.csv", operation_id="page_duties_csv")
    async def table_file(request: Request, caller: Caller, work: Work, asked: AskedDuties) -> Response:
        return await csv_answer(request, await due_for(request, caller, work, intake, book, asked.question))

    @router.get("/duties.ics", operation_id="page_duties_calendar")
    async def calendar_file(request: Request, caller: Caller, work: Work, asked: AskedDuties) -> Response:
        return await calendar_answer(
            request, await due_for(request, caller, work, intake, book, asked.question)
        )


async def due_link(
    session: AsyncSession, desk: Desk, rights: Rights, unit: str, now: datetime
) -> tuple[Link | None, Kind]:
    """Return how much is due at the unit, leading to the list, or for whoever only counts to the numbers of units; None where nothing is."""
    if not any("values" in rights.sees(form, unit) for form in desk.duties.forms):
        by_unit = Link(text=message("page.duties.by_unit"), href=f"{desk.home}duties/units")
        return (by_unit if counts_units(rights) else None), "plain"
    found = await due_as(session, rights, desk.duties, Question(unit), now)
    if not found.duties:
        return None, "plain"
    text = joined([message("page.duties.title"), _counts(found)], ": ")
    return Link(text=text, href=f"{desk.home}duties"), _KINDS[found.duties[0].state]


def _page(desk: Desk, asked: Asked, found: Due, after: str) -> DutiesPage:
    shown, following = page_of(found.duties, after, _PAGE)
    return DutiesPage(
        **desk.head(message("page.duties.title")),
        lead=message("page.duties.lead", unit=unit_name(found.unit), day=day_written(found.day)),
        counts=_counts(found),
        duties=_table(desk, shown),
        action=f"{desk.home}duties",
        unit=asked.unit,
        state=asked.state,
        rule=asked.rule,
        states=tuple(Option(value=each, text=message(f"page.duties.{each}")) for each in STATES),
        rules=tuple(Option(value=each, text=rule_text(each)) for each in desk.duties.rules),
        lacking=tuple(
            joined([message("page.duties.lacking"), rule_text(rule)], ": ")
            for rule in sorted({each.rule for each in found.lacking})
        ),
        following="" if following is None else asked.query(after=following),
        files=(
            Link(text=message("page.duties.csv"), href=f"{desk.home}duties.csv{asked.query()}"),
            Link(text=message("page.duties.ics"), href=f"{desk.home}duties.ics{asked.query()}"),
            Link(text=message("page.duties.by_unit"), href=f"{desk.home}duties/units"),
        ),
        wide=True,
    )


def _counts(found: Due) -> Message:
    return message("page.duties.counts", **{state: number_message(found.counts[state]) for state in STATES})


def _table(desk: Desk, duties: Sequence[Duty]) -> Table:
    return Table(
        caption=message("page.duties.caption"),
        columns=tuple(
            Column(text=message(code))
            for code in (
                "page.desk.number",
                "page.duties.what",
                "page.desk.state",
                "page.duties.until",
                "page.duties.basis",
            )
        ),
        rows=tuple(_row(desk, duty) for duty in duties),
        empty=message("page.duties.none"),
    )


def _row(desk: Desk, duty: Duty) -> tuple[Cell, ...]:
    basis = Message(duty.limit.basis, duty.limit.basis)
    doubt = doubt_text(duty)
    until = message("page.duties.no_limit") if duty.until is None else day_written(duty.until)
    return (
        Cell(text=duty.number or "–", href=desk.record_address(duty.fact.record)),
        Cell(text=rule_text(duty.rule)),
        Cell(text=_state(duty), tag=_KINDS[duty.state]),
        Cell(text=until),
        Cell(text=basis if doubt is None else joined([basis, doubt], ". ")),
    )


def _state(duty: Duty) -> Message:
    if duty.state == "overdue":
        return message("page.duties.late", days=number_message(duty.late_days))
    return message(f"page.duties.{duty.state}")
