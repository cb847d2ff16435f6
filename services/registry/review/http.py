"""``/v1/review``: pairs of records that may be one person; whoever can tell decides, and every decision can be undone."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from reference import review_weights
from services.chassis.http import ONE_LINE, Caller, Work, platform_of
from services.chassis.persistence import UnitOfWork
from services.chassis.problems import documented
from services.chassis.security import Principal
from services.registers import Intake, RecordSummary
from services.registry.review import asking
from services.registry.review.asking import Case, State
from services.registry.review.deciding import Outcome
from services.registry.review.notes import ReviewNotes
from services.registry.review.readers import Room
from services.registry.review.repository import Pair, Verdict
from texts import message

MOST = 50
_PLACE = r"^-?[0-9]{1,5}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_Note = Annotated[str, Field(max_length=500, pattern=ONE_LINE)]


class ReviewField(BaseModel):
    """A field of a pair: whether both sides agree, how (``level``), and what that weighs, in tenths of a bit."""

    field: str
    verdict: Literal["agree", "like", "differ", "unknown"]
    level: str
    weight: int


class ReviewDecision(BaseModel):
    """The decision that stands. ``known_changed``: what the records say of who it is has changed since."""

    verdict: Verdict
    reason: str
    at: datetime
    by: str
    unit: str
    known_changed: bool


class ReviewPair(BaseModel):
    """Two records that may be of one person. ``version`` is for whoever decides: 409 where another stands by then.

    ``score`` is the sum of the weights, null where one side has no record in force. ``joined``: links make both one person now,
    as far as records that the caller reads say it. Who may only undo the decision is told neither ``score`` nor ``fields``.
    """

    id: UUID
    version: int
    open: bool
    joined: bool
    likely: bool
    score: int | None
    units: tuple[str, str]
    fields: list[ReviewField]
    decision: ReviewDecision | None


class ReviewPairs(BaseModel):
    """One page, the likeliest first; ``next`` is the ``after`` of the next page, null on the last."""

    pairs: list[ReviewPair]
    next: str | None


class Objection(BaseModel):
    """What speaks against one person; a decision "one" is refused with it."""

    field: str
    rule: str
    vi: str
    en: str


class ReviewCase(ReviewPair):
    """A pair with both records side by side, and what the caller may do about it."""

    sides: tuple[RecordSummary, RecordSummary]
    note: str
    may_decide: bool
    may_undo: bool
    against: list[Objection]


class DecisionRequest(BaseModel):
    """``one``: both records are of one person, and figures count one; ``two``: they are not, and the pair is not proposed again.

    ``reason``: `paper_seen`, `person_asked`, `known_locally`, `register_checked` or `other`, which needs a ``note``: free text
    without names and numbers of people. ``version``: of the pair as it was seen.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    verdict: Verdict
    reason: str = Field(max_length=64)
    note: _Note = ""
    version: int


class UndoingRequest(BaseModel):
    """Why the decision is undone: `wrong_pair`, `paper_new`, `person_objected` or `other`, which needs a ``note``."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reason: str = Field(max_length=64)
    note: _Note = ""
    version: int


class DecisionAnswer(BaseModel):
    """What became of it; ``unchanged``: it was so already, by the same person."""

    id: UUID
    outcome: Outcome


def review_router(intake: Intake, notes: ReviewNotes) -> APIRouter:
    """Return the routes; `create_app` puts authentication before them."""
    router = APIRouter(prefix="/v1/review", tags=["review"])
    changed: dict[int | str, dict[str, Any]] = {409: documented("api.response.review_changed")}

    @router.get("", operation_id="list_review_pairs")
    async def list_pairs(
        request: Request,
        caller: Caller,
        work: Work,
        state: Annotated[State, Query(description=str(message("api.parameter.review.state")))] = "open",
        after: Annotated[
            str | None, Query(pattern=_PLACE, description=str(message("api.parameter.review.after")))
        ] = None,
        limit: Annotated[
            int, Query(ge=1, le=MOST, description=str(message("api.parameter.review.limit")))
        ] = 20,
    ) -> ReviewPairs:
        place = None if after is None else after.partition(":")
        last = None if place is None else (int(place[0]), UUID(place[2]))
        room = room_of(request, caller, work, intake, notes)
        pairs, following = await asking.list_pairs(room, state, last, limit)
        return ReviewPairs(
            pairs=[_pair_answer(intake, each) for each in pairs],
            next=None if following is None else f"{following[0]}:{following[1]}",
        )

    @router.get("/{pair}", operation_id="get_review_pair")
    async def get_pair(pair: UUID, request: Request, caller: Caller, work: Work) -> ReviewCase:
        return _case_answer(
            intake, await asking.read_case(room_of(request, caller, work, intake, notes), pair)
        )

    @router.post("/{pair}/decision", operation_id="decide_review_pair", responses=changed)
    async def decide_pair(
        pair: UUID, said: DecisionRequest, request: Request, caller: Caller, work: Work
    ) -> DecisionAnswer:
        room = room_of(request, caller, work, intake, notes)
        outcome = await asking.decide_as(room, pair, said.verdict, said.reason, said.note, said.version)
        return DecisionAnswer(id=pair, outcome=outcome)

    @router.post("/{pair}/undo", operation_id="undo_review_decision", responses=changed)
    async def undo_decision(
        pair: UUID, said: UndoingRequest, request: Request, caller: Caller, work: Work
    ) -> DecisionAnswer:
        room = room_of(request, caller, work, intake, notes)
        outcome = await asking.undo_as(room, pair, said.reason, said.note, said.version)
        return DecisionAnswer(id=pair, outcome=outcome)

    return router


def room_of(
    request: Request, caller: Principal, work: UnitOfWork, intake: Intake, notes: ReviewNotes
) -> Room:
    """Return the queue for a request."""
    return Room(request, caller, platform_of(request), intake, notes, work)


def _pair_answer(intake: Intake, pair: Pair) -> ReviewPair:
    weights = review_weights(intake.today)
    made = pair.decision
    return ReviewPair(
        id=pair.id,
        version=pair.version,
        open=pair.is_open(weights.shown),
        joined=pair.joined,
        likely=pair.score is not None and pair.score >= weights.likely,
        score=pair.score,
        units=pair.units,
        fields=[
            ReviewField(field=each.field, verdict=each.verdict, level=each.level, weight=each.weight)
            for each in pair.fields
        ],
        decision=None
        if made is None
        else ReviewDecision(
            verdict=made.verdict,
            reason=made.reason,
            at=made.at,
            by=made.by,
            unit=made.unit,
            known_changed=made.known != pair.known,
        ),
    )


def _case_answer(intake: Intake, case: Case) -> ReviewCase:
    one, other = (RecordSummary.model_validate(side) for side in case.sides)
    return ReviewCase(
        **dict(_pair_answer(intake, case.pair)),
        sides=(one, other),
        note=case.note,
        may_decide=case.may_decide,
        may_undo=case.may_undo,
        against=[
            Objection(field=each.field, rule=each.rule, vi=each.message.vi, en=each.message.en)
            for each in case.against
        ],
    )
