"""The routes of composed reports: what is written in one, a step with it, and which reports wait for the caller."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.http import LINES, query_parameters
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem, documented
from services.chassis.runtime import get_logger
from services.reporting.documents import composing
from services.reporting.documents.composing import Act, Given, Outcome, State, Step, Texts, Why
from services.reporting.documents.making import Question, question_of
from services.reporting.documents.requests import named
from services.reporting.figures import Asking, QueryService, Reader, parameters_of
from texts import message

_log = get_logger(__name__)
NAMING = ("year", "calendar", "period", "area", "closing")
"""The parameters that say which report it is; others would make another view of the same one."""
_Text = Annotated[str, Field(max_length=composing.LONGEST, pattern=LINES)]


class StepRequest(BaseModel):
    """A step with a report. ``seen`` is the number of its last step as it was shown, 0 for none: 409 where another stands now.

    ``written`` keeps all four texts as they are given, plain, a paragraph a line; ``taken_over`` begins with those of the edition
    before (``earlier``) and takes none; ``recalled`` and ``returned`` say a ``reason``.
    No text holds numbers of persons.
    """

    model_config = ConfigDict(extra="forbid")

    act: Act
    seen: int = Field(ge=0, le=2**31 - 2)
    remarks: _Text = ""
    causes: _Text = ""
    directions: _Text = ""
    recommendations: _Text = ""
    reason: Annotated[str, Field(max_length=composing.LONGEST_REASON, pattern=LINES)] | None = None

    @property
    def given(self) -> Given:
        """Return what is to be done."""
        texts = Texts(self.remarks, self.causes, self.directions, self.recommendations)
        return Given(self.act, self.seen, texts, self.reason)


class StepDocument(BaseModel):
    """One step: what was done, by whom and when, and what stood after it; ``source``: the closing whose texts were taken over."""

    number: int
    act: Act
    state: State
    at: datetime
    by: str
    unit: str
    reason: str | None
    known_at: datetime | None
    source: UUID | None = None

    @classmethod
    def of(cls, step: Step) -> "StepDocument":
        """Return a step without its texts."""
        return cls(**{name: getattr(step, name) for name in cls.model_fields})


class EarlierTexts(BaseModel):
    """The texts of an earlier edition, with which a report that has none may begin: of which closing, and their last step."""

    closing: UUID
    edition: int
    last: StepDocument


class Composition(BaseModel):
    """A report's texts, what stands of it, what the caller may do with it now, and every step so far.

    ``earlier`` is there while ``taken_over`` may be done.
    """

    report: str
    area: str
    outcome: Outcome | Literal["read"]
    state: State
    seen: int
    remarks: str
    causes: str
    directions: str
    recommendations: str
    may: list[Act]
    steps: list[StepDocument]
    earlier: EarlierTexts | None = None


class WaitingReport(BaseModel):
    """A report that waits for the caller; ``span`` is ``year 2023``, ``civil 2023-Q4`` or ``closing`` and an id."""

    report: str
    area: str
    span: str
    why: Why
    last: StepDocument


class WaitingReports(BaseModel):
    """A page of the reports that wait for the caller, the latest first; ``next`` is the ``after`` of the next one, null on the last."""

    reports: list[WaitingReport]
    next: str | None


def _named_in(request: Request) -> dict[str, str]:
    """Return the parameters that name a report; before the body is read, so that a wrong name is told whatever it says."""
    given = parameters_of(request)
    _check_names(given)
    return given


def _check_names(given: Mapping[str, str]) -> None:
    faults = [
        Fault.of(name, given[name], "unknown_parameter") for name in sorted(given) if name not in NAMING
    ]
    if faults:
        raise Problem.invalid(faults)


Named = Annotated[dict[str, str], Depends(_named_in)]


def composing_router(platform: Platform, queries: QueryService) -> APIRouter:
    """Return all of them; authentication is put before each by the application."""
    router = APIRouter(prefix="/v1", tags=["reports"])
    naming = {"parameters": query_parameters("report", NAMING)}

    @router.get("/reports/{report}/composition", operation_id="get_composition", openapi_extra=naming)
    async def composition(report: str, names: Named, reader: Asking) -> Composition:
        asked = await named_report(platform, queries, report, names, reader)
        steps = await composing.seen(platform, reader, asked.asked)
        return await _document(platform, asked, reader, steps, "read")

    @router.post(
        "/reports/{report}/composition",
        operation_id="compose_report",
        responses={409: documented("api.response.report_changed")},
        openapi_extra=naming,
    )
    async def step(report: str, given: StepRequest, names: Named, reader: Asking) -> Composition:
        asked = await named_report(platform, queries, report, names, reader)
        outcome, steps = await composing.act(
            platform, queries, reader, asked.asked, given.given, asked.closing
        )
        _log.info("report composed", report=report, act=given.act, outcome=outcome)
        return await _document(platform, asked, reader, steps, outcome)

    @router.get("/compositions", operation_id="list_compositions")
    async def waiting(
        reader: Asking,
        after: Annotated[
            str, Query(max_length=100, description=str(message("api.parameter.compositions.after")))
        ] = "",
    ) -> WaitingReports:
        found = await composing.waiting(platform, reader, after)
        return WaitingReports(
            reports=[
                WaitingReport(
                    report=one.about.report,
                    area=one.about.area,
                    span=one.about.span,
                    why=one.why,
                    last=StepDocument.of(one.last),
                )
                for one in found.reports
            ],
            next=found.following or None,
        )

    return router


async def named_report(
    platform: Platform, queries: QueryService, report: str, given: dict[str, str], reader: Reader
) -> Question:
    """Return the report that the parameters name; Problem 422 for others than those that name one."""
    _check_names(given)
    return await question_of(platform, queries, named(report), given, reader)


async def _document(
    platform: Platform,
    question: Question,
    reader: Reader,
    steps: tuple[Step, ...],
    outcome: Outcome | Literal["read"],
) -> Composition:
    asked, texts, state = question.asked, composing.texts_of(steps), composing.state_of(steps)
    may, earlier = await composing.offered(platform, reader, asked, question.closing, steps)
    return Composition(
        report=asked.report.name,
        area=asked.area.uid,
        outcome=outcome,
        state=state,
        seen=len(steps),
        **dict(texts.named()),
        may=list(may),
        steps=[StepDocument.of(one) for one in steps],
        earlier=None
        if earlier is None
        else EarlierTexts(
            closing=earlier.closing, edition=earlier.edition, last=StepDocument.of(earlier.last)
        ),
    )
