"""The same checks against a consumer as frameworks give it: they must find it out, or they have no teeth."""

import sys
from functools import partial

import psycopg
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.process import ManagedProcess
from tests.failure.ledger import check_log, judge
from tests.failure.trial import Trial
from tests.support.stack.harness import ROOT
from tests.support.stack.log import Record, read
from tests.support.stack.parts import wait_for

TOPICS = ("incidents.fires", "incidents.drug_cases", "incidents.conflicts", "treatment.methadone")


@pytest.mark.kafka
@pytest.mark.slow
def test_a_naive_consumer_is_found_to_lose_or_double_events(trial: Trial) -> None:
    province = trial.province
    # Before any fault of the other tests: what is on the log now stands there once.
    while trial.slices < 4:
        trial.hand_in_next()
    trial.check()
    url = province.postgres.ensure_service("naive", "naive")
    consumer = ManagedProcess(
        "naive",
        [sys.executable, "-m", "tests.failure.naive", province.broker.bootstrap, url, *TOPICS],
        log=province.layout.data_dir / "naive.log",
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        cwd=ROOT,
    )
    accepted = [
        str(event)
        for service in ("incidents", "treatment")
        for (event,) in province.sql(
            service, "SELECT event_id FROM outbox WHERE topic = ANY(%s)", list(TOPICS)
        )
    ]
    rng = trial.random("control")
    thresholds = sorted(rng.sample(range(20, len(accepted) * 3 // 4), 2))
    try:
        for threshold in thresholds:
            consumer.start()
            wait_for(partial(applied_naively, url, threshold), 120, f"{threshold} events applied naively")
            consumer.kill()
        consumer.start()
        wait_for(lambda: drained(province.broker.bootstrap), 120, "naive consumer through the log")
    finally:
        consumer.kill()
    applied = [event for (event,) in province.sql("naive", "SELECT event_id FROM naive_fact")]
    verdict = judge(accepted, applied)
    assert not verdict.clean, (
        "a naive consumer under kill -9 passed the check of nothing lost and nothing double"
    )


def count(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SELECT to_regclass('naive_fact')").fetchone() == (None,):
            return 0
        found = connection.execute("SELECT count(*) FROM naive_fact").fetchone()
    return int(found[0]) if found else 0


def applied_naively(url: str, wanted: int) -> bool:
    """Whether the naive consumer has applied so many events."""
    return count(url) >= wanted


def drained(bootstrap: str) -> bool:
    """Whether the naive consumer has acknowledged every record of its topics."""
    import asyncio

    async def committed() -> dict[TopicPartition, int]:
        client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await client.start()
        try:
            found = await client.list_consumer_group_offsets("naive")
            return {at: each.offset for at, each in found.items()}
        finally:
            await client.close()

    offsets = asyncio.run(committed())
    ends: dict[tuple[str, int], int] = {}
    for record in read(bootstrap, TOPICS):
        at = (record.topic, record.partition or 0)
        ends[at] = max(ends.get(at, 0), record.offset + 1)
    return all(offsets.get(TopicPartition(*at), 0) >= end for at, end in ends.items())


def test_the_ledger_finds_lost_doubled_and_foreign_events() -> None:
    verdict = judge(["a", "b", "c"], ["a", "c", "c", "x"])
    assert (verdict.lost, verdict.doubled, verdict.foreign) == (("b",), ("c",), ("x",))
    assert judge(["a", "b"], ["b", "a"]).clean


def test_the_log_check_finds_missing_and_disordered_events_and_allows_repeats() -> None:
    def record(event: str, sequence: int) -> Record:
        return Record("t", f'{{"id":"{event}","subject":"s","sequence":"{sequence}"}}'.encode())

    outbox = [("1", "s", 1), ("2", "s", 2), ("3", "s", 3)]
    whole = [record("1", 1), record("2", 2), record("1", 1), record("2", 2), record("3", 3)]
    faults = check_log(outbox, whole)
    assert not faults.missing
    assert not faults.disordered
    faults = check_log(outbox, [record("2", 2), record("1", 1)])
    assert faults.missing == ("3",)
    assert faults.disordered == ("s: 1 after 2",)
