"""Close a period, close it again, return a closing byte for byte, and compute its cells again to verify them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from proof import (
    canonical,
    chain_of,
    content_of,
    digest,
    link_of,
    publish,
    read_json,
)
from reference import areas_digest
from services.chassis.persistence import AsyncSession, raw
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.reporting.closing import repository
from services.reporting.closing.closed_state import closed_state
from services.reporting.closing.domain import cell_key, differing
from services.reporting.closing.ordering import (
    Order,
    check_official,
    check_reader,
    office_key,
    target_of,
)
from services.reporting.closing.queries import Frame, compute_cells
from services.reporting.closing.repository import Closing
from services.reporting.closing.sealing import freeze, revised, seal_closing
from services.reporting.closing.up_to_date import check_up_to_date
from services.reporting.facts import Connection, generations, use_generation
from services.reporting.figures import QueryService, Reader
from services.reporting.figures.exact import snapshot


@asynccontextmanager
async def steady(
    platform: Platform, hold: Callable[[Connection], Awaitable[None]] | None = None
) -> AsyncIterator[tuple[AsyncSession, Connection, int]]:
    """Open a transaction that sees one instant of the live generation, and may add closings and temporary tables.

    ``hold`` runs first: it locks what other transactions must not do meanwhile.
    """
    async with platform.uow() as session:
        # All cells of a closing must come from one state, also while new events are folded.
        await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        connection = await raw(session)
        if hold is not None:
            await hold(connection)
        number = await generations.live(connection)
        await use_generation(connection, number)
        await connection.execute("SET LOCAL plan_cache_mode TO force_custom_plan")
        yield session, connection, number


async def close(platform: Platform, queries: QueryService, reader: Reader, order: Order) -> bytes:
    """Close a period and return the closing as canonical JSON.

    Raises:
        Problem: 422 for a faulty order, 403 without the right, 409 where it is closed already, registers are missing and
            nobody accepts it, or the figures are not up to date, 503 without a key.
    """
    now = platform.clock()
    target = target_of(order, now)
    check_official(queries, reader, "close", target.calendar, target.frame)
    # Before the waiting and computing, which would all be in vain without a key.
    office_key(platform)
    # Before the lock: while it is held nothing is folded, and the wait would never end well.
    await check_up_to_date(platform)
    async with steady(platform, repository.hold_still) as (session, connection, number):
        earlier = await repository.latest_of(
            connection, target.calendar, target.period, target.frame.uid, target.figures
        )
        if earlier is not None:
            raise Problem(
                409,
                "closing_exists",
                calendar=earlier.calendar,
                period=earlier.period,
                figures=earlier.figures,
                edition=earlier.edition,
                closing=earlier.id,
            )
        content = await freeze(platform, connection, number, target, reader, order)
        return await seal_closing(platform, session, connection, target, content, None)


async def preview(
    platform: Platform, queries: QueryService, reader: Reader, order: Order
) -> list[dict[str, Any]]:
    """Return the cells that a closing would hold if it were made now. Nothing is kept.

    Raises:
        Problem: 422 for a faulty order, 403 without the right to close.
    """
    target = target_of(order, platform.clock())
    check_official(queries, reader, "close", target.calendar, target.frame)

    async def computed() -> list[dict[str, Any]]:
        async with steady(platform) as (_, connection, _):
            return await compute_cells(connection, target.frame, target.known_at)

    return await snapshot.again(computed)


async def reissue(
    platform: Platform, queries: QueryService, reader: Reader, closing_id: UUID, order: Order
) -> bytes:
    """Close a closed period again, as known now: an edition that supersedes the latest and states what changed.

    ``order`` gives ``known_at``, note and name; period, area and figures are those of the closing. Both editions are kept.
    """
    await check_up_to_date(platform)
    async with steady(platform, repository.hold_still) as (session, connection, number):
        earlier = await found(connection, closing_id)
        frozen = read_json(await repository.document(connection, closing_id))
        now = platform.clock()
        same = Order(
            calendar=earlier.calendar,
            period=earlier.period,
            area=frozen["area_uid"],
            figures=earlier.figures,
            known_at=order.known_at,
        )
        # A closing of before may hold figures of other agencies: its next edition lets none of them go.
        target = target_of(same, now, {cell["figure"] for cell in frozen["cells"]})
        check_official(queries, reader, "reissue", target.calendar, target.frame)
        # Only the latest edition may be replaced: otherwise two editions would replace the same one.
        later = await repository.superseded_by(connection, closing_id)
        if later is not None:
            raise Problem(409, "closing_superseded", edition=later.edition, closing=later.id)
        office_key(platform)
        content = await freeze(platform, connection, number, target, reader, order, earlier)
        changed = differing(frozen["cells"], content["cells"])
        if not changed:
            raise Problem(409, "closing_unrevised")
        content["revisions"] = [revised(old, new) for _, old, new in changed]
        return await seal_closing(platform, session, connection, target, content, earlier)


async def readable(
    queries: QueryService, connection: Connection, reader: Reader, closing_id: UUID
) -> Closing:
    """Return the closing, for a reader who may see all of it; Problem 404 where there is none, 403 where he may not."""
    closing = await found(connection, closing_id)
    # By what it holds: its set of figures may be another one by now, and holds more than the calendar's own.
    frozen = read_json(await repository.document(connection, closing_id))
    check_reader(queries, reader, closing, dict.fromkeys(cell["figure"] for cell in frozen["cells"]))
    return closing


async def found(connection: Connection, closing_id: UUID) -> Closing:
    """Return the closing; Problem 404 where there is none."""
    closing = await repository.find(connection, closing_id)
    if closing is None:
        raise Problem.not_found("closing_unknown")
    return closing


def frame_of(closing: Closing, frozen: Mapping[str, Any]) -> Frame:
    """Return the frame that a closing was computed with: its own figures, even if the set has changed since."""
    # Taken from the cells and not from today's set, to which figures may have been added or removed since.
    versions = {cell["figure"]: cell["definition"] for cell in frozen["cells"]}
    return Frame(closing.area, frozen["area"], closing.first, closing.last, tuple(versions), versions)


async def show(platform: Platform, queries: QueryService, reader: Reader, closing_id: UUID) -> bytes:
    """Return the closing, byte for byte as it was sealed."""
    async with steady(platform) as (_, connection, _):
        closing = await readable(queries, connection, reader, closing_id)
        return await repository.document(connection, closing.id)


async def replay(
    platform: Platform, queries: QueryService, reader: Reader, closing_id: UUID
) -> dict[str, Any]:
    """Compute a closing's cells again from the events that it knew, as known at its instant, and compare byte for byte.

    ``area_book_changed``: the data on areas are not the same as at the closing, so cells may differ for that reason.
    """
    return await snapshot.again(lambda: _replay(platform, queries, reader, closing_id))


async def _replay(
    platform: Platform, queries: QueryService, reader: Reader, closing_id: UUID
) -> dict[str, Any]:
    async with steady(platform) as (_, connection, number):
        closing = await readable(queries, connection, reader, closing_id)
        frozen = content_of(read_json(await repository.document(connection, closing_id)))
        frame = frame_of(closing, frozen)
        async with closed_state(connection, number, closing.knowledge_boundary) as views:
            await views.then()
            cells = await compute_cells(connection, frame, closing.known_at)
        again = canonical({**frozen, "cells": cells})
        different = [cell_key(old or new or {}) for _, old, new in differing(frozen["cells"], cells)]
        return {
            "id": str(closing_id),
            "equal": digest(again) == closing.content_hash,
            "content_hash": closing.content_hash,
            "replayed_hash": digest(again),
            "cells": len(cells),
            "area_book_changed": frozen["area_book"] != areas_digest(),
            "different": [dict(zip(("figure", "by", "row"), key, strict=True)) for key in different],
        }


def check_entitled(queries: QueryService, reader: Reader, action: str, document: Mapping[str, Any]) -> None:
    """Raise Problem 403 unless the reader may do this (``reissue`` or ``publish``) with a closing and all of its figures."""
    versions = {cell["figure"]: cell["definition"] for cell in document["cells"]}
    first, last = date.fromisoformat(document["from"]), date.fromisoformat(document["to"])
    frame = Frame(document["area_uid"], document["area"], first, last, tuple(versions), versions)
    check_official(queries, reader, action, document["calendar"], frame)


async def publish_file(
    platform: Platform, queries: QueryService, reader: Reader, closing_id: UUID, file: str, sha256: str
) -> bytes:
    """Return the office's statement that a file with this hash was published from the closing, as canonical JSON.

    Raises:
        Problem: 403 for a reader who may not close these figures; 409 while the figures are not up to date, because who
            publishes a file states that the closing is still valid.
    """
    async with steady(platform) as (_, connection, _):
        await found(connection, closing_id)
        document = read_json(await repository.document(connection, closing_id))
    check_entitled(queries, reader, "publish", document)
    await check_up_to_date(platform)
    statement = publish(
        document,
        file=file,
        sha256=sha256,
        at=platform.clock().astimezone(UTC).isoformat(),
        official={"subject": reader.caller.subject, "unit": reader.caller.unit},
        sign=office_key(platform).sign,
    )
    # Canonical, because a signature is over bytes and others must be able to make the same ones.
    return canonical(statement)


async def listed(platform: Platform) -> list[dict[str, Any]]:
    """Return every closing without its figures, newest first."""
    async with steady(platform) as (_, connection, _):
        return [summary(closing) for closing in await repository.all_closings(connection)]


async def greatest_editions(platform: Platform) -> dict[tuple[str, str], int]:
    """Return the greatest edition of each closed period, by calendar and period."""
    async with steady(platform) as (_, connection, _):
        return await repository.greatest_editions(connection)


async def chain(platform: Platform) -> dict[str, Any]:
    """Return the whole hash chain. Whoever stores a copy can detect entries that are changed or removed later."""
    async with steady(platform) as (_, connection, _):
        links = []
        for closing in reversed(await repository.all_closings(connection)):
            document = read_json(await repository.document(connection, closing.id))
            links.append(link_of(document))
        return chain_of(links)


def summary(closing: Closing) -> dict[str, Any]:
    """Return a closing without its figures."""
    return {
        "id": str(closing.id),
        "number": closing.number,
        "edition": closing.edition,
        "supersedes": None if closing.supersedes is None else str(closing.supersedes),
        "calendar": closing.calendar,
        "period": closing.period,
        "from": closing.first.isoformat(),
        "to": closing.last.isoformat(),
        "area_uid": closing.area,
        "figures": closing.figures,
        "known_at": closing.known_at.astimezone(UTC).isoformat(),
        "closed_at": closing.closed_at.astimezone(UTC).isoformat(),
        "official": closing.official,
        "cells": closing.cells,
        "content_hash": closing.content_hash,
        "previous_hash": closing.previous_hash,
        "entry_hash": closing.entry_hash,
        "signature": closing.signature,
        "key_id": closing.key_id,
    }
