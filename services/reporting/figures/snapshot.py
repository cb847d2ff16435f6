"""Read snapshots: answer questions from one consistent state of the live generation."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

import psycopg
from sqlalchemy import text

from services.chassis.persistence import UnitOfWork, database_error, raw
from services.chassis.problems import Problem
from services.reporting.facts import Connection, generations, use_generation
from services.reporting.figures.answering import Watermark, answer, check_known_at, read_watermark
from services.reporting.figures.questions import Question
from services.reporting.figures.remembered import Remembered

_TRIES = 3
_MISSING = (psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedTable)
Answer = TypeVar("Answer")


@asynccontextmanager
async def reading(work: UnitOfWork) -> AsyncIterator[tuple[Connection, int]]:
    """Open a read-only transaction that sees one instant of the live generation.

    Raises:
        Problem: 503 where the question needs what a generation of an older program does not have.
    """
    async with work() as session:
        # An answer needs several statements; without this, a batch folded between them could make its parts disagree.
        await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        connection = await raw(session)
        number = await generations.live(connection)
        current = await generations.is_current(connection)
        await use_generation(connection, number)
        # The best query plan depends on the day and area asked. One general plan was measured to take seconds.
        await connection.execute("SET LOCAL plan_cache_mode TO force_custom_plan")
        try:
            yield connection, number
        except Exception as error:
            # In a generation of the current shape a missing column is a fault of this program, so the error is raised.
            if current or not isinstance(database_error(error), _MISSING):
                raise
            raise Problem(503, "figures_rebuilt", headers={"Retry-After": "60"}) from error


async def again(read: Callable[[], Awaitable[Answer]]) -> Answer:
    """Return what ``read`` returns; call it a second time where its generation was dropped meanwhile (a newer one is live)."""
    for _ in range(_TRIES - 1):
        try:
            return await read()
        except Exception as error:
            if not isinstance(database_error(error), psycopg.errors.UndefinedTable):
                raise
    return await read()


async def ask(work: UnitOfWork, question: Question, now: datetime) -> tuple[dict[str, Any], Watermark]:
    """Answer a question, also while a rebuild switches to the next generation."""
    (document,), watermark = await ask_all(work, [question], now)
    return document, watermark


async def ask_all(
    work: UnitOfWork, questions: Sequence[Question], now: datetime, remembered: Remembered | None = None
) -> tuple[list[dict[str, Any]], Watermark]:
    """Answer questions in their order, all from one state of the tables; see `ask`.

    What is ``remembered`` of the state is not worked out again.
    """
    kept = remembered or Remembered()

    async def once() -> tuple[list[dict[str, Any]], Watermark]:
        async with reading(work) as (connection, number):
            watermark = await read_watermark(connection, number)
            for question in questions:
                check_known_at(question, watermark)
            return [
                await _answered(kept, watermark, connection, question, now) for question in questions
            ], watermark

    return await again(once)


async def _answered(
    kept: Remembered, state: Watermark, connection: Connection, question: Question, now: datetime
) -> dict[str, Any]:
    asked = (question.figure.code, tuple(sorted(question.asked.items())), question.day)
    document = await kept.get(state, asked, lambda: answer(connection, question, now))
    # The instant of asking is the only part of an answer that does not follow from the state.
    return {**document, "known_at": question.known_as_asked or now.isoformat()}
