"""``GET /v1/duties``: what is due at a unit on a day, overdue first; as JSON page by page, as CSV and as a calendar."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from reference import Mark
from services.chassis.http import Caller, Work, platform_of
from services.chassis.problems import Texts, texts
from services.chassis.web import language_of
from services.registers.duties.asking import PLACE, Due, Question, due_for, page_of
from services.registers.duties.counting import UnitCounts, counts_as
from services.registers.duties.files import calendar_of, csv_of
from services.registers.duties.model import Duty, DutyBook, State
from services.registers.duties.words import doubt_text, rule_text
from services.registers.engine import Intake
from texts import message

PAGE = 500
_FIRST, _LAST = date(2000, 1, 1), date(2100, 12, 31)
_NAME = r"^[a-z_.]{1,64}$"
_CALENDAR = "text/calendar; charset=utf-8"
_CSV = "text/csv; charset=utf-8"


class DutyAnswer(BaseModel):
    """One duty. ``until`` is null where there is no limit; ``late_days`` count since the last day.

    ``mark``: V read in the text, S from a secondary source, M from memory, D decided here for the time being; ``doubt`` says
    why the limit may be another one.
    """

    rule: str
    duty: Texts
    record: UUID
    form: str
    number: str
    since: date
    until: date | None
    state: State
    late_days: int
    basis: str
    mark: Mark
    doubt: Texts | None


class LackingAnswer(BaseModel):
    """A rule set without a value: of this rule and variant nothing is said for records of the day."""

    rule: str
    variant: str
    day: date


class DutyList(BaseModel):
    """A page of what is due at a unit on a day; ``next`` is the ``after`` of the next page, null on the last.

    ``overdue``, ``soon`` and ``open`` count all that was asked for, of whichever state.
    """

    unit: str
    day: date
    overdue: int
    soon: int
    open: int
    duties: list[DutyAnswer]
    lacking: list[LackingAnswer]
    next: str | None


class RuleCount(BaseModel):
    """How many duties of a rule there are, by state."""

    rule: str
    overdue: int
    soon: int
    open: int


class GoalCount(BaseModel):
    """How many of a unit's records reach a goal (``done``), and of how many (``all``)."""

    goal: str
    done: int
    all: int


class UnitDuties(BaseModel):
    """What is due at a unit, in numbers."""

    unit: str
    rules: list[RuleCount]
    goals: list[GoalCount]


class UnitsDuties(BaseModel):
    """What is due on the day at the units that the caller reads or counts."""

    day: date
    units: list[UnitDuties]


async def _question(
    unit: Annotated[
        str | None, Query(max_length=64, description=str(message("api.parameter.duties.unit")))
    ] = None,
    state: Annotated[State | None, Query(description=str(message("api.parameter.duties.state")))] = None,
    form: Annotated[
        str | None, Query(pattern=_NAME, description=str(message("api.parameter.duties.form")))
    ] = None,
    rule: Annotated[
        str | None, Query(pattern=_NAME, description=str(message("api.parameter.duties.rule")))
    ] = None,
    day: Annotated[
        date | None, Query(ge=_FIRST, le=_LAST, description=str(message("api.parameter.duties.day")))
    ] = None,
) -> Question:
    return Question(unit, day, state, form, rule)


Asked = Annotated[Question, Depends(_question)]


def duties_router(intake: Intake, book: DutyBook) -> APIRouter:
    """Return the routes; `create_app` puts authentication before them."""
    router = APIRouter(prefix="/v1", tags=["registers"])

    @router.get("/duties", operation_id="list_duties")
    async def list_duties(
        request: Request,
        caller: Caller,
        work: Work,
        asked: Asked,
        after: Annotated[
            str | None, Query(pattern=PLACE, description=str(message("api.parameter.records.after")))
        ] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE)] = 100,
    ) -> DutyList:
        found = await due_for(request, caller, work, intake, book, asked)
        shown, following = page_of(found.duties, after, limit)
        return _list(found, shown, following)

    @router.get("/duties/units", operation_id="count_duties")
    async def count_duties(request: Request, caller: Caller, work: Work) -> UnitsDuties:
        async with work() as session:
            rights = await intake.rights(session, caller)
            found = await counts_as(session, rights, book, platform_of(request).clock())
        return UnitsDuties(day=rights.day, units=[_counted(each) for each in found])

    @router.get("/duties.csv", operation_id="list_duties_csv", response_class=Response)
    async def duties_file(request: Request, caller: Caller, work: Work, asked: Asked) -> Response:
        found = await due_for(request, caller, work, intake, book, asked)
        return await csv_answer(request, found)

    @router.get("/duties.ics", operation_id="list_duties_calendar", response_class=Response)
    async def duties_calendar(request: Request, caller: Caller, work: Work, asked: Asked) -> Response:
        found = await due_for(request, caller, work, intake, book, asked)
        return await calendar_answer(request, found)

    return router


async def csv_answer(request: Request, found: Due) -> Response:
    """Return what is due as a file for a spreadsheet."""
    text = await asyncio.to_thread(csv_of, found.duties, language_of(request))
    return _file(text.encode(), _CSV, "csv")


async def calendar_answer(request: Request, found: Due) -> Response:
    """Return what is due as a calendar."""
    now = platform_of(request).clock()
    content = await asyncio.to_thread(calendar_of, found.duties, language_of(request), now)
    return _file(content, _CALENDAR, "ics")


def _list(found: Due, shown: Sequence[Duty], following: str | None) -> DutyList:
    return DutyList(
        unit=found.unit,
        day=found.day,
        overdue=found.counts["overdue"],
        soon=found.counts["soon"],
        open=found.counts["open"],
        duties=[_answer(duty) for duty in shown],
        lacking=[
            LackingAnswer(rule=each.rule, variant=each.variant, day=each.day)
            for each in sorted(found.lacking, key=lambda each: (each.rule, each.variant, each.day))
        ],
        next=following,
    )


def _counted(counts: UnitCounts) -> UnitDuties:
    return UnitDuties(
        unit=counts.unit,
        rules=[
            RuleCount(rule=rule, overdue=states["overdue"], soon=states["soon"], open=states["open"])
            for rule, states in sorted(counts.rules.items())
        ],
        goals=[GoalCount(goal=goal, done=done, all=whole) for goal, (done, whole) in counts.goals.items()],
    )


def _answer(duty: Duty) -> DutyAnswer:
    doubt = doubt_text(duty)
    return DutyAnswer(
        rule=duty.rule,
        duty=Texts(**texts(rule_text(duty.rule))),
        record=duty.fact.record,
        form=duty.fact.form,
        number=duty.number,
        since=duty.since,
        until=duty.until,
        state=duty.state,
        late_days=duty.late_days,
        basis=duty.limit.basis,
        mark=duty.limit.mark,
        doubt=None if doubt is None else Texts(**texts(doubt)),
    )


def _file(content: bytes, kind: str, ending: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="duties.{ending}"', "Cache-Control": "no-store"}
    return Response(content, media_type=kind, headers=headers)
