"""The delivery middleware of FastStream: it calls a subscriber by the delivery rules of the chassis."""

from collections.abc import Awaitable, Callable, Sequence
from copy import copy
from typing import Any

from aiokafka import ConsumerRecord
from faststream import BaseMiddleware
from opentelemetry import trace

from services.chassis.kafka.delivery import Delivered
from services.chassis.persistence import AsyncSession

SESSION = "session"
"""The name under which a subscriber finds the session of its transaction in FastStream's context."""

Records = Sequence[ConsumerRecord[Any, Any]]
Apply = Callable[[list[Delivered], AsyncSession], Awaitable[None]]
"""Runs the subscriber with messages, inside the session's transaction; what it raises is a verdict on them."""
Deliver = Callable[[Records, Apply], Awaitable[bool]]
"""Applies records, as many transactions and tries as it takes. False: some are left and must be fetched again."""


class DeliveryMiddleware(BaseMiddleware[Any, Any]):
    """Calls the subscriber as often as ``deliver`` asks, each time with the messages of one transaction.

    One poll may take several calls: a batch with a bad message is halved until the message is found, and a batch that
    met an outage is tried again. It is the innermost middleware, so metrics and spans around it are those of the poll.

    It never raises. FastStream would log the text of an error, and database errors quote values.
    """

    def __init__(self, msg: Any, /, *, context: Any, deliver: Deliver) -> None:
        super().__init__(msg, context=context)
        self._deliver = deliver

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: Any) -> Any:
        """Deliver the records of one poll; a message that is nacked is fetched again."""
        single = isinstance(msg.raw_message, ConsumerRecord)

        async def apply(batch: list[Delivered], session: AsyncSession) -> None:
            for body in batch if single else [batch]:
                part = copy(msg)  # FastStream caches the decoded body in the message
                part.body = body
                with self.context.scope(SESSION, session):
                    await call_next(part)

        if not await self._deliver([msg.raw_message] if single else msg.raw_message, apply):
            trace.get_current_span().set_status(trace.StatusCode.ERROR, "left to be fetched again")
            # This only marks the message in FastStream's metrics: the broker gets no acknowledgements at all.
            await msg.nack()
