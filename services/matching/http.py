"""The route that matches a list with a register."""

import asyncio
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from contracts.forms import Form, Kind
from services.chassis.http import (
    Caller,
    Problem,
    Work,
    count_identities,
    guards_met,
    judges_cells,
    opened_by_approval,
    platform_of,
    use_opened,
    write_looks,
)
from services.chassis.persistence import AsyncSession, UnitOfWork
from services.chassis.problems import Texts, texts
from services.chassis.runtime import get_logger
from services.chassis.security import Principal
from services.marks import Notes
from services.matching.marked import NO_LINE, MarkedItems
from services.matching.model import Difference, Item, Ours, Reason
from services.matching.requests import MATCH_SCHEMA, MatchRequest, request_of
from services.matching.usecase import Answered, Reader, held_against, match
from services.registers import Intake, key_text, parse_json
from texts import message

log = get_logger(__name__)
_AREAS = frozenset({Kind.COMMUNE, Kind.AREA})


class Hint(Texts):
    """What kind of slip a difference looks like."""

    code: str


class FieldDifference(BaseModel):
    """One column in which row and record differ."""

    field: str
    vi: str
    theirs: Any = None
    ours: Any = None
    hint: Hint | None = None


class LikelyReason(Texts):
    """Why something does not match; ``row`` is the row of the list that has to do with it."""

    code: str
    row: int | None = None


class MatchItem(BaseModel):
    """One thing to be looked at. ``values`` of the record, identity only for those who may read it.

    ``line`` names it in marks, ``mark`` is what stands of it; ``mine``: it is assigned to the caller or their unit, and not done.
    """

    kind: str
    row: int | None
    unit: str
    key: str
    record: str | None
    person: str | None
    fields: list[FieldDifference]
    reason: LikelyReason
    newer: str | None
    values: dict[str, Any] | None
    line: str | None
    mark: dict[str, Any] | None
    mine: bool


class MatchedRecord(BaseModel):
    """A row of the list and the record that it is about."""

    row: int
    record: str


class PersonCounts(BaseModel):
    """Human beings on both sides, by the certain links."""

    theirs: int
    ours: int
    in_both: int
    only_theirs: int
    only_ours: int


class MatchAnswer(BaseModel):
    """A list against a register. Every row of the list and every record asked about is in exactly one of
    ``in_both`` (the same on both sides), ``different``, ``only_theirs``, ``only_ours``; ``items`` has all but the
    first. With ``against``, they count persons instead, and ``matched`` tells who was found. ``open_rows``,
    ``matched`` and ``units`` are otherwise for the pages of a long list."""

    form: str
    theirs: int
    ours: int
    in_both: int
    different: int
    only_theirs: int
    only_ours: int
    persons: PersonCounts | None
    items: list[MatchItem]
    open_rows: list[int]
    matched: list[MatchedRecord]
    units: list[str]


def matching_router(intake: Intake, notes: Notes) -> APIRouter:
    """Return the route; `create_app` puts authentication before it."""
    router = APIRouter(prefix="/v1", tags=["registers"])

    @router.post(
        "/forms/{form}/matches",
        operation_id="match_list",
        responses={200: {"model": MatchAnswer}},
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": MATCH_SCHEMA}}}
        },
    )
    @judges_cells("values")
    async def match_list(form: str, request: Request, caller: Caller, work: Work) -> Response:
        register = intake.registers.get(form)
        if register is None:
            raise Problem.not_found("form_unknown")
        asked = request_of(parse_json(await request.body()))
        kept = held_against(intake, register, asked)
        async with work() as session:
            opened = await opened_by_approval(request, session, caller, kept.name, asked.unit)
        met = tuple(guards_met(request, caller))
        reader = Reader(caller, met, None if opened is None else asked.unit)
        answered = await match(intake, register, work, asked, reader, platform_of(request).clock)
        request.state.identities = answered.identities  # for the audit of reads
        # What an approval opened asks for its guards also where it names nobody: the answer still counts the unit's records.
        if answered.identities or reader.opened is not None:
            async with work() as session:
                await _note(request, session, caller, answered, reader)
        if answered.identities:
            _log(form, asked, caller, answered)
        marked = None if asked.against is not None else await _marked(intake, work, caller, answered, notes)
        content = await asyncio.to_thread(_content, answered, asked, marked)
        return Response(content, media_type="application/json")

    return router


async def _marked(
    intake: Intake, work: UnitOfWork, caller: Principal, answered: Answered, notes: Notes
) -> MarkedItems:
    async with work() as session:
        rights = await intake.rights(session, caller)
        return await MarkedItems.of(session, rights, caller, answered.form, notes, answered.matched.items)


async def _note(
    request: Request, session: AsyncSession, caller: Principal, answered: Answered, reader: Reader
) -> None:
    """Count the identities that the answer tells of, and write down whose they are; 403 where they are too many."""
    form = answered.form.name
    # Read again under a lock: the match itself took seconds, in which the approval may have been used up.
    opened = await opened_by_approval(request, session, caller, form, reader.opened)
    if opened is not None:
        await use_opened(request, session, caller, opened, answered.identities)
    else:
        # A clerk who holds a list against the own unit's register does the daily work.
        own = answered.looked.get(caller.unit, 0) if caller.role == "clerk" else 0
        if beyond := answered.identities - own:
            await count_identities(request, session, caller, beyond)
    await write_looks(request, session, caller, form, answered.looked)


def _log(form: str, asked: MatchRequest, caller: Principal, answered: Answered) -> None:
    log.info(
        "identity read",
        form=form,
        subject=caller.subject,
        unit=caller.unit,
        of_unit=asked.unit,
        records=answered.identities,
        purpose="match",
        area=asked.area,
        rows=len(asked.rows),
    )


def _content(answered: Answered, asked: MatchRequest, marked: MarkedItems | None) -> bytes:
    return orjson.dumps(_document(answered, asked, marked))


def _document(answered: Answered, asked: MatchRequest, marked: MarkedItems | None) -> dict[str, Any]:
    form, found = answered.form, answered.matched
    people = found.people
    return {
        "form": answered.listed,
        "theirs": found.theirs,
        "ours": found.ours,
        "in_both": found.in_both,
        "different": found.count("different"),
        "only_theirs": found.count("only_theirs"),
        "only_ours": found.count("only_ours"),
        "persons": None
        if people is None
        else {
            "theirs": people.theirs,
            "ours": people.ours,
            "in_both": people.in_both,
            "only_theirs": people.theirs - people.in_both,
            "only_ours": people.ours - people.in_both,
        },
        "items": [_item(form, item) | _line(item, marked) for item in found.items],
        "open_rows": found.open_rows,
        "matched": []
        if asked.final and asked.against is None
        else [{"row": number, "record": str(record)} for number, record in sorted(found.found.items())],
        "units": sorted(answered.units),
    }


def _item(form: Form, item: Item) -> dict[str, Any]:
    ours = item.ours
    # The reference is the same in every record of a person, so it goes only to those who may read who it is.
    may_know = ours is not None and ours.identity is not None
    return {
        "kind": item.kind,
        "row": item.theirs.number if item.theirs is not None else None,
        "unit": item.unit,
        "key": item.theirs.shown_key if item.theirs is not None else _key(form, ours),
        "record": str(ours.record) if ours is not None else None,
        "person": str(ours.person) if ours is not None and may_know and ours.person else None,
        "fields": [_field(form, each) for each in item.differences],
        "reason": _reason(item.reason),
        "newer": item.newer,
        "values": _values(form, ours) if ours is not None and item.kind == "only_ours" else None,
    }


def _line(item: Item, marked: MarkedItems | None) -> dict[str, Any]:
    # Against another register, what is found says nothing of the record that it names.
    return dict(NO_LINE) if marked is None else marked.document(item)


def _key(form: Form, ours: Ours | None) -> str:
    return "" if ours is None else key_text(form, ours.values)


def _values(form: Form, ours: Ours) -> dict[str, Any]:
    mine = ours.values
    return {
        column.id: str(mine[column.id]).partition("@")[0] if column.kind in _AREAS else mine[column.id]
        for column in form.columns
        if column.id in mine
    }


def _field(form: Form, difference: Difference) -> dict[str, Any]:
    column = form.by_id.get(difference.field)
    return {
        "field": difference.field,
        "vi": column.vi if column is not None else difference.field,
        "theirs": difference.theirs,
        "ours": difference.ours,
        "hint": None
        if difference.hint is None
        else {"code": difference.hint, **texts(message(f"match.hint.{difference.hint}"))},
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        **texts(message(f"match.{reason.code}", **reason.parts)),
        "row": reason.row,
    }
