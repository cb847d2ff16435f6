"""What a question costs while everything is being folded: milliseconds per answer over HTTP, idle and under full load."""

import asyncio
import time
from collections.abc import Callable
from datetime import date, timedelta

import psycopg

from contracts.topics import FACT_TOPICS
from tests.bench.asking import settled as cells_settled
from tests.bench.events import Maker
from tests.bench.pipe import pour
from tests.bench.table import Table, percentile
from tests.support.stack.harness import Province
from tests.support.stack.parts import wait_for

_DAYS = [date(2023, 1, 15) + timedelta(days=23 * n) for n in range(15)]
_FEWEST = 300


def measure(province: Province, events: int, table: Table) -> None:
    """Q3: a backlog of so many events is folded as fast as it goes, while one reader asks one question after another."""
    maker, consumer = Maker(11), province.part("reporting", "consume")
    asyncio.run(pour(province.broker.bootstrap, maker.records(events // 2)))
    province.settled()
    with psycopg.connect(province.postgres.admin_url("reporting"), autocommit=True) as connection:
        live = connection.execute("SELECT number FROM generation WHERE state = 'live'").fetchone()
        assert live is not None
        connection.execute(f"SET search_path TO g{int(str(live[0]))}, public".encode())
        wait_for(lambda: cells_settled(connection), 120, "cells worked in")
        begun = time.monotonic()
        _ask(province, lambda: False, 30)
        idle = _ask(province, lambda: time.monotonic() < begun + 10, _FEWEST)
        consumer.end()
        ends = asyncio.run(pour(province.broker.bootstrap, maker.records(events)))

        def behind() -> int:
            rows = connection.execute(
                "SELECT topic, partition, next_offset FROM position WHERE consumer LIKE 'reporting-g%%'"
            )
            reached = {(topic, partition): offset for topic, partition, offset in rows}
            return sum(max(0, end - reached.get(at, 0)) for at, end in ends.items() if at[0] in FACT_TOPICS)

        consumer.start()
        start = behind()
        wait_for(lambda: behind() < start, 90, "first batch committed")
        loaded = _ask(province, lambda: behind() > 0, 0)
    table.add("Q3", f"as of a day by commune, p99 while {events:,} events are folded / idle, {len(loaded)} questions",
              f"{percentile(loaded, 0.99) / percentile(idle, 0.99):.1f} ({_two(loaded)} / {_two(idle)})", "≤ 5")  # fmt: skip


def _two(values: list[float]) -> str:
    return f"p50 {percentile(values, 0.5):.0f}, p99 {percentile(values, 0.99):.0f} ms"


def _ask(province: Province, going_on: Callable[[], bool], fewest: int) -> list[float]:
    times: list[float] = []
    while len(times) < fewest or going_on():
        day = _DAYS[len(times) % len(_DAYS)]
        begun = time.perf_counter()
        province.get("reporting", "/v1/figures/methadone.active", {"as_of": day.isoformat(), "by": "commune"})
        times.append((time.perf_counter() - begun) * 1000)
    return times
