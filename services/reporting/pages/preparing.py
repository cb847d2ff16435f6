"""Released numbers for pages, which cannot wait: a release that is not there yet is made aside, and the page says so."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from services.chassis.problems import Problem
from services.chassis.runtime import get_logger
from services.reporting.figures import Answer, Comparison, QueryService, Question, Reader, may_ask

PATIENCE_SECONDS = 2.0
"""How long pages wait for a number that is not exact, since the first of them asked; a release that is there is read in milliseconds."""
PREPARING = 503
"""The status of the problem in the place of a number that is still being prepared."""
_AT_ONCE = 2
_AGAIN = {"Retry-After": "60"}
_log = get_logger(__name__)


class _Key(NamedTuple):
    figure: str
    asked: tuple[tuple[str, str], ...]
    day: str
    unit: str


@dataclass(frozen=True, slots=True)
class _Begun:
    """A question that is being asked, and until when pages wait for it."""

    task: asyncio.Task[Answer | Problem]
    until: float

    @property
    def patience(self) -> float:
        """Return the seconds that are left: whoever comes later does not wait once more."""
        return max(0.0, self.until - asyncio.get_running_loop().time())


class Preparing:
    """Asks questions for pages; one for each process, since what it has begun goes on after the page was answered.

    The first release of a year takes minutes. A page that waited for it would never be answered, and each reload would
    begin another wait.
    """

    def __init__(self, queries: QueryService) -> None:
        self._queries = queries
        self._running: dict[_Key, _Begun] = {}
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    async def ask_all(self, questions: Sequence[Question], reader: Reader) -> list[Answer | Problem]:
        """Return what `QueryService.ask_all` answers; a Problem 503 in the place of what is still being prepared.

        Raises:
            Problem: 422 where nothing was known yet at an instant asked.
        """
        exact = [one for one in questions if self._needs_no_release(one, reader)]
        answers = iter(await self._queries.ask_all(exact, reader))
        begun = [
            None
            if self._needs_no_release(one, reader)
            else self._begun(one, reader, partial(self._ask, one, reader))
            for one in questions
        ]
        await _waited(one for one in begun if one is not None)
        return [next(answers) if one is None else _so_far(one.task) for one in begun]

    async def ask_compared(self, question: Question, comparison: Comparison, reader: Reader) -> Answer:
        """Return what `QueryService.ask_compared` answers; Problem 503 while its release is being made."""

        async def ask() -> Answer | Problem:
            try:
                return await self._queries.ask_compared(question, comparison, reader)
            except Problem as refused:
                if refused.status not in (403, 404, 422):
                    raise
                return refused

        begun = self._begun(question, reader, ask)
        await _waited([begun])
        found = _so_far(begun.task)
        if isinstance(found, Problem):
            raise found
        return found

    def _needs_no_release(self, question: Question, reader: Reader) -> bool:
        # A question beyond the reader's area is refused at once: it must not wait behind releases that are being made.
        return not may_ask(reader, question) or self._queries.sees_exact(
            question.figure.code, question.day, reader
        )

    def _begun(
        self, question: Question, reader: Reader, ask: Callable[[], Awaitable[Answer | Problem]]
    ) -> _Begun:
        """Return what asks the question for readers of this unit: what runs, or a new task."""
        asked = tuple(sorted(question.asked.items()))
        key = _Key(question.figure.code, asked, question.day.isoformat(), reader.caller.unit)
        begun = self._running.get(key)
        if begun is None:
            until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
            begun = _Begun(asyncio.create_task(self._in_turn(ask)), until)
            self._running[key] = begun
            begun.task.add_done_callback(lambda done: self._ended(key, done))
        return begun

    async def _in_turn(self, ask: Callable[[], Awaitable[Answer | Problem]]) -> Answer | Problem:
        async with self._at_once:
            return await ask()

    async def _ask(self, question: Question, reader: Reader) -> Answer | Problem:
        (answer,) = await self._queries.ask_all([question], reader)
        return answer

    def _ended(self, key: _Key, task: asyncio.Task[Answer | Problem]) -> None:
        del self._running[key]
        if not task.cancelled() and (failed := task.exception()) is not None:
            _log.error("release not prepared", figure=key.figure, error=type(failed).__name__)


async def _waited(begun: Iterable[_Begun]) -> None:
    """Return when all are done, or when nobody waits for any of them any more."""
    wanted = list(begun)
    if wanted:
        await asyncio.wait([one.task for one in wanted], timeout=max(one.patience for one in wanted))


def _so_far(task: asyncio.Task[Answer | Problem]) -> Answer | Problem:
    return task.result() if task.done() else Problem(PREPARING, "release_preparing", headers=_AGAIN)
