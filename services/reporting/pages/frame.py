"""What the pages of reporting's rooms share: the links between them, what their addresses choose, who asks them and why."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query, Request

from reference import Period, resolve
from services.chassis.http import Caller, guards_met, platform_of, state_purpose
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.chassis.security import Principal
from services.chassis.web import Link
from services.reporting.closing import usecases as closings
from services.reporting.figures import Reader, reader_of
from services.reporting.pages import hand_in_page, periods, words
from services.reporting.pages.choosing import Chosen, chosen
from texts import Message, message

T = TypeVar("T")

_ROOMS = (
    ("", "page.headline.title"),
    (hand_in_page.PATH, "page.handin.title"),
    ("checks", "page.checks.title"),
    ("reconciliation", "page.reconciliation.title"),
    ("closing", "page.closing.title"),
    ("reports", "page.reports.title"),
)
_TOO_MANY = "too_many_listed"


def rooms(current: str) -> tuple[Link, ...]:
    """Return the links to the pages of the room."""
    return tuple(
        Link(text=message(text), href=words.ROOM + path, current=path == current) for path, text in _ROOMS
    )


def reads(names: Sequence[str]) -> dict[str, Any]:
    """Return what a route declares of the parameters that it reads, and refuses, by itself."""
    return {"parameters": [{"in": "query", "name": name} for name in names]}


async def reader_stating(request: Request, caller: Principal, purpose: str) -> Reader:
    """Return the reader that a caller is who states this purpose, as a field of a page has it; 422 for one that is not listed."""
    state_purpose(request, purpose)
    return await reader_of(platform_of(request), caller, guards_met(request, caller))


async def _with_purpose(request: Request, caller: Caller, purpose: Annotated[str, Query()] = "") -> Reader:
    return await reader_stating(request, caller, purpose)


Stating = Annotated[Reader, Depends(_with_purpose)]
"""Who asks a page that lists records; the purpose stands in its address, since it is a code and says nothing of anybody."""


async def listed_or_counted(
    see: Callable[[Reader], Awaitable[T]], reader: Reader
) -> tuple[T, Message | None]:
    """Return what the reader sees; where its list is more than one person may read in an hour, the numbers alone, and why."""
    try:
        return await see(reader), None
    except Problem as problem:
        if problem.rule != _TOO_MANY:
            raise
        return await see(replace(reader, met=frozenset())), problem.title


async def chosen_by(platform: Platform, given: Mapping[str, str], reader: Reader) -> Chosen:
    """Return what the address chooses; what it leaves out begins with the period that was closed last, if there is one."""
    listed = () if "period" in given else await closings.listed(platform)
    return _chosen(platform, given, reader, listed)


async def chosen_and_closings(
    platform: Platform, given: Mapping[str, str], reader: Reader
) -> tuple[Chosen, Sequence[Mapping[str, Any]]]:
    """Return the same with all closings, the newest first, for pages that say what is closed: they are read once."""
    listed = await closings.listed(platform)
    return _chosen(platform, given, reader, listed), listed


def _chosen(
    platform: Platform, given: Mapping[str, str], reader: Reader, listed: Sequence[Mapping[str, Any]]
) -> Chosen:
    begins_with = None if "period" in given else _closed_last(listed)
    return chosen(given, reader, begins_with or periods.latest_ended(reader.today), platform.clock())


def _closed_last(listed: Sequence[Mapping[str, Any]]) -> Period | None:
    latest = max(listed, key=lambda one: (one["to"], one["number"]), default=None)
    return None if latest is None else resolve(latest["calendar"], latest["period"])
