"""The list of one check as its reader may know it: findings with a record of the own agency, no minor's among them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.chassis.problems import texts
from services.reporting.checks.queries import Found, Trace
from services.reporting.checks.requests import PAGE_MOST, CheckRequest
from services.reporting.checks.usecases import Check, Outcome, restate, run
from services.reporting.facts import Connection
from services.reporting.figures import RecordSight
from texts import message


def _every(_: Found) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Kept:
    """Which lines of a list are wanted for something that the check does not know, such as their marks.

    ``left_out``: how many lines ``has`` leaves out at most; None: any number.
    """

    has: Callable[[Found], bool] = _every
    left_out: int | None = 0

    def read_for(self, limit: int) -> int | None:
        """Return how many lines are read for a page of so many (None: all), so that the check runs once."""
        return None if self.left_out is None else limit + self.left_out


async def run_for(
    connection: Connection,
    check: Check,
    asked: CheckRequest,
    sight: RecordSight | None,
    kept: Kept | None = None,
) -> Outcome:
    """Return what `run` finds, with the list that the reader may know; ``sight`` None: no list at all."""
    names, kept = sight is not None, kept or Kept()
    outcome = await _page(connection, check, asked, asked.after, kept.read_for(asked.limit), names=names)
    if asked.opening_known_at is not None:
        outcome.more["restated"] = await restate(
            connection, check, asked.scope(), asked.opening_known_at, names=names
        )
    if sight is None:
        return outcome
    for listed in _lists(outcome.more):
        await sight.learn(connection, listed["records"])
        listed["records"] = sight.ids(listed["records"])
    outcome.page = await _filled(connection, check, asked, sight, kept, outcome.page or [])
    if sight.left_out:
        outcome.more["minors_left_out"] = texts(message("records_of_minors"))
    return outcome


async def _page(
    connection: Connection, check: Check, asked: CheckRequest, after: str, limit: int | None, *, names: bool
) -> Outcome:
    return await run(
        connection,
        check,
        asked.scope(),
        days=asked.days,
        agency=asked.agency,
        sample=asked.sample,
        after=after,
        limit=limit,
        lines=asked.lines,
        names=names,
    )


def _lists(more: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Return the parts of a balance and of a restated opening that list bare ids."""
    balance, again = more.get("balance", {}), more.get("restated", {})
    return [
        part
        for part in (*balance.get("entries", ()), *balance.get("exits", ()), *again.get("steps", ()))
        if part["records"] is not None
    ]


async def _filled(
    connection: Connection,
    check: Check,
    asked: CheckRequest,
    sight: RecordSight,
    kept: Kept,
    page: list[Found],
) -> list[Found]:
    """Return a page of as many findings as asked for: those after it take the place of those that are left out."""
    listed: list[Found] = []
    limit = kept.read_for(asked.limit)
    while True:
        known = await _shown(connection, [found for found in page if kept.has(found)], sight)
        listed += known[: asked.limit - len(listed)]
        if limit is None or len(page) < limit or len(listed) == asked.limit:
            _listed(listed, sight)
            return listed
        # Very many may have to be left out, so from here on as many as possible are read at once.
        after, limit = page[-1].subject, PAGE_MOST
        page = (await _page(connection, check, asked, after, limit, names=True)).page or []


async def shown(connection: Connection, page: Sequence[Found], sight: RecordSight) -> list[Found]:
    """Return of some findings those that the reader may know, as `run_for` lists them."""
    known = await _shown(connection, page, sight)
    _listed(known, sight)
    return known


async def _shown(connection: Connection, page: Sequence[Found], sight: RecordSight) -> list[Found]:
    await sight.learn(connection, (trace.record_id for found in page for trace in found.traces))
    return [found for one in page if (found := _known(one, sight)) is not None]


def _known(found: Found, sight: RecordSight) -> Found | None:
    """Return a finding with the records of others as agency and form; None where it is none of the reader's own.

    What is found of communes is about no record, so it is everybody's who sees the list.
    """
    shown = {sight.shown(trace.record_id) for trace in found.traces if trace.record_id is not None}
    if "nothing" in shown or (shown and "record" not in shown):
        sight.left_out |= "nothing" in shown
        return None
    return replace(found, traces=[_trace(trace, sight) for trace in found.traces])


def _trace(trace: Trace, sight: RecordSight) -> Trace:
    if trace.record_id is None or sight.shown(trace.record_id) == "record":
        return trace
    return Trace(None, None, None, None, None, **sight.about(trace.record_id))


def _listed(shown: Iterable[Found], sight: RecordSight) -> None:
    sight.listed |= {str(trace.record_id) for found in shown for trace in found.traces if trace.record_id}
