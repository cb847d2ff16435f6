"""Waiting on conditions instead of sleeping."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")
_EVERY_SECONDS = 0.02


@overload
async def eventually(
    condition: Callable[[], Awaitable[T]], *, deadline: float = ..., message: str = ...
) -> T: ...


@overload
async def eventually(condition: Callable[[], T], *, deadline: float = ..., message: str = ...) -> T: ...


async def eventually(condition: Callable[[], Any], *, deadline: float = 20.0, message: str = "") -> Any:
    """Return the condition's first true value (it may be a coroutine function); AssertionError after `deadline` s."""
    end = time.monotonic() + deadline
    while True:
        found = condition()
        value = await found if isinstance(found, Awaitable) else found
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {message or condition}; last value {value!r}")
        await asyncio.sleep(_EVERY_SECONDS)


def wait_until(condition: Callable[[], T], *, deadline: float = 20.0, message: str = "") -> T:
    """As `eventually`, for code outside an event loop."""
    end = time.monotonic() + deadline
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {message or condition}; last value {value!r}")
        time.sleep(_EVERY_SECONDS)
    return value
