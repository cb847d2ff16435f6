"""Lists of a check with the marks on their lines; and the lines that were marked, also those that vanished since."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.marks import (
    Mark,
    MarkedLines,
    Notes,
    Wanted,
    history_document,
    in_order,
    is_wanted,
    mark_document,
    marks_of,
    standing_of,
)
from services.reporting.checks.asking import AskedCheck
from services.reporting.checks.documents import outcome_document, trace_document
from services.reporting.checks.listing import Kept, run_for, shown
from services.reporting.checks.queries import Found, Lines, Trace
from services.reporting.checks.usecases import run
from services.reporting.facts import Connection
from services.reporting.figures import RecordSight, Scope, default_province


async def listed_with_marks(
    connection: Connection, one: AskedCheck, sight: RecordSight, notes: Notes, wanted: Wanted | None
) -> dict[str, Any]:
    """Return what a check found, each line with what its marks say; where ``wanted``, of the list these lines alone."""
    marked = await marks_of(connection, one.marked_list, one.asked.question.known_at)
    asked, kept = one.asked, Kept()
    if wanted is not None:
        kept = _kept(marked, wanted, sight)
        # Most open lines have no mark; all others that can be wanted have one.
        asked = asked if wanted == "open" else replace(asked, lines=_lines_of(marked))
    outcome = await run_for(connection, one.check, asked, sight, kept)
    document = outcome_document(outcome, asked)
    page = outcome.page or []
    on_page = {found.subject: on_line(marked, found) for found in page}
    texts = await notes.read(connection, [mark for those in on_page.values() for mark in those])
    for found, line in zip(page, document["findings"] or (), strict=True):
        line["mark"] = mark_document(on_page[found.subject], texts, found=True)
    return document


def _kept(marked: MarkedLines, wanted: Wanted, sight: RecordSight) -> Kept:
    """Return which lines are wanted by what stands of each line as the check finds it now."""
    caller = sight.reader.caller

    def has(found: Found) -> bool:
        standing = standing_of(on_line(marked, found))
        return is_wanted(standing, wanted, caller.unit, caller.subject)

    return Kept(has, marked.most_done if wanted == "open" else None)


def _lines_of(marked: MarkedLines) -> Lines:
    """Return the lines that these marks may be on; `on_line` says of each which are."""
    return Lines(marked.subjects, marked.records)


def on_line(marked: MarkedLines, found: Found) -> list[Mark]:
    """Return the marks of a line that the check finds."""
    return marked.on(found.subject, found.records)


async def count_marked(connection: Connection, one: AskedCheck) -> int:
    """Return how many of the lines that the check finds have a mark, whoever made it."""
    marked = await marks_of(connection, one.marked_list, one.asked.question.known_at)
    return len(await _found(connection, one, one.asked.scope(), marked))


async def _found(
    connection: Connection, one: AskedCheck, scope: Scope, marked: MarkedLines, agency: str | None = None
) -> list[tuple[Found, list[Mark]]]:
    """Return the marked lines that the check finds, with their marks, whoever asks."""
    if not marked.marks:
        return []
    lines = _lines_of(marked)
    outcome = await run(connection, one.check, scope, days=one.asked.days, agency=agency, lines=lines)
    found = ((line, on_line(marked, line)) for line in outcome.page or ())
    return [(line, those) for line, those in found if those]


async def marked_lines(
    connection: Connection, one: AskedCheck, sight: RecordSight, notes: Notes
) -> tuple[list[dict[str, Any]], str | None]:
    """Return the marked lines of a list with all their marks, and the subject that the page ends with where there are more.

    ``found``: whether the check still finds it, on the day and in the area asked. What it finds nowhere any more is settled,
    and shown to whoever may know the records that were behind it, with the marks of the area asked.
    """
    asked = one.asked
    marked = await marks_of(connection, one.marked_list, asked.question.known_at)
    found = await _found(connection, one, asked.scope(), marked, asked.agency)
    here = {line.subject: (line, those) for line, those in found}
    settled = await _settled(connection, one, marked, found)
    subjects = sorted(subject for subject in here.keys() | settled.keys() if subject > asked.after)
    on_page = subjects[: asked.limit]
    page = [here[subject][0] for subject in on_page if subject in here]
    lines = [(line, here[line.subject][1], True) for line in await shown(connection, page, sight)]
    gone = {subject: settled[subject] for subject in on_page if subject in settled}
    await sight.learn(
        connection, (record for those in gone.values() for mark in those for record in mark.records)
    )
    for subject, those in gone.items():
        line = _settled_line(subject, those, sight)
        if line is not None:
            lines.append((line, those, False))
    texts = await notes.read(connection, [mark for _, those, _ in lines for mark in those])
    documents = [_line(line, those, texts, there=there) for line, those, there in lines]
    full = len(on_page) == asked.limit
    return sorted(documents, key=lambda line: str(line["subject"])), on_page[-1] if full else None


async def one_line(
    connection: Connection, one: AskedCheck, sight: RecordSight, notes: Notes, subject: str
) -> dict[str, Any] | None:
    """Return one line that the reader's list has as it is asked, with all its marks; None where it has no such line."""
    narrow = replace(one.asked, lines=Lines(frozenset({subject}), frozenset()), after="", limit=1)
    page = (await run_for(connection, one.check, narrow, sight)).page
    if not page:
        return None
    marked = await marks_of(connection, one.marked_list, one.asked.question.known_at)
    those = on_line(marked, page[0])
    return _line(page[0], those, await notes.read(connection, those), there=True)


async def _settled(
    connection: Connection, one: AskedCheck, marked: MarkedLines, found: Sequence[tuple[Found, list[Mark]]]
) -> dict[str, list[Mark]]:
    """Return the marks made in the area asked on lines that the check finds nowhere any more, by line.

    A line that is found in another area has not been settled but moved: it is on that area's list, with its marks.
    """
    scope = one.asked.scope()
    there = {mark.mark_id for _, those in found for mark in those}
    gone = MarkedLines(
        (mark for mark in marked.marks if mark.mark_id not in there and _made_in(scope, mark)),
        persons=marked.persons,
    )
    province = default_province(scope.hierarchy) or scope.uid
    if province != scope.uid or one.asked.agency is not None:
        elsewhere = await _found(connection, one, replace(scope, uid=province, by=None), gone)
        there = {mark.mark_id for _, those in elsewhere for mark in those}
    return {
        subject: those
        for subject, those in gone.by_line().items()
        if not any(mark.mark_id in there for mark in those)
    }


def _made_in(scope: Scope, mark: Mark) -> bool:
    territory = scope.territory()
    return bool(mark.areas & territory.row_of.keys()) or (not mark.areas and territory.whole)


def _settled_line(subject: str, marks: Sequence[Mark], sight: RecordSight) -> Found | None:
    """Return a line that the check finds no more, with those of its records that the reader may know; None: not the reader's."""
    records = {record for mark in marks for record in mark.records}
    known_as = {sight.shown(record) for record in records}
    if "nothing" in known_as or (known_as and "record" not in known_as):
        return None
    known = sorted(UUID(record) for record in sight.ids(map(str, records)))
    return Found(
        subject, [Trace(record, None, sight.known[str(record)].unit, None, None) for record in known]
    )


def _line(found: Found, marks: Sequence[Mark], texts: Mapping[UUID, str], *, there: bool) -> dict[str, Any]:
    return {
        "subject": found.subject,
        "records": [trace_document(trace) for trace in found.traces],
        "mark": mark_document(marks, texts, found=there),
        "history": [history_document(mark, texts) for mark in in_order(marks)],
    }
