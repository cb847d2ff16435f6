"""The routes of closed periods."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.http import LINES, Caller, require_step_up_for
from services.chassis.platform import Platform
from services.chassis.runtime import get_logger
from services.reporting.closing import usecases
from services.reporting.closing.ordering import Acceptance, Order, office_key
from services.reporting.closing.revising import note_revisions, revisions
from services.reporting.figures import Asking, QueryService
from texts import message

log = get_logger(__name__)
KnownAt = Annotated[str | None, Query(description=str(message("api.parameter.closing.known_at")))]


class AcceptanceRequest(BaseModel):
    """The decision to close though registers are missing: who takes it and why, as it shall stand in the closing."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200, pattern=LINES)
    reason: str = Field(min_length=1, max_length=1_000, pattern=LINES)


class CloseRequest(BaseModel):
    """What to close. ``name`` is the official's, as it shall stand in the closing; default: the token's subject."""

    model_config = ConfigDict(extra="forbid")

    calendar: str = Field(max_length=64)
    period: str = Field(max_length=32)
    area: str | None = Field(default=None, max_length=32)
    figures: str = Field(default="annual", max_length=64)
    known_at: str | None = Field(default=None, max_length=64)
    note: str | None = Field(default=None, max_length=1_000, pattern=LINES)
    name: str | None = Field(default=None, max_length=200, pattern=LINES)
    accept_missing: AcceptanceRequest | None = None


class ReissueRequest(BaseModel):
    """How to close a closed period again."""

    model_config = ConfigDict(extra="forbid")

    known_at: str | None = Field(default=None, max_length=64)
    note: str | None = Field(default=None, max_length=1_000, pattern=LINES)
    name: str | None = Field(default=None, max_length=200, pattern=LINES)


class PublicationRequest(BaseModel):
    """Which file is published: its name and the SHA-256 of its bytes, in hexadecimal."""

    model_config = ConfigDict(extra="forbid")

    file: str = Field(min_length=1, max_length=200, pattern=LINES)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class OfficeKeyDocument(BaseModel):
    """The public half of the office's key (Ed25519, PEM) and the name that it signs under."""

    key_id: str
    public_key: str


def closing_router(platform: Platform, queries: QueryService) -> APIRouter:
    """Return all of them; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1/closings", tags=["closings"])
    _proofs(router, platform)
    _closings(router, platform, queries)
    _revisions(router, platform, queries)
    return router


def _proofs(router: APIRouter, platform: Platform) -> None:
    # No role is asked for: who wants to verify a closing needs the key and the chain, and neither holds a figure.
    @router.get("/key", operation_id="get_closing_key")
    async def closing_key() -> OfficeKeyDocument:
        key = office_key(platform)
        return OfficeKeyDocument(key_id=key.key_id, public_key=key.public_pem())

    @router.get("/chain", operation_id="get_closing_chain")
    async def closing_chain() -> dict[str, Any]:
        return await usecases.chain(platform)


def _closings(router: APIRouter, platform: Platform, queries: QueryService) -> None:
    @router.post("", status_code=201, operation_id="create_closing", dependencies=_step_up_for("close"))
    async def close(order: CloseRequest, reader: Asking) -> Response:
        accepted = order.accept_missing
        given = Order(
            **order.model_dump(exclude={"accept_missing"}),
            accepted=None if accepted is None else Acceptance(accepted.name, accepted.reason),
        )
        document = await usecases.close(platform, queries, reader, given)
        log.info("period closed", calendar=order.calendar, period=order.period, by=reader.caller.subject)
        return _canonical(document, 201)

    @router.get("", operation_id="list_closings")
    async def closings(_: Caller) -> dict[str, Any]:
        return {"closings": await usecases.listed(platform)}

    @router.get("/{closing_id}", operation_id="get_closing")
    async def closing(closing_id: UUID, reader: Asking) -> Response:
        return _canonical(await usecases.show(platform, queries, reader, closing_id), 200)

    @router.get("/{closing_id}/replay", operation_id="replay_closing")
    async def replay(closing_id: UUID, reader: Asking) -> dict[str, Any]:
        return await usecases.replay(platform, queries, reader, closing_id)

    @router.post(
        "/{closing_id}/editions",
        status_code=201,
        operation_id="create_edition",
        dependencies=_step_up_for("reissue"),
    )
    async def reissue(closing_id: UUID, order: ReissueRequest, reader: Asking) -> Response:
        # What is closed again is read from the closing: a caller must not be able to name another period here.
        same = Order(calendar="", period="", known_at=order.known_at, note=order.note, name=order.name)
        document = await usecases.reissue(platform, queries, reader, closing_id, same)
        log.info("period closed again", closing=str(closing_id), by=reader.caller.subject)
        return _canonical(document, 201)

    @router.post(
        "/{closing_id}/publications",
        status_code=201,
        operation_id="create_publication",
        dependencies=_step_up_for("publish"),
    )
    async def publication(closing_id: UUID, given: PublicationRequest, reader: Asking) -> Response:
        proof = await usecases.publish_file(platform, queries, reader, closing_id, given.file, given.sha256)
        log.info("file published", closing=str(closing_id), sha256=given.sha256, by=reader.caller.subject)
        return _canonical(proof, 201)


def _revisions(router: APIRouter, platform: Platform, queries: QueryService) -> None:
    @router.get("/{closing_id}/revisions", operation_id="list_revisions")
    async def closing_revisions(
        closing_id: UUID, request: Request, reader: Asking, known_at: KnownAt = None
    ) -> dict[str, Any]:
        found, sight = await revisions(platform, queries, reader, closing_id, known_at)
        await sight.note(platform, request, f"revisions.{closing_id}")
        return found

    @router.post(
        "/{closing_id}/revisions",
        status_code=201,
        operation_id="note_revisions",
        dependencies=_step_up_for("reissue"),
    )
    async def closing_revisions_noted(
        closing_id: UUID, reader: Asking, known_at: KnownAt = None
    ) -> dict[str, Any]:
        return await note_revisions(platform, queries, reader, closing_id, known_at)


def _step_up_for(action: str) -> list[Any]:
    # What is sealed or published cannot be taken back, so the authority table asks whoever does it to have just signed in.
    return [Depends(require_step_up_for(action))]


def _canonical(document: bytes, status: int) -> Response:
    """Return the document with exactly the bytes that were hashed and signed."""
    return Response(document, status, media_type="application/json")
