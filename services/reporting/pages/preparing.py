"""Released numbers for pages, which cannot wait: a release that is not there yet is made aside, and the page says so."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from services.chassis.problems import Problem
from services.chassis.runtime import get_logger
from services.reporting.figures import Answer, QueryService, Question, Reader

PATIENCE_SECONDS = 2.0
"""How long a page waits for numbers that are not exact; a release that is there is read in milliseconds."""
_AT_ONCE = 2
_AGAIN = {"Retry-After": "60"}
_log = get_logger(__name__)


class _Key(NamedTuple):
    figure: str
    asked: tuple[tuple[str, str], ...]
    day: str
    unit: str


class Preparing:
    """Asks questions for pages; one for each process, since what it has begun goes on after the page was answered.

    The first release of a year takes minutes. A page that waited for it would never be answered, and each reload would
    begin another wait.
    """

    def __init__(self, queries: QueryService) -> None:
        self._queries = queries
        self._running: dict[_Key, asyncio.Task[Answer | Problem]] = {}
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    async def ask_all(self, questions: Sequence[Question], reader: Reader) -> list[Answer | Problem]:
        """Return what `QueryService.ask_all` answers; a Problem 503 in the place of what is still being prepared.

        Raises:
            Problem: 422 where nothing was known yet at an instant asked.
        """
        exact = [one for one in questions if self._is_exact(one, reader)]
        answers = iter(await self._queries.ask_all(exact, reader))
        tasks = [None if self._is_exact(one, reader) else self._begun(one, reader) for one in questions]
        waiting = [task for task in tasks if task is not None]
        if waiting:
            await asyncio.wait(waiting, timeout=PATIENCE_SECONDS)
        return [next(answers) if task is None else _so_far(task) for task in tasks]

    def _is_exact(self, question: Question, reader: Reader) -> bool:
        return self._queries.sees_exact(question.figure.code, question.day, reader)

    def _begun(self, question: Question, reader: Reader) -> asyncio.Task[Answer | Problem]:
        """Return the task that asks the question for readers of this unit: the one that runs, or a new one."""
        asked = tuple(sorted(question.asked.items()))
        key = _Key(question.figure.code, asked, question.day.isoformat(), reader.caller.unit)
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._ask(question, reader))
            self._running[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        return task

    async def _ask(self, question: Question, reader: Reader) -> Answer | Problem:
        async with self._at_once:
            (answer,) = await self._queries.ask_all([question], reader)
        return answer

    def _ended(self, key: _Key, task: asyncio.Task[Answer | Problem]) -> None:
        del self._running[key]
        if not task.cancelled() and (failed := task.exception()) is not None:
            _log.error("release not prepared", figure=key.figure, error=type(failed).__name__)


def _so_far(task: asyncio.Task[Answer | Problem]) -> Answer | Problem:
    return task.result() if task.done() else Problem(503, "release_preparing", headers=_AGAIN)
