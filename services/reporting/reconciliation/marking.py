"""Mark a record behind a step of a waterfall: who may, and whether the waterfall has the record."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.marks import (
    MARK_LINE,
    Line,
    Mark,
    Marking,
    Notes,
    Outcome,
    faults_of,
    history_document,
    in_order,
    mark_document,
    marks_of,
)
from services.reporting.facts import Connection, units_register
from services.reporting.figures import QueryService, Question, Reader, RecordSight, parse_question
from services.reporting.line_marks import SeenLine, mark_seen_line
from services.reporting.reconciliation.document import Listing, parts_of_line
from services.reporting.reconciliation.domain.waterfall import ORDER
from services.reporting.reconciliation.marked import marked_list
from services.reporting.reconciliation.naming import as_known, reached, records_of
from services.reporting.reconciliation.requests import ReconciliationRequest
from services.reporting.reconciliation.usecases import EXACT_ONLY, reconcile


@dataclass(frozen=True, slots=True)
class AskedWaterfall:
    """The waterfall of which a line is marked: the figure's question, and whose declaration."""

    question: Question
    agency: str | None


def asked_waterfall(figure: str, given: Mapping[str, str], now: datetime) -> AskedWaterfall:
    """Return the waterfall that the parameters name; Problem 422 with every fault of them."""
    own = {name: given[name] for name in given if name == "agency"}
    rest = {name: given[name] for name in given if name not in own}
    question = parse_question(figure, rest, now)
    return AskedWaterfall(question, ReconciliationRequest(own).agency)


async def mark_step_line(
    platform: Platform,
    queries: QueryService,
    notes: Notes,
    reader: Reader,
    asked: AskedWaterfall,
    given: Marking,
) -> tuple[Outcome, list[Mark]]:
    """Put a mark on a record behind a step that the reader is shown; return all marks of the line.

    Raises:
        Problem: 422 with every fault of the mark; 404 where the reader's waterfall has no such line; 409 where another state
            stands than the mark says that its author saw.
    """
    _check(given, reader, asked.question)

    async def find(connection: Connection) -> SeenLine | None:
        return await _found(connection, platform, reader, asked, given)

    line, _ = await queries.read_exact(asked.question, reader, EXACT_ONLY, find)
    return await mark_seen_line(platform, notes, reader, marked_list(asked.question), line, given)


def check_may_mark(reader: Reader, question: Question) -> frozenset[str]:
    """Refuse whoever is not shown the records of the waterfall; return the guards of the right, which the request must meet."""
    owner = {question.figure.owner_on(question.day)}
    guards = reader.check(MARK_LINE, owner, EXACT_ONLY).guards(MARK_LINE)
    if not replace(reader, met=reader.met | guards).lists(MARK_LINE, owner, owner):
        raise Problem.forbidden("reconcile_records_hidden")
    return guards


def _check(given: Marking, reader: Reader, question: Question) -> None:
    earlier = None if question.known_at is None else question.known_as_asked
    faults = [*faults_of(given, reader.today, earlier)]
    if faults:
        raise Problem.invalid(faults)


async def line_document(
    connection: Connection, reader: Reader, asked: AskedWaterfall, subject: str, now: datetime
) -> tuple[dict[str, Any] | None, RecordSight]:
    """Return the record of a line as the reader's waterfall has it (None where it has no such line), and the reader's sight."""
    sight = await RecordSight.of(connection, reader)
    _, step, _ = parts_of_line(subject)
    if step not in ORDER:
        return None, sight
    listing = Listing(1, 0, step, partial(reached, reader), lambda line: line == subject)
    found = await reconcile(connection, asked.question, asked.agency, now, listing=listing)
    await sight.learn(connection, records_of(found))
    told: list[dict[str, Any]] = [
        record for one in as_known(found, sight)["steps"] for record in one["records"]
    ]
    return (told[0] if told and told[0]["line"] is not None else None), sight


async def marked_line(
    connection: Connection, reader: Reader, asked: AskedWaterfall, notes: Notes, subject: str, now: datetime
) -> tuple[dict[str, Any] | None, RecordSight]:
    """Return a line that the reader's waterfall has, with its marks and their history, as lines of checks are told."""
    record, sight = await line_document(connection, reader, asked, subject, now)
    if record is None:
        return None, sight
    marks = (await marks_of(connection, marked_list(asked.question), asked.question.known_at)).on(subject, ())
    texts = await notes.read(connection, marks)
    line = {
        "subject": subject,
        "records": [record],
        "mark": mark_document(marks, texts, found=True),
        "history": [history_document(mark, texts) for mark in in_order(marks)],
    }
    return line, sight


async def _found(
    connection: Connection, platform: Platform, reader: Reader, asked: AskedWaterfall, given: Marking
) -> SeenLine | None:
    """Return the line as the reader's waterfall has it; None where it has no such line."""
    record, _ = await line_document(connection, reader, asked, given.subject, platform.clock())
    if record is None:
        return None
    areas = frozenset([record["area"]] if record["area"] else ())
    records = frozenset({UUID(record["record"])})
    units = await units_register(connection, given.to_unit)
    question = asked.question
    agency = question.figure.owner_on(question.day)
    return SeenLine(Line(given.subject, records, areas), agency, question.hierarchy, units)
