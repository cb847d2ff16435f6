"""Answer a data query from one consistent state: present values, changes since an instant, or the whole history."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from reference import area_book
from services.chassis.problems import Fault, Problem
from services.reporting.dissemination.dataset import Observation
from services.reporting.dissemination.instants import instants_of
from services.reporting.dissemination.selection import Selection, WindowQuestion, known_then
from services.reporting.facts import earliest_late
from services.reporting.figures import Question, Reader, Reading, area_of_row, scope_of

MAX_INSTANTS = 2_000
MAX_LATE = 200
_NONE = (None, None)
PAGE_SECONDS = 10.0
"""After so many seconds a page ends; the remaining questions are answered on the next page."""


@dataclass(frozen=True, slots=True)
class Exact:
    """Exact answers from one state of the tables for one reader; Problem 403 for what he may not see exactly."""

    reading: Reading
    reader: Reader
    now: datetime

    async def answer(self, question: Question) -> dict[str, Any]:
        """Return the answer to a question."""
        return await self.reading.answer(question, self.reader, self.now)

    async def instants(self, question: Question, limit: int, since: datetime | None = None) -> list[datetime]:
        """Return when the answer to a question may have become another one; see `instants_of`."""
        connection = self.reading.exact(question.figure.code, scope_of(question), self.reader)
        return await instants_of(connection, question, limit, since)


async def observe(
    reading: Reading,
    selection: Selection,
    reader: Reader,
    now: datetime,
    released: Mapping[int, Mapping[str, Any]],
) -> tuple[list[Observation], int]:
    """Return the observations of a page in the order of its questions, and how many of them they answer: at least one.

    ``released`` has the answers of questions whose exact numbers the reader may not see.

    Raises:
        Problem: 422, the history asked has more than ``MAX_INSTANTS`` instants; 403, one of the questions that are not in
            ``released`` is not the reader's to see exactly.
    """
    exact = Exact(reading, reader, now)
    found: list[Observation] = []
    until = time.monotonic() + PAGE_SECONDS
    updates = None
    if selection.since is not None:
        updates = Updates(selection.since, await earliest_late(reading.unprotected, selection.since))
    for number, asked in enumerate(selection.asked):
        # At least one question per page; otherwise a question slower than the limit would never be answered.
        if number and time.monotonic() > until:
            return found, number
        # The same area under another code: its values would come twice.
        if asked.again:
            continue
        if number in released:
            found += observations(asked, released[number])
        elif selection.history:
            found += await _history(exact, asked, reading.watermark.first)
        elif updates is not None:
            found += await _changed(exact, asked, updates)
        else:
            found += observations(asked, await exact.answer(asked.question))
    return found, len(selection.asked)


def observations(asked: WindowQuestion, document: Mapping[str, Any]) -> list[Observation]:
    """Return an answer as observations: the total, then rows, columns and cells. Rows of areas are about those areas."""
    question, window = asked.question, asked.window
    figure = question.figure

    def made(part: Mapping[str, Any], area: str, *categories: tuple[str, str]) -> Observation:
        (dimension, row), (across, column) = (*categories, _NONE, _NONE)[:2]
        return Observation(
            figure.code,
            figure.unit,
            area,
            dimension,
            row,
            window,
            question.first is not None,
            part["value"],
            part.get("numerator"),
            part.get("denominator"),
            bool(part.get("suppressed")),
            across=across,
            column=column,
        )

    found = [made(document, question.area.uid)]
    for part, categories in _parts(document, question):
        places = {name: area_of_row(question, name, row) for name, row in categories}
        own = [(name, row) for name, row in categories if places[name] is None]
        place = next((uid for uid in places.values() if uid is not None), None)
        if place is None or not _observed_elsewhere(asked, place):
            found.append(made(part, place or question.area.uid, *own))
    return found


def _parts(
    document: Mapping[str, Any], question: Question
) -> Iterator[tuple[Mapping[str, Any], list[tuple[str, str]]]]:
    """Yield the rows and columns of an answer and those cells that count something, each with its dimensions and values."""
    for name, dimension in (("rows", question.by), ("columns", question.across)):
        for part in document.get(name) or ():
            assert dimension is not None
            yield part, [(dimension, part[dimension])]
    for cell in document.get("cells") or ():
        if cell["value"]:
            yield cell, [(name, cell[name]) for name in scope_of(question).dimensions]


def _observed_elsewhere(asked: WindowQuestion, place: str) -> bool:
    """Return whether the row's area is the question's own area, or is answered by another question of the query.

    So each value of an area is returned once, also where one area of the query lies in another.
    """
    own = asked.question.area.uid
    if place == own or place in asked.elsewhere:
        return True
    above = area_book().ancestors(place)
    between = above[: above.index(own)] if own in above else []
    return "commune" in scope_of(asked.question).dimensions and not asked.elsewhere.isdisjoint(between)


@dataclass(frozen=True, slots=True)
class Updates:
    """What `updatedAfter` asks for: the instant, and the earliest record time of what was folded late since then."""

    since: datetime
    late_from: datetime | None


async def _changed(exact: Exact, asked: WindowQuestion, updates: Updates) -> Iterable[Observation]:
    """Return the observations that differ from those known at ``updates.since``.

    Where facts were folded late, the answer given then may have lacked them: then all observations are returned.
    """
    after = observations(asked, await exact.answer(asked.question))
    late: list[datetime] = []
    if updates.late_from is not None:
        found = await exact.instants(asked.question, MAX_LATE, updates.late_from)
        late = [at for at in found if at <= updates.since]
    if len(late) > MAX_LATE:
        raise Problem.invalid([Fault.of("updatedAfter", updates.since.isoformat(), "updates_too_many")])
    # Without a breakdown no row can have disappeared, so the earlier states are not needed.
    instants = [updates.since, *(late if asked.question.by is not None else ())]
    states = [await _state(exact, asked, at) for at in instants]
    changed = [
        replace(seen, action="replace") for seen in after if late or _differ(seen, states[0].get(seen.key))
    ]
    there = {seen.key for seen in after}
    gone = {key: seen for state in states for key, seen in state.items() if key not in there}
    return [
        *changed,
        *(
            replace(seen, action="delete", value=None, numerator=None, denominator=None)
            for seen in gone.values()
        ),
    ]


async def _state(exact: Exact, asked: WindowQuestion, at: datetime) -> dict[tuple[str, ...], Observation]:
    document = await exact.answer(known_then(asked, at))
    return {seen.key: seen for seen in observations(asked, document)}


async def _history(exact: Exact, asked: WindowQuestion, first: datetime | None) -> Iterator[Observation]:
    """Return every value that was ever known, from the first record up to the instant asked."""
    if first is None:
        return iter(())
    found = await exact.instants(asked.question, MAX_INSTANTS)
    if len(found) > MAX_INSTANTS:
        faults = [Fault.of("includeHistory", "true", "history_too_long", maximum=MAX_INSTANTS)]
        raise Problem.invalid(faults)
    known_at = asked.question.known_at
    # The history begins with the first record; before it there was no answer.
    instants = [at for at in sorted({first, *found}) if known_at is None or at <= known_at]
    return _stretches([(at, await _state(exact, asked, at)) for at in instants])


def _stretches(
    states: Sequence[tuple[datetime, dict[tuple[str, ...], Observation]]],
) -> Iterator[Observation]:
    """Yield each value with the interval of record time in which it was known; equal neighbours become one interval."""
    keys = dict.fromkeys(key for _, state in states for key in state)
    for key in keys:
        steps = [(at, state.get(key)) for at, state in states]
        starts = [steps[0], *(later for earlier, later in pairwise(steps) if _differ(earlier[1], later[1]))]
        for number, (at, seen) in enumerate(starts):
            if seen is not None:
                until = starts[number + 1][0] if number + 1 < len(starts) else None
                yield replace(seen, valid_from=at, valid_to=until)


def _differ(one: Observation | None, other: Observation | None) -> bool:
    return (one is None) != (other is None) or (
        one is not None and other is not None and _numbers(one) != _numbers(other)
    )


def _numbers(seen: Observation) -> tuple[Any, ...]:
    return (seen.value, seen.numerator, seen.denominator, seen.suppressed)
