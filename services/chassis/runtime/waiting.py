"""Waiting that a stop ends early, and names of advisory locks."""

import asyncio
from hashlib import sha256


async def pause(stop: asyncio.Event, seconds: float, also: asyncio.Event | None = None) -> None:
    """Wait so long, less when `stop` (or `also`, which is cleared by that) is set."""
    waiters = [asyncio.ensure_future(event.wait()) for event in (stop, also) if event is not None]
    try:
        await asyncio.wait(waiters, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # Without this, a task would be left on the event after each pause.
        for waiter in waiters:
            waiter.cancel()
    if also is not None:
        also.clear()


def lock_key(name: str) -> int:
    """Return the number under which PostgreSQL knows an advisory lock of this name."""
    # Python's own `hash` of a text differs from process to process, so it cannot name a shared lock.
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big", signed=True)
