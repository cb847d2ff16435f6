"""What reporting hears: every fact there is, each batch in one transaction."""

from contracts.catalogue import EVENT_TYPES
from contracts.topics import FACT_TOPICS
from services.chassis.db import AsyncSession, raw
from services.chassis.delivery import Delivered, Handler
from services.reporting.messages import read
from services.reporting.usecases import fold

TOPICS = FACT_TOPICS
KNOWN_TYPES = frozenset(name for name, event in EVENT_TYPES.items() if event.topic in FACT_TOPICS)


def consumer_name(generation: int) -> str:
    """The consumer whose positions say how far a generation has come."""
    return f"reporting-g{generation}"


def projection(generation: int) -> Handler:
    """The handler that folds into a generation."""

    async def handle(session: AsyncSession, batch: list[Delivered]) -> None:
        await fold(await raw(session), generation, [read(delivered) for delivered in batch])

    return handle
