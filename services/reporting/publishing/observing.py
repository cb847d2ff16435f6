"""Answering a data query from one consistent state: values, what changed since, and what ever stood."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from contracts.areas import area_book
from services.chassis.problems import Fault, Problem
from services.reporting.figures.answer import answer
from services.reporting.figures.questions import AREA_DIMENSIONS, Question
from services.reporting.publishing.dataset import Observation
from services.reporting.publishing.instants import instants_of
from services.reporting.publishing.selection import Asked, Selection, known_then
from services.reporting.repository import Connection

MAX_INSTANTS = 2_000


async def observe(
    connection: Connection, selection: Selection, now: datetime, released: Mapping[int, dict[str, Any]]
) -> list[Observation]:
    """The observations of a page, in the order of its questions; ``released`` has answers that are there already.

    Raises:
        Problem: 422, the history asked has more than ``MAX_INSTANTS`` instants.
    """
    found: list[Observation] = []
    for number, asked in enumerate(selection.asked):
        if number in released:
            found += observations(asked, released[number])
        elif selection.history:
            found += await _history(connection, asked, now)
        elif selection.since is not None:
            found += await _changed(connection, asked, selection.since["known_at"], now)
        else:
            found += observations(asked, await answer(connection, asked.question, now))
    return found


def observations(asked: Asked, document: dict[str, Any]) -> list[Observation]:
    """An answer as observations: the total, then the rows. Rows of areas are about those areas."""
    question, window = asked.question, asked.window
    figure = question.figure

    def made(part: dict[str, Any], area: str, dimension: str | None, row: str | None) -> Observation:
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
        )

    found = [made(document, question.area.uid, None, None)]
    by = question.by
    for part in document.get("rows") or ():
        assert by is not None
        place = _area_of_row(question, part[by]) if by in AREA_DIMENSIONS else None
        if place is not None:
            found.append(made(part, place, None, None))
        else:
            found.append(made(part, question.area.uid, by, part[by]))
    return found


def _area_of_row(question: Question, row: str) -> str | None:
    """The uid of the area that a row is about; None for what is not attributed or unknown."""
    area = area_book().resolve(row, question.geography or question.day)
    return None if area is None or "@" in row else area.uid


async def _changed(connection: Connection, asked: Asked, since: str, now: datetime) -> Iterable[Observation]:
    after = observations(asked, await answer(connection, asked.question, now))
    before = observations(asked, await answer(connection, known_then(asked, since, now), now))
    was = {seen.key: seen for seen in before}
    now_there = {seen.key for seen in after}
    changed = [
        replace(seen, action="replace")
        for seen in after
        if seen.key not in was or _numbers(seen) != _numbers(was[seen.key])
    ]
    gone = [replace(seen, action="delete", value=None) for key, seen in was.items() if key not in now_there]
    return [*changed, *gone]


async def _history(connection: Connection, asked: Asked, now: datetime) -> Iterator[Observation]:
    instants = await instants_of(connection, asked.question, MAX_INSTANTS)
    if len(instants) > MAX_INSTANTS:
        faults = [Fault.of("includeHistory", "true", "history_too_long", maximum=MAX_INSTANTS)]
        raise Problem.invalid(faults)
    states = []
    for at in instants:
        document = await answer(connection, known_then(asked, at.isoformat(), now), now)
        states.append((at, {seen.key: seen for seen in observations(asked, document)}))
    return _stretches(states)


def _stretches(
    states: Sequence[tuple[datetime, dict[tuple[str, ...], Observation]]],
) -> Iterator[Observation]:
    """Each value with the stretch of record time in which it stood; equal neighbours are one stretch."""
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
