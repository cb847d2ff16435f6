"""The operators' HTTP routes: dead letters, stopped consumers, sending the outbox again.

Who may use them is in the authority table.
"""

from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from services.chassis.audit import cleaned
from services.chassis.http.app import Problem, require_right
from services.chassis.http.masking import masked_headers, masked_key, masked_value
from services.chassis.http.second_person import require_second_person
from services.chassis.kafka import Applies, DeadLetter, TopicLike, circuit_breaker, dead_letters, erasing
from services.chassis.persistence import GREATEST, send_again
from services.chassis.platform import Platform
from services.chassis.runtime import get_logger
from services.chassis.security import Matter, Principal

log = get_logger(__name__)
Consumers = Callable[[], Iterable[Applies]]
Found = TypeVar("Found")
Shows = Annotated[Principal, Depends(require_right("show_dead_letter"))]
Retries = Annotated[Principal, Depends(require_right("retry_dead_letter"))]
Discards = Annotated[Principal, Depends(require_right("discard_dead_letter"))]
Erases = Annotated[Principal, Depends(require_right("erase_dead_letter"))]
Sees = Annotated[Principal, Depends(require_right("see_consumers"))]
Resumes = Annotated[Principal, Depends(require_right("resume_consumer"))]
Republishes = Annotated[Principal, Depends(require_right("republish"))]
LetterNumber = Annotated[int, Path(ge=0, le=GREATEST)]


class DeadLetterSummary(BaseModel):
    """A dead letter without its content."""

    id: int
    consumer: str
    topic: str
    partition: int
    offset: int
    reason: str
    error: str
    status: dead_letters.Status
    attempts: int
    failed_at: datetime
    settled_at: datetime | None
    settled_by: str | None


class DeadLetterDetail(DeadLetterSummary):
    """A dead letter with what may be seen of it: attributes that have a form of their own, and lengths.

    ``content`` is there only where a second person has approved it (``unmask_dead_letter``), since it may hold names in the clear.
    """

    sent_at: datetime
    key: str | None
    attributes: dict[str, str]
    headers: list[tuple[str, str | None]]
    content: "DeadLetterContent | None" = None


class DeadLetterContent(BaseModel):
    """The bytes of a dead letter: ``text`` where they are readable, in base64 always."""

    key: str | None
    value: str | None
    text: str | None
    headers: list[tuple[str, str | None]]


class ErasureRequest(BaseModel):
    """Why a dead letter is erased, in words that name nobody."""

    reason: str = Field(min_length=3, max_length=200)


class ErasedLetter(DeadLetterSummary):
    """A dead letter after its erasure. ``logs_forgot``: the broker has forgotten its copies, too.

    False: they stay until the retention of their topics ends, or until the erasure is asked for once more.
    """

    logs_forgot: bool


class DeadLetterList(BaseModel):
    """One page; ``next`` is the ``after`` of the next one, None on the last."""

    dead_letters: list[DeadLetterSummary]
    next: int | None


class ConsumerState(BaseModel):
    """A consumer: how many dead letters in a row, and whether that has stopped it."""

    consumer: str
    consecutive_dead_letters: int
    stopped_at: datetime | None
    reason: str | None


class Republish(BaseModel):
    """Which topics to send again; all of this service's without a list."""

    topics: list[str] | None = None


def router(platform: Platform, consumers: Consumers) -> APIRouter:
    """Return the routes, over the consumers of this service."""
    routes = APIRouter(prefix="/v1", tags=["operations"])
    _dead_letter_routes(routes, platform, consumers)
    _consumer_routes(routes, platform)

    @routes.post("/republish", operation_id="republish_outbox")
    async def republish(wanted: Republish, caller: Republishes) -> dict[str, int]:
        async with platform.uow() as session:
            count = await send_again(session, wanted.topics)
        log.warning("outbox to be sent again", events=count, topics=wanted.topics, by=caller.subject)
        return {"events": count}

    return routes


def _dead_letter_routes(routes: APIRouter, platform: Platform, consumers: Consumers) -> None:
    @routes.get("/dlq", operation_id="list_dead_letters")
    async def list_dead_letters(
        _: Shows,
        status: Literal["waiting", "retried", "discarded", "erased", "all"] = "waiting",
        consumer: str | None = None,
        topic: str | None = None,
        after: Annotated[int, Query(ge=0, le=GREATEST)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> DeadLetterList:
        async with platform.uow() as session:
            found = await dead_letters.listed(
                session,
                status=None if status == "all" else status,
                consumer=consumer,
                topic=topic,
                after=after,
                limit=limit,
            )
        following = found[-1].id if len(found) == limit else None
        return DeadLetterList(dead_letters=[_summary(letter) for letter in found], next=following)

    @routes.get("/dlq/{number}", operation_id="get_dead_letter")
    async def show_dead_letter(
        number: LetterNumber, request: Request, caller: Shows, unmasked: bool = False
    ) -> DeadLetterDetail:
        async with platform.uow() as session:
            letter = await _known(dead_letters.find(session, number))
            if unmasked:
                # Its sender may have written names in the clear.
                about = Matter("unmask_dead_letter", item=str(number))
                await require_second_person(request, session, caller, about)
        if unmasked:
            request.state.audited = {**getattr(request.state, "audited", {}), "unmasked": "true"}
            log.warning("dead letter shown unmasked", number=number, by=caller.subject)
        return _detail(letter, unmasked)

    @routes.post("/dlq/{number}/erase", operation_id="erase_dead_letter")
    async def erase_dead_letter(
        number: LetterNumber, why: ErasureRequest, request: Request, caller: Erases
    ) -> ErasedLetter:
        topics: dict[str, TopicLike] = {}
        for consumer in consumers():
            topics |= consumer.topics
        erasure = erasing.Erasure(number, caller.subject, cleaned(why.reason), platform.clock())
        async with platform.uow() as session:
            letter = await _known(dead_letters.find(session, number, lock=True))
            # If erased already, the request only deletes the log's copies, which may have failed before.
            if letter.status != "erased":
                about = Matter("erase_dead_letter", item=str(number))
                await require_second_person(request, session, caller, about)
            erased = await _known(erasing.erase(session, platform.settings, erasure, topics))
        # Only after the commit: the log must keep its copy while the database may still have the letter.
        forgot = await erasing.forget(platform.settings, erased)
        log.warning("dead letter erased", number=number, by=caller.subject, logs_forgot=forgot)
        return ErasedLetter(**_summary(erased.letter).model_dump(), logs_forgot=forgot)

    @routes.post("/dlq/{number}/retry", operation_id="retry_dead_letter")
    async def retry_dead_letter(number: LetterNumber, caller: Retries) -> DeadLetterSummary:
        return _summary(await retry_letter(platform, consumers, number, caller))

    @routes.post("/dlq/{number}/discard", operation_id="discard_dead_letter")
    async def discard_dead_letter(number: LetterNumber, caller: Discards) -> DeadLetterSummary:
        return _summary(await discard_letter(platform, number, caller))


async def find_letter(platform: Platform, number: int) -> DeadLetter:
    """Return a dead letter; Problem 404 where none has the number."""
    async with platform.uow() as session:
        return await _known(dead_letters.find(session, number))


async def retry_letter(
    platform: Platform, consumers: Consumers, number: int, caller: Principal
) -> DeadLetter:
    """Apply a dead letter again and return it settled; Problem 404, or 409 where it was settled or fails again."""
    by_name: Mapping[str, Applies] = {consumer.name: consumer for consumer in consumers()}
    try:
        letter = await _known(
            dead_letters.retry(platform.uow, by_name, number, caller.subject, platform.clock)
        )
    except KeyError:
        raise Problem(409, "consumer_unknown") from None
    except dead_letters.StillFailsError as failed:
        raise Problem(409, "dead_letter_fails", reason=failed.reason) from failed
    log.info("dead letter retried", number=number, by=caller.subject)
    return letter


async def discard_letter(platform: Platform, number: int, caller: Principal) -> DeadLetter:
    """Give a dead letter up and return it; Problem 404, or 409 where it was settled."""
    async with platform.uow() as session:
        letter = await _known(dead_letters.discard(session, number, caller.subject, platform.clock()))
    log.warning("dead letter discarded", number=number, by=caller.subject)
    return letter


async def resume_stopped(platform: Platform, name: str, caller: Principal) -> None:
    """Let a stopped consumer run again; Problem 404 where none of that name is stopped."""
    async with platform.uow() as session:
        resumed = await circuit_breaker.resume(session, name)
    if not resumed:
        raise Problem.not_found("consumer_unknown")
    log.warning("consumer resumed", consumer=name, by=caller.subject)


def _consumer_routes(routes: APIRouter, platform: Platform) -> None:
    @routes.get("/consumers", operation_id="list_consumers")
    async def list_consumers(_: Sees) -> list[ConsumerState]:
        async with platform.uow() as session:
            return [ConsumerState(**found) for found in await circuit_breaker.states(session)]

    @routes.post("/consumers/{name}/resume", operation_id="resume_consumer")
    async def resume_consumer(name: str, caller: Resumes) -> dict[str, bool]:
        await resume_stopped(platform, name, caller)
        return {"resumed": True}


async def _known(letter: Awaitable[Found]) -> Found:
    try:
        found = await letter
    except dead_letters.NoDeadLetterError:
        raise Problem.not_found("dead_letter_unknown") from None
    except dead_letters.SettledError:
        raise Problem(409, "dead_letter_settled") from None
    return found


def _summary(letter: DeadLetter) -> DeadLetterSummary:
    return DeadLetterSummary.model_validate(letter, from_attributes=True)


def _detail(letter: DeadLetter, unmasked: bool) -> DeadLetterDetail:
    return DeadLetterDetail(
        **_summary(letter).model_dump(),
        sent_at=letter.sent_at,
        key=masked_key(letter.key),
        attributes=masked_value(letter.value),
        headers=masked_headers(letter.headers),
        content=_content(letter) if unmasked else None,
    )


def _content(letter: DeadLetter) -> DeadLetterContent:
    return DeadLetterContent(
        key=_base64(letter.key),
        value=_base64(letter.value),
        text=_readable(letter.value),
        headers=[(name, _readable(value) or _base64(value)) for name, value in letter.headers],
    )


def _base64(content: bytes | None) -> str | None:
    return None if content is None else b64encode(content).decode()


def _readable(content: bytes | None) -> str | None:
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError:
        return None
