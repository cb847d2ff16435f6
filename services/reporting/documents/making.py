"""Make a report for somebody: from the figures as they stand or those of a closing, with what its officials have written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from proof import read_json
from services.chassis.http import Problem
from services.chassis.platform import Platform
from services.reporting.closing import revisions
from services.reporting.closing import usecases as closings
from services.reporting.documents import closed, usecases
from services.reporting.documents.composing import Step, printed
from services.reporting.documents.declared_twice import two_numbers
from services.reporting.documents.document import Document
from services.reporting.documents.parts import Report
from services.reporting.documents.planning import Answer, Ask
from services.reporting.documents.requests import Request, check_closing, parse, request_for
from services.reporting.documents.two_numbers import TwoNumbers
from services.reporting.figures import QueryService, Reader, Reading, check_known_at, may_ask


@dataclass(frozen=True, slots=True)
class Question:
    """A request for a report that its reader may put, and the closing that it is of, if any.

    Revisions of a closing are listed as known at ``revised_until`` (default: now).
    """

    asked: Request
    closing: Mapping[str, Any] | None = None
    revised_until: str | None = None


async def question_of(
    platform: Platform, queries: QueryService, report: Report, given: Mapping[str, str], reader: Reader
) -> Question:
    """Return the question that the parameters make.

    Raises:
        Problem: 404 for an unknown area or closing, 422 with every fault, 403 where the reader may not ask it.
    """
    now = platform.clock()
    if not given.get("closing"):
        asked = parse(report, given, now)
        if not may_ask(reader, asked.question):
            raise Problem.forbidden("area_scope")
        return Question(asked)
    number = check_closing(report, given)
    closing = read_json(await closings.show(platform, queries, reader, number))
    about = {"area": closing["area_uid"], "closing": str(number)}
    asked = request_for(report, closed.windows_of(closing), about, now)
    return Question(asked, closing, given.get("known_at") or None)


def without_annexes(question: Question) -> Question:
    """Return the same question for the body of the report alone, as a page shows it."""
    report = question.asked.report
    body = replace(report, sections=tuple(replace(section, annex=None) for section in report.sections))
    return replace(question, asked=replace(question.asked, report=body))


async def made(
    platform: Platform,
    queries: QueryService,
    question: Question,
    reader: Reader,
    written: tuple[Step, ...] | None = None,
) -> tuple[Document, str]:
    """Return the document, and a text that identifies the state that it is made from.

    ``written`` are the steps of which the texts stand in it; None = as they are printed.
    """
    asked = question.asked
    if written is None:
        written = await printed(platform, reader, asked)
    if question.closing is None:
        document, state = await _counted(queries, asked, reader, platform.clock(), written)
    else:
        document, state = await _closed(platform, queries, question, question.closing, reader, written)
    return document, f"{state}.{len(written)}"


async def _counted(
    queries: QueryService, asked: Request, reader: Reader, now: datetime, written: tuple[Step, ...]
) -> tuple[Document, str]:
    """Return the document, computed from one state of the live generation, and that state."""
    exact, hidden = usecases.split(queries, usecases.asks_of(asked), reader)

    async def reconciled(reading: Reading) -> tuple[Document, str]:
        check_known_at(asked.question, reading.watermark)
        return await usecases.reconciled(reading, asked, reader, now), str(reading.watermark)

    async def counted(reading: Reading) -> tuple[dict[Ask, Answer], frozenset[str], list[TwoNumbers], str]:
        check_known_at(asked.question, reading.watermark)
        answers = await usecases.gather(reading, exact, asked, reader)
        return (
            answers,
            await usecases.incomparable(reading, exact, asked, reader, now),
            await two_numbers(reading, asked, reader),
            str(reading.watermark),
        )

    if asked.report.declared:
        return await queries.read(reconciled)
    found, unsure, two, state = await queries.read(counted)
    found |= await usecases.gather_protected(queries, hidden, asked, reader, now)
    return usecases.composed(asked, found, now, unsure=unsure, written=written, two=two), state


async def _closed(
    platform: Platform,
    queries: QueryService,
    question: Question,
    closing: Mapping[str, Any],
    reader: Reader,
    written: tuple[Step, ...],
) -> tuple[Document, str]:
    """Return the document of a closed period, and its state."""
    asked = question.asked
    revised, _ = await revisions(platform, queries, reader, UUID(closing["id"]), question.revised_until)
    found = closed.kept(closed.answers(closing["cells"]))
    origin = closed.origin(closing, revised, asked.hierarchy)
    document = usecases.composed(asked, found, platform.clock(), origin, written=written)
    # Revisions and texts are the only parts that can change.
    return document, f"{closing['content_hash']}.{len(revised['cells'])}.{revised['known_at']}"
