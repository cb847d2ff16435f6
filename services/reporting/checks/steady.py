"""One consistent reading of the live generation for a long check, also while a rebuild switches to the next."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.chassis.persistence import UnitOfWork
from services.reporting.checks.asking import Asked
from services.reporting.facts import Connection
from services.reporting.figures import Watermark, check_known_at, read_watermark, snapshot

T = TypeVar("T")


async def answered(
    work: UnitOfWork, asked: Asked, answer: Callable[[Connection], Awaitable[T]]
) -> tuple[T, Watermark]:
    """What ``answer`` finds, and what it rests on. A generation dropped underneath means a newer one: once more.

    Raises:
        Problem: 422 where nothing was known yet at the instant asked.
    """

    async def once() -> tuple[T, Watermark]:
        async with snapshot.reading(work) as (connection, number):
            watermark = await read_watermark(connection, number)
            check_known_at(asked.question, watermark)
            return await answer(connection), watermark

    return await snapshot.again(once)
