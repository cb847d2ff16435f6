"""The routes of editions of closed periods: what each holds, compared, made again, files published from it, hashes looked up."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from proof import SUFFIX, read_json
from services.chassis.http import require_step_up_for, unusable_in_text
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.chassis.runtime import get_logger
from services.chassis.web import SentFile, SentForm, answer, read_form
from services.reporting.closing import Order, hold, revisions, usecases
from services.reporting.figures import Asking, QueryService, Reader, parameters_of
from services.reporting.pages.closing import edition_page, verify_page
from services.reporting.pages.closing.desk import identity, of_series
from services.reporting.pages.closing.http import to_edition
from services.reporting.pages.closing.sending import REISSUE, is_same, read_typed, typed_in
from services.reporting.pages.editions import PATH
from services.reporting.pages.frame import reads, rooms

_log = get_logger(__name__)
_ONE = f"/{PATH}/{{closing_id}}"
_HASH = re.compile("[0-9a-f]{8,64}")
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class _Room:
    """What the pages of editions ask."""

    platform: Platform
    queries: QueryService


def add_editions(router: APIRouter, platform: Platform, queries: QueryService) -> None:
    """Add the routes."""
    room = _Room(platform, queries)
    # Before the pages of one edition, whose path would take this name for its number.
    _verify(router, room)
    _edition(router, room)
    _changes(router, room)
    _reissue(router, room)
    _publish(router, room)


def _verify(router: APIRouter, room: _Room) -> None:
    @router.get(f"/{PATH}/verify", openapi_extra=reads(("hash",)))
    async def verify(request: Request, _: Asking) -> HTMLResponse:
        given = "".join(parameters_of(request).get("hash", "").split()).lower()
        is_hash = not given or _HASH.fullmatch(given) is not None
        listed = await _with_hash(room, given) if given and is_hash else None
        page = verify_page.verify_page(given, listed, rooms(PATH), is_hash=is_hash)
        return answer(request, page, 200 if is_hash else 422)

    @router.post(f"/{PATH}/verify")
    async def verify_file(request: Request, reader: Asking) -> HTMLResponse:
        sent = await read_form(request, files=2)
        file, proof = sent.files.get("file"), sent.files.get("proof")
        if file is None:
            problem = Problem.invalid([Fault.of("file", None, "page.closing.file_needed")])
            return answer(request, verify_page.refused_page(problem, rooms(PATH)), 422)
        found = await hold(
            room.platform, room.queries, reader, file.content, None if proof is None else proof.content
        )
        _log.info("file held to the closings", kind=found.kind, same=found.same, sha256=found.sha256)
        return answer(request, verify_page.held_page(found, _name_of(file), rooms(PATH)))


async def _with_hash(room: _Room, given: str) -> list[dict[str, Any]]:
    listed = await usecases.listed(room.platform)
    names = ("content_hash", "entry_hash")
    return [one for one in listed if any(one[name].startswith(given) for name in names)]


def _edition(router: APIRouter, room: _Room) -> None:
    @router.get(_ONE, openapi_extra=reads(("outcome",)))
    async def edition(closing_id: UUID, request: Request, reader: Asking) -> HTMLResponse:
        outcome = parameters_of(request).get("outcome", "")
        return answer(request, await _edition_page(room, reader, closing_id, outcome=outcome))

    @router.get(f"{_ONE}/document.json")
    async def document(closing_id: UUID, reader: Asking) -> Response:
        content = await usecases.show(room.platform, room.queries, reader, closing_id)
        return _file(content, f"closing-{closing_id}.json")


def _changes(router: APIRouter, room: _Room) -> None:
    @router.get(f"{_ONE}/compare", openapi_extra=reads(("other",)))
    async def compare(closing_id: UUID, other: UUID, request: Request, reader: Asking) -> HTMLResponse:
        first = await _document(room, reader, closing_id)
        second = await _document(room, reader, other)
        if identity(first) != identity(second):
            raise Problem(422, "page.closing.not_editions")
        return answer(request, edition_page.compared_page(first, second, rooms(PATH)))

    @router.get(f"{_ONE}/changes")
    async def changes(closing_id: UUID, request: Request, reader: Asking) -> HTMLResponse:
        closed = await _document(room, reader, closing_id)
        # The page names no record, so none is asked for; whoever wants them goes from the figure on.
        unnamed = replace(reader, met=frozenset())
        found, _ = await revisions(room.platform, room.queries, unnamed, closing_id, None)
        return answer(request, edition_page.revised_page(closed, found, rooms(PATH)))


async def _document(room: _Room, reader: Reader, closing_id: UUID) -> Mapping[str, Any]:
    found: Mapping[str, Any] = read_json(await usecases.show(room.platform, room.queries, reader, closing_id))
    return found


async def _edition_page(
    room: _Room,
    reader: Reader,
    closing_id: UUID,
    *,
    outcome: str = "",
    sent: SentForm | None = None,
    problem: Problem | None = None,
) -> edition_page.EditionPage:
    closed = await _document(room, reader, closing_id)
    return edition_page.edition_page(
        closed,
        of_series(await usecases.listed(room.platform), identity(closed)),
        reader,
        rooms(PATH),
        may={action for action in ("reissue", "publish") if _may(room, reader, action, closed)},
        outcome=outcome,
        typed=typed_in(sent, REISSUE),
        problem=problem,
    )


def _may(room: _Room, reader: Reader, action: str, closed: Mapping[str, Any]) -> bool:
    try:
        usecases.check_entitled(room.queries, reader, action, closed)
    except Problem as refused:
        if refused.status != 403:
            raise
        return False
    return True


def _reissue(router: APIRouter, room: _Room) -> None:
    @router.post(f"{_ONE}/editions", dependencies=[Depends(require_step_up_for("reissue"))])
    async def reissue(closing_id: UUID, request: Request, reader: Asking) -> Response:
        sent = await read_form(request)
        usecases.check_entitled(room.queries, reader, "reissue", await _document(room, reader, closing_id))
        try:
            typed = read_typed(sent, REISSUE, "note")
            order = Order(calendar="", period="", name=typed["name"], note=typed["note"])
            document = await usecases.reissue(room.platform, room.queries, reader, closing_id, order)
        except Problem as problem:
            if problem.status not in (409, 422):
                raise
            later = await _later(room, reader, closing_id, problem, typed_in(sent, REISSUE))
            if later is not None:
                return to_edition(later, "reissued")
            page = await _edition_page(room, reader, closing_id, sent=sent, problem=problem)
            return answer(request, page, problem.status)
        _log.info("period closed again", closing=str(closing_id), by=reader.caller.subject)
        return to_edition(read_json(document)["id"], "reissued")


async def _later(
    room: _Room, reader: Reader, closing_id: UUID, problem: Problem, typed: Mapping[str, str]
) -> str | None:
    """Return the edition that the reader made of this one with the same words, as by a double click; None for another problem."""
    if problem.rule != "closing_superseded":
        return None
    listed = await usecases.listed(room.platform)
    (later,) = (one["id"] for one in listed if one["supersedes"] == str(closing_id))
    document = await _document(room, reader, UUID(later))
    return later if is_same(document, reader.caller.subject, typed) else None


def _publish(router: APIRouter, room: _Room) -> None:
    @router.post(f"{_ONE}/publications", dependencies=[Depends(require_step_up_for("publish"))])
    async def publish(closing_id: UUID, request: Request, reader: Asking) -> Response:
        sent = await read_form(request)
        usecases.check_entitled(room.queries, reader, "publish", await _document(room, reader, closing_id))
        file = sent.files.get("file")
        name = "" if file is None else _name_of(file)
        if file is None or not name or unusable_in_text(name):
            rule = "page.closing.file_needed" if file is None else "text_unusable"
            problem = Problem.invalid([Fault.of("file", None, rule)])
            page = await _edition_page(room, reader, closing_id, sent=sent, problem=problem)
            return answer(request, page, 422)
        sha256 = hashlib.sha256(file.content).hexdigest()
        proof = await usecases.publish_file(room.platform, room.queries, reader, closing_id, name, sha256)
        _log.info("file published", closing=str(closing_id), sha256=sha256, by=reader.caller.subject)
        return _file(proof, f"{sha256[:16]}{SUFFIX}")


def _name_of(file: SentFile) -> str:
    """Return the file's name: some browsers send the whole path that it had on the machine of its sender."""
    return file.name.replace("\\", "/").rpartition("/")[2][:_LONGEST_NAME]


def _file(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/json", headers=headers)
