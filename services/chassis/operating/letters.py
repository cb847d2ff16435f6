"""``/<service>/operations/letters/…``: a dead letter, masked; retrying it and giving it up, each after a question."""

from collections.abc import Awaitable
from typing import Literal, get_args

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.chassis.http import (
    Problem,
    has_right,
    masked_headers,
    masked_key,
    masked_value,
    operations,
)
from services.chassis.kafka import DeadLetter
from services.chassis.operating.models import ConfirmPage, LetterPage
from services.chassis.operating.place import Place
from services.chassis.security import Principal
from services.chassis.web import ErrorSummary, FieldFault, Link, SummaryRow, answer, moment_text
from texts import message

Action = Literal["retry", "discard"]
ACTIONS: tuple[Action, ...] = get_args(Action)
FACTS = ("reason", "error", "place", "consumer", "sent_at", "failed_at", "attempts")
_BECOMES = {"retry": "retried", "discard": "discarded"}


def add_letters(router: APIRouter, place: Place) -> None:
    """Add the routes of letters."""

    @router.get("/operations/letters/{number}", operation_id="page_letter")
    async def letter(number: operations.LetterNumber, request: Request, caller: operations.Shows) -> Response:
        found = await operations.find_letter(place.platform, number)
        rights = [action for action in ACTIONS if has_right(request, caller, f"{action}_dead_letter")]
        return answer(request, _page(place, found, rights))

    @router.get("/operations/letters/{number}/retry", operation_id="page_retry")
    async def ask_retry(number: operations.LetterNumber, request: Request, _: operations.Retries) -> Response:
        return answer(
            request, _question(place, await operations.find_letter(place.platform, number), "retry")
        )

    @router.post("/operations/letters/{number}/retry", operation_id="page_retry_letter")
    async def retry(
        number: operations.LetterNumber, request: Request, caller: operations.Retries
    ) -> Response:
        doing = operations.retry_letter(place.platform, place.consumers, number, caller)
        return await _settled(place, request, number, caller, "retry", doing)

    @router.get("/operations/letters/{number}/discard", operation_id="page_discard")
    async def ask_discard(
        number: operations.LetterNumber, request: Request, _: operations.Discards
    ) -> Response:
        return answer(
            request, _question(place, await operations.find_letter(place.platform, number), "discard")
        )

    @router.post("/operations/letters/{number}/discard", operation_id="page_discard_letter")
    async def discard(
        number: operations.LetterNumber, request: Request, caller: operations.Discards
    ) -> Response:
        doing = operations.discard_letter(place.platform, number, caller)
        return await _settled(place, request, number, caller, "discard", doing)


async def _settled(
    place: Place,
    request: Request,
    number: int,
    caller: Principal,
    action: Action,
    doing: Awaitable[DeadLetter],
) -> Response:
    """Do it and lead to the letter; the question again with the reason where it cannot be done."""
    try:
        await doing
    except Problem as problem:
        if problem.status != 409:
            raise
        found = await operations.find_letter(place.platform, number)
        # Sent twice: what was wanted is done already, by the same person.
        if (found.status, found.settled_by) != (_BECOMES[action], caller.subject):
            return answer(request, _question(place, found, action, problem), problem.status)
    return RedirectResponse(_address(place, number), 303)


def _address(place: Place, number: int) -> str:
    return f"{place.home}letters/{number}"


def _page(place: Place, letter: DeadLetter, rights: list[Action]) -> LetterPage:
    address = _address(place, letter.id)
    waits = letter.status == "waiting"
    return LetterPage(
        **place.head(message("page.operating.letter", number=letter.id)),
        done=""
        if waits
        else message(
            f"page.operating.letter_{letter.status}",
            by=letter.settled_by or "–",
            at=moment_text(letter.settled_at),
        ),
        facts=_facts(letter),
        content=_content(letter),
        links=tuple(
            Link(text=message(f"page.operating.{action}"), href=f"{address}/{action}") for action in rights
        )
        if waits
        else (),
    )


def _facts(letter: DeadLetter) -> tuple[SummaryRow, ...]:
    place = f"{letter.topic} / {letter.partition} / {letter.offset}"
    sent, failed = moment_text(letter.sent_at), moment_text(letter.failed_at)
    told = (letter.reason, letter.error, place, letter.consumer, sent, failed, str(letter.attempts))
    return tuple(
        SummaryRow(term=message(f"page.operating.{name}"), value=value)
        for name, value in zip(FACTS, told, strict=True)
    )


def _content(letter: DeadLetter) -> tuple[SummaryRow, ...]:
    attributes = masked_value(letter.value)
    whole = attributes.pop("", "–")
    rows = [
        SummaryRow(term=message("page.operating.key"), value=masked_key(letter.key) or "–"),
        SummaryRow(term=message("page.operating.whole"), value=whole),
    ]
    rows += [SummaryRow(term=name, value=value) for name, value in attributes.items()]
    rows += [SummaryRow(term=name, value=value or "–") for name, value in masked_headers(letter.headers)]
    return tuple(rows)


def _question(
    place: Place, letter: DeadLetter, action: Action, problem: Problem | None = None
) -> ConfirmPage:
    address = _address(place, letter.id)
    return ConfirmPage(
        **place.head(message(f"page.operating.{action}_title", number=letter.id)),
        errors=None
        if problem is None
        else ErrorSummary(faults=(FieldFault(field="form", text=problem.title),)),
        facts=_facts(letter),
        meaning=message(f"page.operating.{action}_meaning"),
        action=f"{address}/{action}",
        button=message(f"page.operating.{action}_button"),
        back=address,
    )
