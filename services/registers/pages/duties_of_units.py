"""``/<service>/duties/units``: how much is due at each unit, in numbers, and how far the goals are reached."""

from collections.abc import Iterator, Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from reference import unit_name
from services.chassis.http import Caller, Work
from services.chassis.web import Cell, Column, Table, answer
from services.registers.duties import STATES, UnitCounts, counts_as, rule_text
from services.registers.pages.frame import Desk
from services.registers.pages.models import UnitsDutiesPage
from texts import Message, day_written, message, number_message

_PERCENT = 100


def add_duties_of_units(router: APIRouter, desk: Desk) -> None:
    """Add the page of what is due at units."""

    @router.get("/duties/units", operation_id="page_duties_of_units")
    async def units(request: Request, caller: Caller, work: Work) -> Response:
        async with work() as session:
            rights = await desk.intake.rights(session, caller)
            found = await counts_as(session, rights, desk.duties, desk.platform.clock())
        page = UnitsDutiesPage(
            **desk.head(message("page.duties.by_unit")),
            lead=message("page.duties.units_lead", day=day_written(rights.day)),
            units=_table(desk, found),
            wide=True,
        )
        return answer(request, page)


def _table(desk: Desk, found: Sequence[UnitCounts]) -> Table:
    goals = list(dict.fromkeys(goal for each in found for goal in each.goals))
    return Table(
        caption=message("page.duties.by_unit"),
        columns=(
            Column(text=message("page.desk.unit")),
            *(Column(text=message(f"duty.goal.{goal}"), number=True) for goal in goals),
            *(Column(text=message(f"page.duties.{state}"), number=True) for state in STATES),
            *(Column(text=_overdue(rule), number=True) for rule in desk.duties.rules),
        ),
        rows=tuple(tuple(_cells(desk, each, goals)) for each in found),
        empty=message("page.duties.none"),
    )


def _overdue(rule: str) -> Message:
    return message("page.duties.overdue_of", what=rule_text(rule))


def _cells(desk: Desk, counts: UnitCounts, goals: Sequence[str]) -> Iterator[Cell]:
    yield Cell(text=unit_name(counts.unit))
    for goal in goals:
        done, whole = counts.goals.get(goal, (0, 0))
        yield Cell(text=_share(done, whole))
    for state in STATES:
        yield Cell(text=number_message(counts.states[state]))
    for rule in desk.duties.rules:
        states = counts.rules.get(rule)
        yield Cell(text=number_message(0 if states is None else states["overdue"]))


def _share(done: int, whole: int) -> Message:
    """Return how many reach a goal of how many, with the percentage rounded down: 100 % is all of them."""
    if not whole:
        return Message("–", "–")
    percent = number_message(done * _PERCENT // whole)
    return message("page.duties.share", done=number_message(done), all=number_message(whole), percent=percent)
