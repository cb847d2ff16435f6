"""What reporting hears: every fact there is, each batch in one transaction."""

from collections.abc import Sequence

import psycopg

from contracts.catalogue import EVENT_TYPES
from contracts.topics import FACT_TOPICS
from services.chassis.kafka import Batch, Handler, Retryable, Session, StalePosition
from services.chassis.persistence import raw
from services.chassis.runtime import Tracing
from services.reporting.facts import generations
from services.reporting.facts.fold import fold
from services.reporting.facts.messages import LinkVersion, read
from services.reporting.facts.projections.model import Version
from services.reporting.facts.shape import FOLDED, fits

TOPICS = FACT_TOPICS
KNOWN_TYPES = frozenset(name for name, event in EVENT_TYPES.items() if event.topic in FACT_TOPICS)


def consumer_name(generation: int) -> str:
    """Return the name of the consumer whose stored positions say how much of the log is in a generation."""
    return f"reporting-g{generation}"


def projection(generation: int, tracing: Tracing) -> Handler:
    """Return the handler that folds batches of events into a generation.

    Raises:
        StalePosition: the generation has ended; nothing more may be written to it.
        Retryable: the generation has a shape that this program cannot write, and waits for its rebuild; or another
            process has just stored the same events.
    """
    fitting = False

    async def fold_batch(batch: Batch, session: Session) -> None:
        nonlocal fitting
        messages: Sequence[Version | LinkVersion] = [read(delivered) for delivered in batch]
        connection = await raw(session)
        # A process that has not noticed the switch would write into tables that are no longer read.
        folding = await generations.hold(connection, generation)
        if not folding.facts:
            raise StalePosition(consumer_name(generation))
        # The shape of a generation does not change, so one that fits is not looked up again for every batch.
        fitting = fitting or await fits(connection, generation, FOLDED)
        if not fitting:
            raise Retryable(f"generation {generation} is of another shape and is being rebuilt")
        if not folding.links:
            messages = [message for message in messages if not isinstance(message, LinkVersion)]
        try:
            with tracing.span("fold", {"generation": generation, "messages": len(messages)}):
                await fold(connection, generation, messages)
        except psycopg.errors.UniqueViolation as met:
            # Two transactions stored the same events at once and the other one was first. The next try finds its rows.
            raise Retryable("another process has just stored the same events") from met

    return fold_batch
