"""Drafts on pages: kept while somebody types, offered when the form is opened again, gone when it is saved."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from contracts.forms import Form
from services.chassis.http import Caller, Problem, Work, guards_met, judges_cells, purpose_of, state_purpose
from services.chassis.persistence import AsyncSession
from services.chassis.security import Principal, Refused, hands_in
from services.chassis.web import HEADERS, SentForm, language_of, moment_text, read_form
from services.registers import store
from services.registers.drafts import Draft
from services.registers.pages import fields
from services.registers.pages.cells import filled, title, typed_in
from services.registers.pages.frame import Desk, request_id
from services.registers.pages.models import DraftOffer
from services.registers.record_http import check_reads_rows
from services.registers.rights import Rights
from texts import message

_BY_SCRIPT = "text/plain"
"""What the script asks for, which keeps drafts beside the typing and only shows what it is told."""


def add_drafting(router: APIRouter, desk: Desk) -> None:
    """Add the routes that keep drafts and discard them."""

    @router.post("/forms/{form}/draft", operation_id="page_keep_draft")
    @judges_cells("*")
    async def keep(form: str, request: Request, caller: Caller, work: Work) -> Response:
        register = desk.register(form)
        sent = await read_form(request)
        draft = _draft(desk, register.form, None, sent)
        async with work() as session:
            _check_enters(await desk.intake.rights(session, caller), form)
            if filled(draft.typed).items() - fields.defaults(register.form).items():
                await _keep(desk, session, caller, draft)
        return _kept(request, draft, desk.form_address(form, f"new?draft={draft.request_id}"))

    @router.post("/records/{record}/draft", operation_id="page_keep_draft_of_record")
    @judges_cells("*")
    async def keep_of_record(
        record: UUID, request: Request, caller: Caller, work: Work, purpose: str = ""
    ) -> Response:
        state_purpose(request, purpose)
        sent = await read_form(request)
        async with work() as session:
            form = await _corrected(desk, request, session, caller, record)
            draft = _draft(desk, form, record, sent)
            await _keep(desk, session, caller, draft)
        following = {"draft": str(draft.request_id), "purpose": purpose_of(request)}
        return _kept(request, draft, desk.record_address(record, "correct", **following))

    @router.post("/drafts/{draft}/discard", operation_id="page_discard_draft")
    async def discard(draft: UUID, caller: Caller, work: Work) -> Response:
        async with work() as session:
            own = await desk.drafts.of(session, caller.subject, desk.platform.clock())
            await desk.drafts.discard(session, caller.subject, draft)
        found = next((each for each in own if each.request_id == draft), None)
        return RedirectResponse(desk.home if found is None else _form_of(desk, found), 303)


async def drafts_of(
    desk: Desk, session: AsyncSession, caller: Principal, form: str, record: UUID | None = None
) -> Sequence[Draft]:
    """Return what the caller has begun to type into this form."""
    own = await desk.drafts.of(session, caller.subject, desk.platform.clock())
    return [each for each in own if (each.form, each.record) == (form, record)]


def begun_from(own: Sequence[Draft], wanted: UUID | None) -> Draft | None:
    """Return the draft that a form is filled in from; Problem 404 where it is not there any more."""
    if wanted is None:
        return None
    found = next((each for each in own if each.request_id == wanted), None)
    if found is None:
        raise Problem.not_found("draft_unknown")
    return found


def offered(desk: Desk, own: Sequence[Draft], begun: Draft | None, **query: str) -> Mapping[str, Any]:
    """Return the id of a form that is drawn, and what it says of drafts: of its own one, and of others to go on with."""
    return {
        "request_id": str(desk.platform.new_id() if begun is None else begun.request_id),
        "draft_kept": "" if begun is None else _told(begun),
        "drafts": tuple(offer(desk, each, **query) for each in own if each is not begun),
    }


def offer(desk: Desk, draft: Draft, **query: str) -> DraftOffer:
    """Return a draft as it is offered: when it was typed, how it begins, and what can be done with it."""
    form = desk.register(draft.form).form
    first = next((text for text in filled(draft.typed).values()), "")
    return DraftOffer(
        text=message("page.desk.draft", when=moment_text(draft.kept_at)),
        about=title(form),
        begins=first,
        use=_form_of(desk, draft, draft=str(draft.request_id), **query),
        discard=f"{desk.home}drafts/{draft.request_id}/discard",
    )


async def keep_refused(
    desk: Desk, session: AsyncSession, caller: Principal, form: Form, record: UUID | None, sent: SentForm
) -> None:
    """Keep a form that was refused, so that it is there also for whoever leaves it now."""
    await desk.drafts.keep(session, caller.subject, _draft(desk, form, record, sent))


async def spend(desk: Desk, session: AsyncSession, caller: Principal, form: str, number: str) -> None:
    """Remember that the form with this id is saved."""
    await desk.drafts.spend(session, caller.subject, UUID(number), form, desk.platform.clock())


def _draft(desk: Desk, form: Form, record: UUID | None, sent: SentForm) -> Draft:
    return Draft(
        UUID(request_id(desk, sent)),
        form.name,
        record,
        typed_in(form, sent),
        sent.one("sequence"),
        desk.platform.clock(),
    )


async def _keep(desk: Desk, session: AsyncSession, caller: Principal, draft: Draft) -> None:
    if not await desk.drafts.keep(session, caller.subject, draft):
        raise Problem(409, "draft_refused")


async def _corrected(
    desk: Desk, request: Request, session: AsyncSession, caller: Principal, record: UUID
) -> Form:
    """Return the form of a record that the caller may correct; nothing of it is told, so nobody is looked at.

    Raises:
        Problem: 403 for whose role reads no rows or enters none; 404 for a record that there is not or that he does not read.
    """
    met = tuple(guards_met(request, caller))
    rights = await desk.intake.rights(session, caller)
    check_reads_rows(desk.intake, rights, met)
    stored = await store.at_address(session, record)
    register = None if stored is None else desk.intake.registers.get(stored.form)
    if stored is None or register is None or not rights.reads_any(stored.form, stored.unit, *met):
        raise Problem.not_found("record_unknown")
    _check_enters(rights, stored.form)
    return register.form


def _check_enters(rights: Rights, form: str) -> None:
    decision = hands_in(rights.actor, form, rights.day)
    if isinstance(decision, Refused):
        raise Problem.refused(decision, "unit_scope")


def _kept(request: Request, draft: Draft, following: str) -> Response:
    if request.headers.get("accept", "").startswith(_BY_SCRIPT):
        return PlainTextResponse(_told(draft).in_language(language_of(request)), headers=dict(HEADERS))
    return RedirectResponse(following, 303)


def _told(draft: Draft) -> Any:
    return message("page.desk.draft_kept", when=moment_text(draft.kept_at))


def _form_of(desk: Desk, draft: Draft, /, **query: str) -> str:
    if draft.record is not None:
        return desk.record_address(draft.record, "correct", **query)
    wanted = query.get("draft")
    return desk.form_address(draft.form, "new") + (f"?draft={wanted}" if wanted else "")
