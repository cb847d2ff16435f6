"""How long an accepted record takes into the figures, stage by stage, and what the outbox costs its writer."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from threading import Event, Thread

import httpx
import psycopg
from aiokafka import AIOKafkaProducer

from tests.bench.table import Table, percentile, spread
from tests.support.stack.harness import Province
from tests.support.stack.rows import fire


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds from the commit in the owning service to the topic, and to the commit in reporting."""

    published: list[float]
    fresh: list[float]


async def _offer(province: Province, tag: str, rate: float, seconds: float) -> None:
    """Hand in single fires at a steady rate, whatever the answers take."""
    url = f"{province.url('incidents')}/v1/forms/fires"
    headers = province.clerk("police:30")
    async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=30) as client:
        loop, tasks = asyncio.get_running_loop(), []
        begun = loop.time()
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + number / rate - loop.time()))
            tasks.append(asyncio.create_task(client.post(url, json=fire(f"{tag}-{number}"))))
        for answer in await asyncio.gather(*tasks):
            answer.raise_for_status()


def delays(province: Province, tag: str, rate: float, seconds: float) -> Delays:
    """Offer records and read from the databases when each of them was committed where."""
    asyncio.run(_offer(province, tag, rate, seconds))
    province.settled()
    accepted: dict[str, datetime] = dict(
        province.sql(
            "incidents",
            "SELECT record_id::text, pg_xact_commit_timestamp(xmin) FROM record WHERE form = 'fires' AND key ILIKE %s",
            f"%{tag}-%",
        )
    )
    sent: dict[str, datetime] = dict(province.sql("incidents", "SELECT subject, sent_at FROM outbox"))
    ((live,),) = province.sql("reporting", "SELECT number FROM generation WHERE state = 'live'")
    folded: dict[str, datetime] = dict(
        province.sql(
            "reporting", f"SELECT record_id::text, pg_xact_commit_timestamp(xmin) FROM g{live}.version"
        )
    )
    assert len(accepted) == round(rate * seconds), f"{len(accepted)} records found"

    def late(when: dict[str, datetime]) -> list[float]:
        return [(when[record] - at).total_seconds() * 1000 for record, at in accepted.items()]

    return Delays(late(sent), late(folded))


def measure(province: Province, seconds: float, table: Table) -> None:
    """F1, F2, F4 and F5."""
    delays(province, "warm", 20, 2)
    for rate in (20, 100):
        found = delays(province, f"f{rate}", rate, seconds)
        table.add(
            "F1", f"accepted → in the figures at {rate}/s, p50 / p99", _two(found.fresh), "p99 ≤ 100 ms"
        )
        table.add("F4", f"accepted → on the topic at {rate}/s, p50 / p99", _two(found.published))
    fast = percentile(found.fresh, 0.99)
    province.part("incidents", "relay").end()
    with polling_relay(province, every_seconds=1.0):
        slow = delays(province, "slow", 100, seconds)
    province.part("incidents", "relay").start()
    table.add("F2", f"p99 at 100/s / the same with a relay that polls each second ({percentile(slow.fresh, 0.99):.0f} ms)",
              f"1/{percentile(slow.fresh, 0.99) / fast:.0f}", "≤ 1/10")  # fmt: skip
    table.add(
        "F5",
        "writer's commits/s with NOTIFY in the transaction / without, 8 writers",
        _notify_cost(province),
        "≥ 0.8",
    )


def _two(values: list[float]) -> str:
    return f"{percentile(values, 0.5):.0f} / {percentile(values, 0.99):.0f} ms"


@contextmanager
def polling_relay(province: Province, every_seconds: float) -> Iterator[None]:
    """The relay that everybody writes first: looks into the table once in a while."""
    over = Event()

    async def run() -> None:
        url = province.postgres.admin_url("incidents")
        async with (
            AIOKafkaProducer(bootstrap_servers=province.broker.bootstrap, acks="all") as producer,
            await psycopg.AsyncConnection.connect(url, autocommit=True) as connection,
        ):
            while not over.is_set():
                await asyncio.sleep(every_seconds)
                rows = await (
                    await connection.execute(
                        "SELECT id, topic, key, payload FROM outbox WHERE sent_at IS NULL ORDER BY id"
                    )
                ).fetchall()
                futures = [
                    await producer.send(topic, value, key=key.encode()) for _, topic, key, value in rows
                ]
                for (number, *_), sent in zip(rows, await asyncio.gather(*futures), strict=True):
                    await connection.execute(
                        "UPDATE outbox SET sent_at = clock_timestamp(), sent_partition = %s, sent_offset = %s WHERE id = %s",
                        (sent.partition, sent.offset, number),
                    )
                    await connection.execute(
                        "UPDATE relay_log SET last_offset = greatest(last_offset, %s) WHERE topic = %s AND partition = %s",
                        (sent.offset, sent.topic, sent.partition),
                    )

    thread = Thread(target=lambda: asyncio.run(run()), name="polling relay")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _notify_cost(province: Province, writers: int = 8, seconds: float = 1.5) -> str:
    """Commits per second with and without the wake-up, round-robin."""
    url = province.postgres.admin_url("postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS bench_outbox (id bigint GENERATED ALWAYS AS IDENTITY, body text)"
        )

    def write(statement: str) -> int:
        count, end = 0, time.perf_counter() + seconds
        with psycopg.connect(url) as connection:
            while time.perf_counter() < end:
                connection.execute("INSERT INTO bench_outbox (body) VALUES (repeat('x', 700))")
                connection.execute(statement.encode())
                connection.commit()
                count += 1
        return count

    ratios = []
    for _ in range(3):
        totals = []
        for statement in ("SELECT pg_notify('bench', '')", "SELECT 1"):
            with ThreadPoolExecutor(writers) as pool:
                totals.append(sum(pool.map(write, [statement] * writers)))
        ratios.append(totals[0] / totals[1])
    return spread([median(ratios)], ".2f")
