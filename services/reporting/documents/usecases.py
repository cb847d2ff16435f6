"""Make a report: plan its questions, answer them as the reader may see them, compose the document."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from contracts.envelope import VIETNAM
from reference import AGENCY, FIGURES, area_book, forms_behind
from services.chassis.problems import Problem
from services.reporting.documents import reconciled as reconciliation
from services.reporting.documents.compose import Frame, compose
from services.reporting.documents.composing.domain import Step
from services.reporting.documents.document import Annex, Document, Number
from services.reporting.documents.notes import Version
from services.reporting.documents.plain import when
from services.reporting.documents.planning import Answer, Ask, Numbers, compared, plan, sections_of
from services.reporting.documents.reference import issuer
from services.reporting.documents.requests import Request
from services.reporting.documents.two_numbers import TwoNumbers
from services.reporting.documents.versions import version_at
from services.reporting.documents.written import written_lines, written_parts
from services.reporting.figures import QueryService, Reader, Reading, Scope, parse_question
from services.reporting.ledger.completeness import Span, undeclared
from services.reporting.reconciliation import declared_in, reconcile_for


@dataclass(frozen=True, slots=True)
class Origin:
    """What a document says about numbers that were not computed now, such as those of a closing.

    ``lines`` go to the provenance, ``remarks`` to the reader, ``annexes`` behind the definitions; ``closing`` is the
    reference by which the file can be verified.
    """

    known_at: datetime
    signed_on: date
    version: Version
    lines: Sequence[tuple[str, str]]
    remarks: Sequence[str]
    annexes: Sequence[Annex] = ()
    closing: Mapping[str, Any] | None = None


def asks_of(request: Request) -> list[Ask]:
    """Return every question that the report puts."""
    return plan(
        sections_of(request.report, request.area, request.windows, request.hierarchy), request.windows
    )


def split(queries: QueryService, asks: Iterable[Ask], reader: Reader) -> tuple[list[Ask], list[Ask]]:
    """Return the questions that the reader is answered exactly, and those that he is answered from releases."""
    exact: list[Ask] = []
    protected: list[Ask] = []
    for ask in asks:
        sees = queries.sees_exact(ask.figure, ask.times.last, reader)
        (exact if sees else protected).append(ask)
    return exact, protected


async def gather(
    reading: Reading, asks: Iterable[Ask], request: Request, reader: Reader
) -> dict[Ask, Answer]:
    """Return the answers of one state of the tables, exactly."""
    return {ask: await _answer(reading, ask, request, reader) for ask in asks}


async def _answer(reading: Reading, ask: Ask, request: Request, reader: Reader) -> Answer:
    area, geography = request.area, request.question.geography
    uid, day = area.uid, ask.times.last
    if geography is None and not area.exists_on(day):
        # The year before a change of areas: the area that had the code, where there was one.
        earlier = area_book().resolve(area.code, day)
        if earlier is None:
            return Answer(None)
        uid = earlier.uid
    scope = Scope(uid, day, ask.times.first, request.known_at, ask.by, geography=geography)
    result = await reading.compute(ask.figure, scope, reader)
    return Answer(result.value, result.rows)


async def gather_protected(
    queries: QueryService, asks: Iterable[Ask], request: Request, reader: Reader, now: datetime
) -> dict[Ask, Answer]:
    """Return the answers that are released to everybody; what is not released is hidden as a whole."""
    hidden = frozenset({None})
    found = {}
    for ask in asks:
        # To make the releases of another year only for a comparison would take too long for a reader.
        compared = ask.times != request.windows.now(ask.figure)
        shown: dict[str, Number | None] | None = None if ask.by is None else {}
        found[ask] = (
            Answer(None, shown, hidden) if compared else await _released(queries, ask, request, reader, now)
        )
    return found


async def _released(
    queries: QueryService, ask: Ask, request: Request, reader: Reader, now: datetime
) -> Answer:
    times = ask.times
    given = {"area": request.area.uid}
    if times.first is None:
        given["as_of"] = times.last.isoformat()
    else:
        given |= {"from": times.first.isoformat(), "to": times.last.isoformat()}
    given |= {name: request.asked[name] for name in ("known_at", "geography") if request.asked.get(name)}
    if ask.by is not None:
        given["by"] = ask.by
    try:
        answer = await queries.ask(parse_question(ask.figure, given, now), reader)
    except Problem as off:
        # A number that is not released is printed as protected; every other problem is raised.
        if off.status not in (404, 422):
            raise
        return Answer(None, None if ask.by is None else {}, frozenset({None}))
    document = answer.document
    rows = {row[ask.by]: row["value"] for row in document.get("rows", ()) if ask.by is not None}
    hidden = {row[ask.by] for row in document.get("rows", ()) if ask.by is not None and row.get("suppressed")}
    total = {None} if document.get("suppressed") else set()
    shown = None if ask.by is None else rows
    return Answer(document["value"], shown, frozenset(hidden | total), answer.percent_base)


def frame_of(
    request: Request,
    now: datetime,
    origin: Origin | None = None,
    remarks: Sequence[str] = (),
    written: Sequence[Step] = (),
) -> Frame:
    """Return what the document is about, and which state of the figures it is made from."""
    known_at = origin.known_at if origin else request.known_at or now
    office, office_area = issuer(request.report.office, request.area, request.hierarchy)
    return Frame(
        report=request.report,
        area=request.area,
        windows=request.windows,
        hierarchy=request.hierarchy,
        office=office,
        office_area=office_area,
        known_at=known_at,
        signed_on=origin.signed_on if origin else known_at.astimezone(VIETNAM).date(),
        version=origin.version if origin else version_at,
        asked=request.asked,
        origin=(*(origin.lines if origin else ()), *written_lines(written)),
        written=written_parts(written),
        remarks=(*(origin.remarks if origin else ()), *remarks),
        annexes=origin.annexes if origin else (),
        closing=origin.closing if origin else None,
    )


async def incomparable(
    reading: Reading, asks: Iterable[Ask], request: Request, reader: Reader, now: datetime
) -> frozenset[str]:
    """Return the compared figures of which some register, of this period or the one before, is not declared complete."""
    windows, spans = request.windows, {}
    for figure in compared(asks, windows):
        spans[figure] = {
            Span(form, times.first or times.last, times.last)
            for times in (windows.now(figure), windows.before(figure))
            for form in forms_behind(figure)
        }
    wanted = frozenset(span for those in spans.values() for span in those)
    lacking = await undeclared(reading, request.area, wanted, request.known_at or now, reader)
    return frozenset(figure for figure, those in spans.items() if those & lacking)


def composed(
    request: Request,
    found: Mapping[Ask, Answer],
    now: datetime,
    origin: Origin | None = None,
    unsure: Collection[str] = (),
    written: Sequence[Step] = (),
    two: Sequence[TwoNumbers] = (),
) -> Document:
    """Return the document of answers that are there; of the figures ``unsure`` nothing is compared with the year before.

    ``written`` are the steps of its officials, the last with the texts that are printed; ``two`` what health and police declared.
    """
    sections = sections_of(request.report, request.area, request.windows, request.hierarchy)
    if origin is not None:
        # A closing contains only some breakdowns; a table by another one would be empty.
        present = {ask.by for ask in found}
        sections = tuple(
            replace(
                section,
                parts=tuple(part for part in section.parts if getattr(part, "by", None) in present),
                annex=section.annex if section.annex and section.annex.by in present else None,
            )
            for section in sections
        )
    frame = replace(frame_of(request, now, origin, written=written), two_numbers=two)
    return compose(frame, sections, Numbers(found, unsure))


async def reconciled(reading: Reading, request: Request, reader: Reader, now: datetime) -> Document:
    """Return every number declared for the area in the time of the report, against the one computed at the report's dates."""
    known_at = request.asked.get("known_at")
    declared = [
        one
        for one in await declared_in(reading, request.known_at)
        if one.area == request.area.uid and request.windows.first <= one.day <= request.windows.last
    ]
    pairs = sorted({(one.agency or "", one.figure) for one in declared}, key=_by_owner)
    found: list[dict[str, Any]] = []
    without: list[str] = []
    hidden = 0
    for agency, figure in pairs:
        times = request.windows.now(figure)
        scope = Scope(request.area.uid, times.last, times.first, request.known_at)
        if not reading.may_read(figure, scope, reader):
            hidden += 1
            continue
        given = {"area": request.area.uid, **when(times), **({"known_at": known_at} if known_at else {})}
        try:
            question = parse_question(figure, given, now)
            found.append(await reconcile_for(reader, reading, question, agency, now))
        except Problem as none:
            # A figure without a value is named in a remark; every other problem is raised.
            if none.status not in (404, 422):
                raise
            without.append(f"{AGENCY.get(agency, agency)}: {FIGURES[figure].vi}")
    remarks = reconciliation.left_out(without, hidden)
    return reconciliation.compose(frame_of(request, now, None, remarks), found)


def _by_owner(pair: tuple[str, str]) -> tuple[int, int]:
    return list(AGENCY).index(pair[0]) if pair[0] in AGENCY else len(AGENCY), list(FIGURES).index(pair[1])
