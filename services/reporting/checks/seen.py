"""A check as one reader may see it: the counts of all, and one with its list and marks, or what is released of it."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from fastapi import Request

from services.chassis.platform import Platform
from services.chassis.problems import texts
from services.marks import Notes, Wanted
from services.reporting.checks.access import check_may_ask
from services.reporting.checks.asking import AskedCheck
from services.reporting.checks.documents import about, heading, outcome_document
from services.reporting.checks.listing import run_for
from services.reporting.checks.marked_lists import listed_with_marks
from services.reporting.checks.released import Compares, released_check
from services.reporting.checks.requests import CheckRequest
from services.reporting.checks.usecases import RECOMPUTE, Check, Outcome, run
from services.reporting.facts import Connection
from services.reporting.figures import QueryService, Reader, RecordSight, Scope, Watermark
from texts import message

Json = dict[str, Any]
T = TypeVar("T")
Counts = Callable[[Connection, Scope, list[Check]], Awaitable[dict[str, T]]]


async def exact_counts(
    queries: QueryService, asked: CheckRequest, reader: Reader, checks: Iterable[Check], count: Counts[T]
) -> tuple[dict[str, T], Watermark]:
    """Return what ``count`` finds of those checks that the reader sees exactly: `count_all` or `count_aged`.

    Raises:
        Problem: 403 for an area outside the reader's, 422 where nothing was known yet at the instant asked.
    """
    scope = asked.scope()
    own = [check for check in checks if queries.sight_of(check.comparison(scope), reader) == "exact"]
    return await queries.read_compared(
        asked.question,
        [check.comparison(scope) for check in own],
        reader,
        "check_parties",
        lambda connection: count(connection, scope, own),
        # The counts of a party do not depend on who of it asks: they are worked out once for each state of the tables.
        (count, replace(scope, known_at=None), tuple(check.code for check in own)),
    )


async def seen_check(
    platform: Platform,
    queries: QueryService,
    notes: Notes,
    request: Request,
    reader: Reader,
    one: AskedCheck,
    wanted: Wanted | None,
    compares: Compares,
) -> tuple[Json, Watermark | None]:
    """Return one check as the reader may see it; which records are listed is counted, and written down for their units.

    ``compares`` answers what is released of another agency's findings.

    Raises:
        Problem: 403 without the right or beyond the number of records that may be listed, 422 for what is not released.
    """
    now, found, asked = platform.clock(), one.check, one.asked
    head = heading(asked, now.isoformat()) | about(found, asked)
    if found.code == RECOMPUTE:
        document, watermark = await _recomputed(queries, found, asked, reader)
        return head | document, watermark
    check_may_ask(reader, asked)
    if queries.sight_of(one.comparison, reader) == "released":
        return head | await released_check(compares, found, asked, reader), None
    names = reader.lists("check", one.comparison.parties, {one.listed_agency})

    async def read(connection: Connection) -> tuple[Json, RecordSight | None]:
        if not names:
            return outcome_document(await run_for(connection, found, asked, None), asked), None
        sight = await RecordSight.of(connection, reader)
        return await listed_with_marks(connection, one, sight, notes, wanted), sight

    (document, sight), watermark = await queries.read_compared(
        asked.question, [one.comparison], reader, "check_parties", read
    )
    if sight is not None:
        await sight.note(platform, request, f"check.{found.code}")
    document = head | document
    if not names:
        document["records_hidden"] = texts(message("check_records_hidden"))
    return document, watermark


async def _recomputed(
    queries: QueryService, check: Check, asked: CheckRequest, reader: Reader
) -> tuple[Json, Watermark]:
    """Return how many stored rows are not those of the log, for whoever may rebuild them: which ones would name records."""
    reader.check("rebuild", (), "role_required")

    async def counted(connection: Connection) -> Outcome:
        return await run(connection, check, asked.scope(), sample=asked.sample, names=False)

    outcome, watermark = await queries.read_state(asked.question, counted)
    hidden = {"records_hidden": texts(message("check_records_hidden"))}
    return outcome_document(outcome, asked) | hidden, watermark
