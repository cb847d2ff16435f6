"""A report made: plan its questions, answer them from one state, release what the reader may see, compose."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.areas import Area, area_book
from contracts.envelope import VIETNAM
from services.chassis.auth import Principal
from services.reporting.figures.answer import compute
from services.reporting.figures.evaluate import Scope
from services.reporting.reports.compose import Frame, compose
from services.reporting.reports.document import Document, Times
from services.reporting.reports.planning import Answer, Ask, Numbers, plan, sections_of
from services.reporting.reports.reference import issuer
from services.reporting.reports.release import release
from services.reporting.reports.requests import Request
from services.reporting.reports.versions import version_at
from services.reporting.repository import Connection


@dataclass(frozen=True, slots=True)
class Origin:
    """Numbers that were not computed now: their answers, their knowledge, and what the document says about them."""

    answers: Mapping[Ask, Answer]
    known_at: datetime
    lines: Sequence[tuple[str, str]]
    remarks: Sequence[str]


async def gather(
    connection: Connection, asks: Iterable[Ask], area: Area, known_at: datetime | None
) -> dict[Ask, Answer]:
    """The answers, computed from what the connection sees."""
    return {ask: await _answer(connection, ask, area, known_at) for ask in asks}


async def _answer(connection: Connection, ask: Ask, area: Area, known_at: datetime | None) -> Answer:
    uid = area.uid
    if not area.exists_on(ask.times.last):
        # The year before a change of areas: the area that it was, where that is one.
        earlier = area_book().resolve(area.code, ask.times.last)
        if earlier is None:
            return Answer(None)
        uid = earlier.uid
    scope = Scope(uid, ask.times.last, ask.times.first, known_at, ask.by)
    result = await compute(connection, ask.figure, scope)
    return Answer(result.value, result.rows)


async def make(connection: Connection, request: Request, principal: Principal, now: datetime) -> Document:
    """The report as the principal may see it, from one state of the figures."""
    sections = sections_of(request.report, request.area, request.windows)
    found = await gather(connection, plan(sections, request.windows), request.area, request.known_at)
    return composed(request, found, principal, now)


def composed(
    request: Request,
    found: Mapping[Ask, Answer],
    principal: Principal,
    now: datetime,
    origin: Origin | None = None,
) -> Document:
    """The document of answers that are there."""
    known_at = request.known_at or now
    if origin is not None:
        known_at = origin.known_at
    signed_on = known_at.astimezone(VIETNAM).date()
    office, office_area = issuer(request.report.office, request.area, request.windows.last)
    frame = Frame(
        request.report,
        request.area,
        request.windows,
        office,
        office_area,
        known_at,
        signed_on,
        _version,
        request.asked,
        origin.lines if origin else (),
        origin.remarks if origin else (),
    )
    sections = sections_of(request.report, request.area, request.windows)
    return compose(frame, sections, Numbers(release(found, request.area, principal)))


def _version(figure: str, times: Times) -> tuple[str, str]:
    return version_at(figure, times.last)
