"""``/<service>/`` and ``/<service>/search``: the desk of a unit, and finding records. What is asked is never in an address."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from contracts.forms import FORMS
from reference import unit_name
from services.chassis.http import Caller, Fault, Problem, Work, guards_met, purpose_of, state_purpose
from services.chassis.persistence import AsyncSession, raw
from services.chassis.web import (
    Cell,
    Column,
    ErrorSummary,
    FieldFault,
    SentForm,
    Table,
    answer,
    purpose_options,
    read_form,
)
from services.registers.days_off import days_off_at
from services.registers.owing import owed
from services.registers.pages.cells import own_day, shown, title
from services.registers.pages.drafting import offer
from services.registers.pages.duties import due_link
from services.registers.pages.frame import Desk
from services.registers.pages.models import DeskPage, FoundPage, SearchFields
from services.registers.pages.stating import owed_table
from services.registers.pages.term import meanings
from services.registers.pages.waiting import waiting_table
from services.registers.record_view import View
from services.registers.rights import Rights
from services.registers.search import Found, Hit
from services.registers.search_http import RecordQuestion, search_as
from services.registers.stating import may_state
from texts import Message, joined, message, number_message

_PAGE = 20
_LONGEST = 200


def add_search(router: APIRouter, desk: Desk) -> None:
    """Add the routes of the desk itself and of its search."""

    @router.get("/", operation_id="page_desk")
    async def home(request: Request, caller: Caller, work: Work) -> Response:
        met = tuple(guards_met(request, caller))
        async with work() as session:
            rights = await desk.intake.rights(session, caller)
            unit = rights.unit_of(caller.unit)[0]
            counts = await _counts(session, unit)
            now = desk.platform.clock()
            owing = []
            if may_state(rights, unit):
                owing = await owed(session, desk.intake, rights, unit, await days_off_at(session, now))
            due = await due_link(session, desk, rights, unit, now)
            drafts = await desk.drafts.of(session, caller.subject, now)
            waiting = await desk.previews.waiting(session, caller, now)
        page = DeskPage(
            **desk.head(desk.name),
            lead=message("page.desk.lead", unit=unit_name(unit)),
            due=due[0],
            due_kind=due[1],
            owed=owed_table(desk, owing),
            waiting=waiting_table(desk, waiting, of_all_forms=True),
            registers=_registers(desk, rights, unit, counts, met),
            search=_fields(desk),
            drafts=tuple(offer(desk, draft) for draft in drafts),
        )
        return answer(request, page)

    @router.post("/search", operation_id="page_search")
    async def found(request: Request, caller: Caller, work: Work) -> Response:
        sent = await read_form(request)
        try:
            state_purpose(request, sent.one("purpose"))
            said = Found()
            for question in _asked(sent):
                said = await search_as(request, caller, work, desk.intake, question)
                if said.hits:
                    break
        except Problem as problem:
            if not problem.faults and problem.rule not in ("purpose_needed", "search_too_wide"):
                raise
            page = _page(desk, sent, None, _errors(problem))
            return answer(request, page, problem.status)
        return answer(request, _page(desk, sent, said, None, purpose_of(request)))


def _asked(sent: SentForm) -> list[RecordQuestion]:
    """Return the questions that the text may be; Problem 422 for a text that is too long to be any."""
    text, after = sent.one("text"), sent.one("after")
    if len(text) > _LONGEST:
        raise Problem.invalid([Fault.of("text", None, "too_long", limit=_LONGEST)])
    more = {"after": after or None, "limit": _PAGE}
    # Without a text the question itself says what it lacks.
    return [RecordQuestion.model_validate({**terms, **more}) for terms in meanings(text) or [{}]]


def _page(
    desk: Desk, sent: SentForm, said: Found | None, errors: ErrorSummary | None, purpose: str = ""
) -> FoundPage:
    following = None if said is None else said.following
    return FoundPage(
        **desk.head(message("page.desk.search")),
        errors=errors,
        search=_fields(desk, sent),
        found=None if said is None else _table(desk, said, purpose),
        after="" if following is None else f"{following[0]}:{following[1]}",
        whole=said is None or said.whole,
    )


def _errors(problem: Problem) -> ErrorSummary:
    if problem.faults:
        return ErrorSummary(
            faults=tuple(FieldFault(field="text", text=fault.message) for fault in problem.faults)
        )
    field = "purpose" if problem.rule == "purpose_needed" else "text"
    return ErrorSummary(faults=(FieldFault(field=field, text=problem.title),))


def _fields(desk: Desk, sent: SentForm | None = None) -> SearchFields:
    typed = {name: "" if sent is None else sent.one(name) for name in ("text", "purpose")}
    return SearchFields(action=f"{desk.home}search", purposes=purpose_options(desk.intake.today), **typed)


def _table(desk: Desk, said: Found, purpose: str) -> Table:
    return Table(
        caption=message("page.desk.found"),
        columns=tuple(
            Column(text=message(code))
            for code in (
                "page.desk.number",
                "page.desk.register",
                "page.desk.who",
                "page.desk.unit",
                "page.desk.state",
            )
        ),
        rows=tuple(_row(desk, hit, purpose) for hit in said.hits),
        empty=message("page.desk.found_nothing"),
    )


def _row(desk: Desk, hit: Hit, purpose: str) -> tuple[Cell, ...]:
    view = hit.record
    return (
        Cell(text=view.number, href=desk.record_address(view.record, purpose=purpose)),
        Cell(text=title(FORMS[view.form])),
        Cell(text=_who(view)),
        Cell(text=view.unit),
        state_cell(view.voided, former=hit.former),
    )


def state_cell(voided: bool, *, former: bool = False) -> Cell:
    """Return whether a record stands, as a tag; ``former``: only an earlier version of it was meant."""
    if voided:
        return Cell(text=message("page.desk.state_withdrawn"), tag="warning")
    return Cell(text=message("page.desk.state_former" if former else "page.desk.state_stands"), tag="plain")


def _who(view: View) -> Message:
    """Return the name and birth date as far as the caller reads them, else the record's own day."""
    form = FORMS[view.form]
    names = [name for name in ("full_name", "birth_date") if name in view.values]
    day = own_day(form, view.values)
    said = [shown(form.by_id[name], view.values[name]) for name in names]
    texts = [each if isinstance(each, Message) else Message(each, each) for each in said]
    if not texts and day is not None:
        texts = [Message(f"{day:%d/%m/%Y}", f"{day:%d/%m/%Y}")]
    return joined(texts, ", ") if texts else Message("–", "–")


def _registers(desk: Desk, rights: Rights, unit: str, counts: dict[str, int], met: tuple[str, ...]) -> Table:
    rows = []
    for name, register in desk.intake.registers.items():
        enters = rights.hands_in_some(register, unit)
        reads = rights.reads_any(name, unit, *met)
        # Registers of other units are read by the search; a desk has those of its own.
        if not (enters or (reads and counts.get(name))):
            continue
        rows.append(
            (
                Cell(
                    text=title(register.form),
                    href=f"{desk.form_address(name, 'records')}?{urlencode({'unit': unit})}" if reads else "",
                ),
                Cell(text=number_message(counts.get(name, 0)) if reads else "–"),
                Cell(
                    text=message("page.desk.enter") if enters else "–",
                    href=desk.form_address(name, "new") if enters else "",
                ),
                Cell(
                    text=message("page.desk.paste") if enters else "–",
                    href=desk.form_address(name, "paste") if enters else "",
                ),
            )
        )
    return Table(
        caption=message("page.desk.registers"),
        columns=(
            Column(text=message("page.desk.register")),
            Column(text=message("page.desk.records"), number=True),
            Column(text=message("page.desk.one_record")),
            Column(text=message("page.desk.many")),
        ),
        rows=tuple(rows),
        empty=message("page.desk.no_registers"),
    )


async def _counts(session: AsyncSession, unit: str) -> dict[str, int]:
    """Return how many records of each form the unit has, without those withdrawn."""
    cursor = await (await raw(session)).execute(
        "SELECT form, count(*) FROM record WHERE unit = %s AND NOT voided GROUP BY form", (unit,)
    )
    return {str(form): int(count) for form, count in await cursor.fetchall()}
