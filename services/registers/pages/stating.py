"""``/<service>/forms/{form}/statement``: a unit says that a register is complete, or that nothing happened, or takes it back."""

from collections.abc import Mapping
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from reference import Period, period_name, unit_name, with_days_off
from services.chassis.http import Caller, Fault, Problem, Work
from services.chassis.periods import due_of, named_period
from services.chassis.persistence import Origin
from services.chassis.runtime import current_traceparent
from services.chassis.web import (
    Breadcrumb,
    Cell,
    Column,
    Kind,
    SummaryRow,
    Table,
    answer,
    moment_text,
    read_form,
)
from services.registers.days_off import days_off_at
from services.registers.owing import Owed, State, Stated, stated_of
from services.registers.pages.cells import title
from services.registers.pages.frame import Desk, refusal_of, request_id
from services.registers.pages.models import StatementPage
from services.registers.register import Register
from services.registers.rights import Rights
from services.registers.statement_request import state_as
from services.registers.stating import Order, Outcome, Says, check_right, rows_in
from texts import Message, day_written, message, number_message

_KINDS: Mapping[State, Kind] = {
    "late": "bad",
    "missing": "bad",
    "contradicted": "bad",
    "expected": "warning",
    "unstated": "warning",
    "done": "good",
}
_MOST_LETTERS = 64


def add_stating(router: APIRouter, desk: Desk) -> None:
    """Add the routes of statements about a register's period."""

    @router.get("/forms/{form}/statement", operation_id="page_statement")
    async def draw(
        form: str,
        request: Request,
        caller: Caller,
        work: Work,
        calendar: Annotated[str, Query(max_length=_MOST_LETTERS)] = "",
        period: Annotated[str, Query(max_length=_MOST_LETTERS)] = "",
        outcome: Annotated[Outcome | None, Query()] = None,
    ) -> Response:
        register, asked = desk.register(form), _period(calendar, period)
        page = await _page(desk, register, asked, caller, work)
        done = "" if outcome is None else message(f"page.statement.done.{outcome}")
        return answer(request, StatementPage(**page, done=done))

    @router.post("/forms/{form}/statement", operation_id="page_state")
    async def state(form: str, request: Request, caller: Caller, work: Work) -> Response:
        register, sent = desk.register(form), await read_form(request)
        asked, says = _period(sent.one("calendar"), sent.one("period")), _says(sent.one("says"))
        platform = desk.platform
        origin = Origin(desk.intake.service, request_id(desk, sent), traceparent=current_traceparent())
        try:
            async with work() as session:
                rights = await desk.intake.rights(session, caller)
                order = Order(rights.unit_of(caller.unit)[0], asked, {form: says})
                (made,) = await state_as(
                    session,
                    desk.intake,
                    caller,
                    order,
                    now=platform.clock(),
                    new_id=platform.new_id,
                    origin=origin,
                )
        except Problem as problem:
            if problem.status != 422:
                raise
            page = await _page(desk, register, asked, caller, work)
            return answer(request, StatementPage(**page, problem=refusal_of(problem)), 422)
        return RedirectResponse(f"{statement_address(desk, form, asked)}&outcome={made.outcome}", 303)


def statement_address(desk: Desk, form: str, period: Period) -> str:
    """Return the address of the page on which a unit states something of the form's period."""
    asked = urlencode({"calendar": period.calendar, "period": period.code})
    return f"{desk.form_address(form, 'statement')}?{asked}"


def owed_table(desk: Desk, found: list[Owed]) -> Table | None:
    """Return what a unit owes as a table, what is late first; None where nothing is expected of it."""
    if not found:
        return None
    left = sum(each.state != "done" for each in found)
    return Table(
        caption=message("page.owed.caption", left=number_message(left), all=number_message(len(found))),
        columns=tuple(
            Column(text=message(code))
            for code in ("page.desk.register", "page.owed.period", "page.owed.due", "page.desk.state")
        ),
        rows=tuple(_row(desk, each) for each in found),
    )


def _row(desk: Desk, each: Owed) -> tuple[Cell, ...]:
    return (
        Cell(text=title(desk.register(each.form).form), href=statement_address(desk, each.form, each.period)),
        Cell(text=_named(each.period)),
        Cell(text=day_written(each.due)),
        Cell(text=_state_text(each), tag=_KINDS[each.state]),
    )


def _state_text(each: Owed) -> Message:
    if each.state == "late":
        return message("page.owed.late", days=number_message(each.late_days))
    if each.state == "done" and each.stated is not None:
        return message(f"page.owed.done.{each.stated.says}")
    return message(f"page.owed.{each.state}")


def _period(calendar: str, code: str) -> Period:
    found = named_period(calendar, code)
    if not isinstance(found, Period):
        raise Problem.invalid([found])
    return found


def _says(given: str) -> Says:
    for says in get_args(Says):
        if given == says:
            return says  # type: ignore[no-any-return]
    raise Problem.invalid([Fault.of("says", None, "shape")])


async def _page(desk: Desk, register: Register, period: Period, caller: Caller, work: Work) -> dict[str, Any]:
    form = register.form
    async with work() as session:
        rights = await desk.intake.rights(session, caller)
        unit = rights.unit_of(caller.unit)[0]
        # What stands, and how many records there are, is told to whoever may state it.
        check_right(rights, Order(unit, period, {form.name: "nil"}))
        stated = await stated_of(session, unit, [period])
        rows = await rows_in(session, register, unit, period)
        period = with_days_off(period, await days_off_at(session, desk.platform.clock()))
    stands = stated.get((form.name, period.calendar, period.code))
    own = Breadcrumb(text=title(form), href=desk.form_address(form.name, "records"))
    return {
        **desk.head(message("page.statement.title"), own),
        "action": desk.form_address(form.name, "statement"),
        "request_id": str(desk.platform.new_id()),
        "calendar": period.calendar,
        "period": period.code,
        "facts": _facts(rights, unit, register, period, rows, stands),
        "rows": rows,
        "says": "" if stands is None else stands.says,
        "enter": desk.form_address(form.name, "new") if rights.hands_in_some(register, unit) else "",
    }


def _facts(
    rights: Rights, unit: str, register: Register, period: Period, rows: int, stands: Stated | None
) -> tuple[SummaryRow, ...]:
    due = due_of(period, rights.units.on(unit, rights.day))
    given: list[tuple[str, Any]] = [
        ("page.desk.unit", unit_name(unit)),
        ("page.desk.register", title(register.form)),
        ("page.owed.period", _named(period)),
        ("page.statement.days", f"{day_written(period.first)} – {day_written(period.last)}"),
        ("page.owed.due", day_written(due) or message("page.statement.no_due")),
        ("page.desk.records", number_message(rows)),
        ("page.statement.stands", _stands(stands)),
    ]
    return tuple(SummaryRow(term=message(code), value=value) for code, value in given)


def _stands(stands: Stated | None) -> Message:
    if stands is None:
        return message("page.statement.none")
    when = moment_text(stands.at)
    return message(f"page.statement.stands.{stands.says}", when=when, by=stands.by)


def _named(period: Period) -> Message:
    return Message(period_name(period.code), period.code)
