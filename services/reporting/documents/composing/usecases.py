"""Read what is written in a report, take a step with it, and list the reports that wait for somebody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from contracts.envelope import VIETNAM
from reference import resolve, unit_name
from services.chassis.persistence import raw
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from services.chassis.security import Allowed, Refused
from services.marks import writes_identity_number
from services.reporting.closing import check_up_to_date
from services.reporting.documents.catalogue import REPORTS
from services.reporting.documents.composing import storage
from services.reporting.documents.composing.domain import (
    PARTS,
    REASONED,
    Act,
    Command,
    Conflict,
    Step,
    Texts,
    Unchanged,
    decide,
    possible,
    sent,
    state_of,
    texts_of,
)
from services.reporting.documents.composing.earlier import Closing, Earlier, earlier_texts, span_of
from services.reporting.documents.composing.offices import reads_draft, right_to, right_to_read
from services.reporting.documents.composing.storage import About
from services.reporting.documents.planning import plan, sections_of
from services.reporting.documents.requests import Request
from services.reporting.figures import QueryService, Reader, Reading
from texts import day_written, message

LONGEST = 8_000
"""Characters that one text may have: about four pages."""
LONGEST_REASON = 500
PAGE = 50
"""Reports that wait, on one page."""
_CHUNK = 200
_MASKED = "…"
_PLACE = "%Y%m%dT%H%M%S.%fZ"
Outcome = Literal["done", "unchanged"]
Why = Literal["decide", "mend", "finish"]
"""Why a report waits: for a decision, to be mended after it was returned, or to be sent up."""
_TO_DO: tuple[tuple[str, Act, Why], ...] = (
    ("submitted", "approved", "decide"),
    ("returned", "written", "mend"),
    ("draft", "written", "finish"),
)


@dataclass(frozen=True, slots=True)
class Given:
    """What is to be done: the act, the number of the last step that was shown (0 for none), texts or a reason."""

    act: Act
    seen: int
    texts: Texts = field(default_factory=Texts)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report that waits for the reader: which one, why, and its last step, without texts."""

    about: About
    why: Why
    last: Step


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """Reports that wait for the reader, the latest first; ``following`` is the ``after`` of the next page, blank on the last."""

    reports: list[Waiting]
    following: str


def about(asked: Request) -> About:
    """Return which report a request names; Problem 422 for one that has no texts of its own."""
    if asked.report.declared:
        raise Problem(422, "report_not_composed")
    return About(asked.report.name, asked.area.uid, _span(asked))


def _span(asked: Request) -> str:
    given = asked.asked
    if given.get("closing"):
        return span_of(given["closing"])
    if given.get("year"):
        return f"year {asked.windows.last.year}"
    return f"{given['calendar']} {resolve(given['calendar'], given['period']).code}"


def check_may_read(reader: Reader, asked: Request) -> None:
    """Raise Problem 403 unless the reader reads what is written in the report."""
    decision = right_to_read(reader, asked)
    if isinstance(decision, Refused):
        raise Problem.refused(decision)


def may_do(reader: Reader, act: Act, asked: Request, steps: Sequence[Step]) -> bool:
    """Return whether the reader has the right to an act with a report of these steps, whatever its state."""
    return isinstance(right_to(reader, act, asked.report.office, asked.area.uid, sent(steps)), Allowed)


async def seen(platform: Platform, reader: Reader, asked: Request) -> tuple[Step, ...]:
    """Return the steps of a report; none of one that is not sent up, for whoever does not read drafts.

    Raises:
        Problem: 403 for whoever does not read what is written in the report at all.
    """
    check_may_read(reader, asked)
    async with platform.uow() as session:
        steps = await storage.steps_of(await raw(session), about(asked))
    drafts = reads_draft(reader, asked.report.office, asked.area.uid)
    return steps if drafts or sent(steps) is not None else ()


async def offered(
    platform: Platform, reader: Reader, asked: Request, closing: Closing | None, steps: Sequence[Step]
) -> tuple[tuple[Act, ...], Earlier | None]:
    """Return what the reader may do with a report of these steps now, and the texts that it may begin with, if any."""
    may = tuple(act for act in possible(state_of(steps)) if may_do(reader, act, asked, steps))
    if "taken_over" not in may:
        return may, None
    found = None
    if texts_of(steps) == Texts():
        found = await earlier_texts(platform, reader, asked, closing)
    return tuple(act for act in may if act != "taken_over" or found is not None), found


async def printed(platform: Platform, reader: Reader, asked: Request) -> tuple[Step, ...]:
    """Return the steps whose texts are printed in the reader's report: of what was sent, for whoever reads it.

    What is not sent is printed as a draft for whoever may write that report, and never with the numbers of a closing.
    """
    if asked.report.declared or isinstance(right_to_read(reader, asked), Refused):
        return ()
    steps = await seen(platform, reader, asked)
    drafts = may_do(reader, "written", asked, steps) and not asked.asked.get("closing")
    return steps if drafts or sent(steps) is not None else ()


async def act(
    platform: Platform,
    queries: QueryService,
    reader: Reader,
    asked: Request,
    given: Given,
    closing: Closing | None = None,
) -> tuple[Outcome, tuple[Step, ...]]:
    """Take a step with a report; return what became of it, and all steps. ``closing``: the one that it is of, if any.

    Raises:
        Problem: 403 without the right, 422 with what is wrong with the texts or the reason or while the period goes on, 409
            where somebody was faster or the report's state does not allow it, where no edition before has texts to take over, or where what is to be sent up lacks records that
            still wait to be applied.
    """
    async with platform.uow() as session:
        gone = sent(await storage.steps_of(await raw(session), about(asked)))
    decision = right_to(reader, given.act, asked.report.office, asked.area.uid, gone)
    if isinstance(decision, Refused):
        raise Problem.refused(decision)
    check_may_read(reader, asked)
    faults = [*_faults(given), *_too_early(given, asked, reader)]
    if faults:
        raise Problem.invalid(faults)
    if given.act == "submitted" and closing is None:
        # What is sent up stays as it is: nothing that was handed in before may be missing in it.
        await check_up_to_date(platform)
    command = await _command(platform, reader, asked, given, closing)
    known = await _known(queries, closing) if given.act == "submitted" else None
    async with platform.uow() as session:
        report_id = await storage.hold(session, about(asked), platform.new_id())
        steps = await storage.steps_of(await raw(session), about(asked))
        decided = decide(steps, command, platform.clock(), known)
        if isinstance(decided, Conflict):
            raise _problem(decided, given)
        if isinstance(decided, Unchanged):
            return "unchanged", steps
        await storage.add(session, report_id, decided)
    return "done", (*steps, decided)


async def _command(
    platform: Platform, reader: Reader, asked: Request, given: Given, closing: Closing | None
) -> Command:
    texts, source = given.texts, None
    if given.act == "taken_over":
        earlier = await earlier_texts(platform, reader, asked, closing)
        if earlier is None:
            raise Problem(409, "report_nothing_earlier")
        texts, source = earlier.last.texts, earlier.closing
    caller = reader.caller
    return Command(given.act, caller.subject, caller.unit, given.seen, texts, given.reason, source)


async def waiting(platform: Platform, reader: Reader, after: str = "") -> WaitingPage:
    """Return a page of the reports that wait for the reader, the latest first: to be decided on, mended, finished.

    Raises:
        Problem: 422 for an ``after`` that is no `WaitingPage.following`.
    """
    found: list[tuple[storage.Place, Waiting]] = []
    place = _place(after) if after else None
    async with platform.uow() as session:
        while len(found) <= PAGE:
            chunk = await storage.unapproved(await raw(session), place, _CHUNK)
            found += [(place, one) for place, about, last in chunk for one in _waiting(reader, about, last)]
            if len(chunk) < _CHUNK:
                break
            place = chunk[-1][0]
    last = found[PAGE - 1][0] if len(found) > PAGE else None
    following = "" if last is None else f"{last.at.astimezone(UTC):{_PLACE}}_{last.report_id}"
    return WaitingPage([one for _, one in found[:PAGE]], following)


def _waiting(reader: Reader, one: About, last: Step) -> Iterable[Waiting]:
    for state, doing, why in _TO_DO:
        if last.state != state:
            continue
        if isinstance(right_to(reader, doing, REPORTS[one.report].office, one.area, sent([last])), Allowed):
            yield Waiting(one, why, last)


def _place(after: str) -> storage.Place:
    at, _, report_id = after.partition("_")
    try:
        return storage.Place(datetime.strptime(at, _PLACE).replace(tzinfo=UTC), UUID(report_id))
    except ValueError:
        raise Problem.invalid([Fault.of("after", after, "shape")]) from None


async def _known(queries: QueryService, closing: Closing | None) -> datetime | None:
    """Return what the figures contain now; of a closing never less than it knew itself, for it is not asked about before."""
    closed_at = None if closing is None else datetime.fromisoformat(closing["known_at"])
    found = [at for at in (await queries.read(_last_known), closed_at) if at is not None]
    return max(found, default=None)


async def _last_known(reading: Reading) -> datetime | None:
    return reading.watermark.last


def _faults(given: Given) -> Iterable[Fault]:
    """Yield what is wrong with texts and reason. A text that may hold somebody's number is not repeated."""
    told = [(name, text, LONGEST) for name, text in given.texts.named()]
    if given.act in REASONED:
        told.append(("reason", given.reason or "", LONGEST_REASON))
        if not (given.reason or "").strip():
            yield Fault.of("reason", None, "report_reason_needed")
    if given.act == "taken_over" and given.texts != Texts():
        # Nothing that somebody typed is put aside for the texts of others.
        yield Fault.of(PARTS[0], None, "report_take_over_typed")
    for name, text, longest in told:
        if len(text) > longest:
            yield Fault.of(name, None, "too_long", limit=longest)
        elif writes_identity_number(text):
            yield Fault.of(name, _MASKED, "report_identity_number")


def _too_early(given: Given, asked: Request, reader: Reader) -> Iterable[Fault]:
    """Yield a fault where a report is to be sent before the last day that one of its figures counts is over."""
    if given.act != "submitted":
        return
    sections = sections_of(asked.report, asked.area, asked.windows, asked.hierarchy)
    last = max((ask.times.last for ask in plan(sections, asked.windows)), default=asked.windows.last)
    if last >= reader.today:
        yield Fault.of("act", given.act, "report_not_over", last=day_written(last))


def _problem(found: Conflict, given: Given) -> Problem:
    last = found.last
    if last is None:
        return Problem(409, "report_changed", faults=[Fault.of("seen", given.seen, "report_seen_none")])
    parts = {
        "what": message(f"report.act.{last.act}"),
        "who": f"{last.by} ({unit_name(last.unit)})",
        "at": day_written(last.at.astimezone(VIETNAM).date()),
    }
    return Problem(409, found.rule, faults=[Fault.of("seen", given.seen, "report_seen_other", **parts)])
