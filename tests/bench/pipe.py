"""From the broker to committed figures: reporting's own consumer against a naive one, round after round."""

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import psutil
import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from contracts.catalogue import ADAPTERS
from deploy.process import ManagedProcess
from services.chassis.kafka.delivery import Delivered, receive
from services.reporting.facts.messages import read as read_message
from services.reporting.facts.projections.model import Version
from tests.bench.events import Maker
from tests.bench.table import Table, spread
from tests.support.stack.harness import ROOT, Province
from tests.support.stack.log import Record
from tests.support.stack.parts import Part, wait_for

Ends = dict[tuple[str, int], int]
NAIVE_TOPICS = (
    "incidents.fires",
    "treatment.methadone",
    "registry.records",
    "treatment.detox",
    "treatment.doses",
)


@dataclass(slots=True)
class Sizes:
    """How much is measured."""

    rounds: int
    events: int
    naive_seconds: float


@dataclass(slots=True)
class Rates:
    """Events per second of each way, one value per round."""

    naive: list[float] = field(default_factory=list)
    ceiling: list[float] = field(default_factory=list)
    pipe: list[float] = field(default_factory=list)
    pair: list[float] = field(default_factory=list)
    copy: list[float] = field(default_factory=list)


async def pour(bootstrap: str, records: Sequence[Record]) -> Ends:
    """Put events on their topics; the offset after the last one of each partition."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5) as producer:
        futures = [
            await producer.send(record.topic, record.value, key=record.key, headers=list(record.headers))
            for record in records
        ]
        ends: Ends = {}
        for sent in await asyncio.gather(*futures):
            at = (sent.topic, sent.partition)
            ends[at] = max(ends.get(at, 0), sent.offset + 1)
        return ends


async def _swallow(bootstrap: str, topics: Sequence[str], count: int) -> float:
    """Events per second of `getmany(5000)` and the decoder, without a database."""
    async with AIOKafkaConsumer(
        *topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    ) as consumer:
        seen, started = 0, 0.0
        while seen < count:
            batch = await consumer.getmany(max_records=5000, timeout_ms=1000)
            started = started or time.perf_counter()
            for records in batch.values():
                for r in records:
                    receive(r.topic, r.partition, r.offset, r.key, r.value, r.headers, r.timestamp)
                seen += len(records)
        return seen / (time.perf_counter() - started)


def measure(province: Province, sizes: Sizes, table: Table) -> None:
    """P1 to P9 as far as they fit; prints each as it is known."""
    maker, rates = Maker(7), Rates()
    consumer = province.part("reporting", "consume")
    consumer.end()
    memory: list[int] = []
    commits: list[float] = []
    for number in range(sizes.rounds):
        records = maker.records(sizes.events)
        ends = asyncio.run(pour(province.broker.bootstrap, records))
        rates.naive.append(_naive(province, sizes.naive_seconds, fresh=number == 0))
        rates.ceiling.append(asyncio.run(_swallow(province.broker.bootstrap, NAIVE_TOPICS, sizes.events)))
        rates.copy.append(_copy_only(province, records))
        before = _commits(province)
        rates.pipe.append(_consume(province, [consumer], ends, sizes.events))
        commits.append((_commits(province) - before) * 1000 / sizes.events)
        memory.append(_resident(consumer))
        consumer.end()
        ends = asyncio.run(pour(province.broker.bootstrap, maker.records(sizes.events)))
        second = _second(province)
        rates.pair.append(_consume(province, [consumer, second], ends, sizes.events))
        second.end()
        consumer.end()
    _tell(rates, table)
    table.add("SQL", "commits of reporting's database per 1000 events", spread(commits, ".1f"))
    growth = (memory[-1] / memory[0] - 1) * 100
    table.add("P9", f"consumer's memory after the last round ({memory[-1] >> 20} MiB) over the first",
              f"{growth:+.0f} %", "≤ +20 % over 1 M events")  # fmt: skip
    table.add(
        "P5",
        "reading a message (look, validate, keep its text) / (json.loads + pydantic union)",
        spread([_decode(maker)], ".2f"),
        "≥ 3",
    )
    consumer.start()
    _rebuild(province, rates, table)


def _tell(rates: Rates, table: Table) -> None:
    def ratio(above: list[float], below: list[float]) -> str:
        return spread([a / b for a, b in zip(above, below, strict=True)], ".2f")

    table.add(
        "–",
        "naive: one FastStream message, one SQLModel commit each, same rows, events/s",
        spread(rates.naive),
    )
    table.add("–", "pipe: broker to committed facts and spells, events/s", spread(rates.pipe))
    table.add("P1", "pipe / naive", ratio(rates.pipe, rates.naive), "≥ 200")
    table.add("P2", "pipe / (getmany(5000) + decode)", ratio(rates.pipe, rates.ceiling), "≥ 0.13")
    table.add("P3", "pipe / COPY of the same versions only", ratio(rates.pipe, rates.copy), "≥ 0.35")
    table.add("P6", "two consumers / one", ratio(rates.pair, rates.pipe), "≥ 1.5")
    table.add("P7", "last round / first round (the tables have grown)", f"{rates.pipe[-1] / rates.pipe[0]:.2f}",
              "≥ 0.65 on 3 M facts")  # fmt: skip


def _consume(province: Province, parts: Sequence[Part], ends: Ends, count: int) -> float:
    """Start consumers and time from the first committed batch to the last; the first batch itself is left out."""
    with psycopg.connect(province.postgres.admin_url("reporting"), autocommit=True) as connection:

        def left() -> int:
            rows = connection.execute(
                "SELECT topic, partition, next_offset FROM position WHERE consumer = 'reporting-g1'"
            )
            reached = {(topic, partition): offset for topic, partition, offset in rows}
            return sum(max(0, end - reached.get(at, 0)) for at, end in ends.items())

        start = left()
        for part in parts:
            part.start()
        wait_for(lambda: left() < start, 90, "first batch committed")
        begun, first = time.perf_counter(), left()
        if first == 0:
            return float("nan")
        wait_for(lambda: left() == 0, 300, f"{count} events folded")
        return first / (time.perf_counter() - begun)


def _second(province: Province) -> Part:
    part = province.parts.get(("reporting", "second"))
    if part is None:
        part = province.parts["reporting", "second"] = province.make_part("reporting", "consume", "second")
    return part


def _naive(province: Province, seconds: float, *, fresh: bool) -> float:
    """Events per second of the naive consumer while it works through a backlog."""
    url = province.postgres.ensure_service("naive", "naive")
    process = ManagedProcess(
        "naive",
        [sys.executable, "-m", "tests.bench.naive", province.broker.bootstrap, url, *NAIVE_TOPICS],
        log=province.layout.data_dir / "naive.log",
        env={"PYTHONPATH": str(ROOT), "PATH": os.defpath},
        cwd=ROOT,
    )

    def count() -> int:
        with psycopg.connect(url, autocommit=True) as connection:
            if connection.execute("SELECT to_regclass('naive_version')").fetchone() == (None,):
                return 0
            found = connection.execute("SELECT count(*) FROM naive_version").fetchone()
        return int(found[0]) if found else 0

    before = 0 if fresh else count()
    process.start()
    try:
        start: int = wait_for(lambda: (now := count()) > before and now, 90, "naive consumer at work")
        begun = time.perf_counter()
        wait_for(lambda: time.perf_counter() - begun >= seconds, seconds + 5, "time over")
        return (count() - start) / (time.perf_counter() - begun)
    finally:
        process.kill()


def _copy_only(province: Province, records: Sequence[Record]) -> float:
    """Versions per second when nothing but the same rows is written, by COPY in batches of 5000."""
    read = map(read_message, map(_delivered, records))
    versions = [version for version in read if isinstance(version, Version)]
    columns = "record_id, sequence, event_id, form, recorded_at, occurred_on, unit, grp, data"
    with psycopg.connect(province.postgres.admin_url("reporting")) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_copy")
        connection.execute("CREATE TABLE bench_copy (LIKE g1.version INCLUDING ALL)")
        connection.commit()
        begun = time.perf_counter()
        for start in range(0, len(versions), 5000):
            with connection.cursor().copy(f"COPY bench_copy ({columns}) FROM STDIN") as copy:
                for v in versions[start : start + 5000]:
                    copy.write_row((v.record_id, v.sequence, v.event_id, v.form, v.recorded_at, v.occurred_on,
                                    v.unit, v.group, v.text))  # fmt: skip
            connection.commit()
        rate = len(versions) / (time.perf_counter() - begun)
        connection.execute("DROP TABLE bench_copy")
    return rate


def _delivered(record: Record) -> Delivered:
    found = receive(record.topic, 0, 0, record.key, record.value, record.headers, 0)
    assert isinstance(found, Delivered)
    return found


def _decode(maker: Maker) -> float:
    """How much faster reporting reads a message than a typed handler does; per round, round-robin."""
    records = maker.records(10_000)
    gc.collect()
    ratios = []
    for _ in range(5):
        begun = time.perf_counter()
        for record in records:
            ADAPTERS[record.topic].validate_python(json.loads(record.value or b""))
        plain = time.perf_counter() - begun
        begun = time.perf_counter()
        for record in records:
            read_message(_delivered(record))
        ratios.append(plain / (time.perf_counter() - begun))
    return median(ratios)


def _rebuild(province: Province, rates: Rates, table: Table) -> None:
    """P8: the whole log into a fresh generation."""
    ((total,),) = province.sql("reporting", "SELECT count(*) FROM g1.version")
    begun = time.perf_counter()
    province.post("reporting", "/v1/rebuild")

    def switched() -> bool:
        return province.sql("reporting", "SELECT number > 1 FROM generation WHERE state = 'live'") == [
            (True,)
        ]

    wait_for(switched, 600, "rebuild")
    rate = total / (time.perf_counter() - begun)
    table.add(
        "P8",
        f"rebuild of {total} events / live pipe",
        f"{rate / median(rates.pipe):.2f} ({rate:,.0f} events/s)",
        "≥ 1.0",
    )


def _commits(province: Province) -> int:
    ((count,),) = province.sql(
        "reporting", "SELECT xact_commit FROM pg_stat_database WHERE datname = 'reporting'"
    )
    return int(count)


def _resident(part: Part) -> int:
    assert part.process.pid is not None
    return int(psutil.Process(part.process.pid).memory_info().rss)
