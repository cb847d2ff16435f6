"""Folding as such: repeats beside news, replaced twins, statements per batch, rows nobody else's batch touches."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from services.chassis.kafka.delivery import Delivered
from services.chassis.platform import Platform
from services.chassis.runtime.tracing import Tracing
from services.reporting.facts.consumers import projection
from tests.support.reporting import Log, fold, person, value

A = {"commune": "10513@2008"}


def listed(log: Log, who: str, status: str, since: date, **more: Any) -> None:
    given = {"person": person(who), **A, **more}
    log.write("registry", f"{who} {since}", status=status, status_from=since, **given)


async def test_a_repeated_event_in_one_batch_with_news_of_its_timeline_is_cut_by_them(
    platform: Platform,
) -> None:
    log = Log()
    listed(log, "an", "user", date(2023, 1, 1))
    await fold(platform, log.messages)
    listed(log, "an", "addict", date(2023, 4, 1))
    await fold(platform, log.messages)
    assert await value(platform, "registry.users", as_of="2023-05-01") == 0
    assert await value(platform, "registry.addicts_with_file", as_of="2023-05-01") == 1


async def test_of_twins_with_one_sequence_the_smaller_id_stays_whichever_comes_first(
    platform: Platform,
) -> None:
    log = Log()
    for status in ("user", "addict"):
        given: dict[str, Any] = {
            "person": person("an"),
            **A,
            "status": status,
            "status_from": date(2023, 1, 1),
        }
        log.write("registry", "an", sequence=1, **given)
    smaller = min(log.messages, key=lambda message: UUID(message.id))
    expected = 1 if smaller.document["data"]["status"] == "user" else 0
    for order in (log.messages, log.messages[::-1]):
        async with platform.uow() as session:
            await session.execute(text("TRUNCATE g1.version, g1.spell, g1.presence"))
        for message in order:
            await fold(platform, [message])
        assert await value(platform, "registry.users", as_of="2023-05-01") == expected


async def test_a_batch_costs_a_fixed_number_of_statements(platform: Platform) -> None:
    def of(size: int, start: int) -> Log:
        log = Log()
        for number in range(start, start + size):
            listed(log, f"p{number}", "user", date(2023, 1, 1), presence="community")
            log.link(f"p{number}", f"t{number}", known=date(2023, 1, 1))
        return log

    counts = [await statements(platform, of(size, size * 1_000)) for size in (2, 5, 500)]
    assert counts[1] == counts[2] <= 20  # the first one also sets its connection up


async def statements(platform: Platform, log: Log) -> int:
    """How many statements one batch sends: what psycopg executes and copies."""
    sent = 0
    execute, copy = psycopg.AsyncCursor.execute, psycopg.AsyncCursor.copy

    async def counted_execute(self: Any, *given: Any, **named: Any) -> Any:
        nonlocal sent
        sent += 1
        return await execute(self, *given, **named)

    def counted_copy(self: Any, *given: Any, **named: Any) -> Any:
        nonlocal sent
        sent += 1
        return copy(self, *given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.AsyncCursor, "execute", counted_execute)
        patch.setattr(psycopg.AsyncCursor, "copy", counted_copy)
        await fold(platform, log.messages)
    return sent


async def test_no_batch_reads_a_table_from_end_to_end_whatever_statistics_say(platform: Platform) -> None:
    # Given tables with rows and without statistics, as those of a new generation are
    async with platform.uow() as session:
        for table in FOLDED:
            await session.execute(text(f"ALTER TABLE g1.{table} SET (autovacuum_enabled = false)"))
    log = Log()
    for number in range(500):
        listed(log, f"p{number}", "user", date(2023, 1, 1), presence="community")
        log.link(f"p{number}", f"t{number}", known=date(2023, 1, 1))
    before = await end_to_end(platform, log.messages)
    # When batches change rows, add some to timelines that are there, join persons, and repeat what was
    first = len(log.messages)
    for number in range(0, 500, 5):
        listed(log, f"p{number}", "addict", date(2023, 4, 1), presence="detained")
        listed(log, f"p{number}", "user", date(2023, 1, 1), psychosis=True, recorded=date(2023, 2, 1))
        log.link(f"p{number}", f"t{number + 1}", known=date(2023, 4, 1))
    changed = await end_to_end(platform, log.messages[first:])
    repeated = await end_to_end(platform, log.messages)
    # Then every row was found by its key
    assert before == changed == repeated


FOLDED = (
    "version",
    "version_replaced",
    "spell",
    "fact",
    "presence",
    "target",
    "declaration",
    "link",
    "person",
)


async def end_to_end(platform: Platform, batch: Sequence[Delivered]) -> dict[str, int]:
    """Fold a batch; how often each table has been read from end to end by then."""
    async with platform.uow() as session:
        await projection(1, Tracing())(list(batch), session)
        await session.execute(text("SELECT pg_stat_force_next_flush()"))
    asked = text(
        "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE schemaname = 'g1' AND relname = ANY(:names)"
    )
    async with platform.uow() as session:
        found = await session.execute(asked, {"names": list(FOLDED)})
        return {row.relname: row.seq_scan for row in found}


async def test_rows_of_untouched_timelines_are_not_written_again(platform: Platform) -> None:
    log = Log()
    listed(log, "an", "user", date(2023, 1, 1))
    listed(log, "binh", "user", date(2023, 1, 1))
    await fold(platform, log.messages)

    async def version_of(who: str) -> Any:
        async with platform.uow() as session:
            return await session.scalar(
                text("SELECT xmin::text FROM g1.spell WHERE person_ref = :ref"), {"ref": person(who).ref}
            )

    before = await version_of("binh")
    listed(log, "an", "user", date(2023, 1, 1), psychosis=True, recorded=date(2023, 2, 1))
    await fold(platform, log.messages)
    assert await version_of("binh") == before
