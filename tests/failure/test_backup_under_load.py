"""The restore drill while units hand in: the machine is backed up in full work, lost, and restored on an empty one.

What was acknowledged before the back-up began is there, nothing is there twice, what came later is handed in again and
doubles nothing, and the comparison, which has to allow for what came meanwhile, still refuses a stack that is not the same.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy.backup import read_manifest
from deploy.embedded import Broker, bring_down, database_urls
from tests.failure.drill import Machines, Reachable, Writer, hand_in, khopso, lose, replay, write_keys
from tests.support.closings import WITHOUT_REGISTERS
from tests.support.stack.lanes import need_kafka
from tests.support.stack.rows import clinician, fire, person, site, slip
from tests.support.stack.submissions import Sender
from tests.support.stack.truth import Values
from tests.support.wait import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

_AT_LEAST = 5


@dataclass
class Drill(Machines):
    """The two machines, the closing made before everything, and what the units had handed in when the back-up began."""

    folder: Path
    broker: Broker
    closing: str = ""
    before: tuple[tuple[str, tuple[Values, ...]], ...] = ()
    ever: tuple[tuple[str, tuple[Values, ...]], ...] = ()

    def rows(self, form: str) -> list[Values]:
        """Every row of a form that a unit has ever handed in."""
        return [row for name, rows in self.ever if name == form for row in rows]

    def compare(self, code: int) -> Any:
        """Compare the restored machine with the back-up once more."""
        signed = ("--signed-by", self.signer)
        return khopso("restore", self.saved, "--compare", *signed, "--data-dir", self.new, code=code)


def writers(machine: Path) -> tuple[list[Writer], Writer]:
    """Three units over HTTP, one over Kafka; no two of them hand in the same row."""
    sender, numbers = Sender(Reachable(machine)), count()

    def over_http(form: str, rows: Sequence[Values]) -> None:
        hand_in(machine, form, *rows)

    def over_kafka(form: str, rows: Sequence[Values]) -> None:
        sender.send(sender.record(f"load-{next(numbers)}", form, rows))

    def someone(number: int) -> Values:
        who = person(f"Nguyễn Văn {'ABCDEGHIKLMNOPQRSTUV'[number % 20]}", number=f"030090{number:06d}")
        return slip(f"L-{number}", who, "CS-01", "BS-01")

    return [
        Writer("fires", lambda number: fire(f"A-{number}"), over_http),
        Writer("fires", lambda number: fire(f"B-{number}", deaths="2"), over_http),
        Writer("determination", someone, over_http),
    ], Writer("fires", lambda number: fire(f"K-{number}", deaths="0"), over_kafka)


@contextmanager
def at_work(everybody: Sequence[Writer]) -> Iterator[list[Future[None]]]:
    """All hand in during the block; what failed one of them is raised at its end."""
    with ThreadPoolExecutor(len(everybody)) as pool:
        futures = [pool.submit(each.write) for each in everybody]
        try:
            yield futures
        finally:
            for each in everybody:
                each.over.set()
        for future in futures:
            future.result()


def back_up_under_load(drill: Drill) -> None:
    """Back up while all units hand in; note what they had been acknowledged before."""
    direct, broker_side = writers(drill.old)
    everybody = [*direct, broker_side]
    with at_work(everybody) as futures:

        def all_past(numbers: Sequence[int]) -> bool:
            reached = [len(each.done) > number for each, number in zip(everybody, numbers, strict=True)]
            return all(reached) or any(future.done() for future in futures)

        wait_until(lambda: all_past([_AT_LEAST] * len(everybody)), deadline=120)
        # Over Kafka the outcome is the acknowledgement.
        Sender(Reachable(drill.old)).outcomes([f"load-{number}" for number in range(_AT_LEAST)])
        held = [(each.form, tuple(each.done)) for each in direct]
        drill.before = (*held, (broker_side.form, tuple(broker_side.done[:_AT_LEAST])))
        khopso("backup", drill.saved, "--key", drill.folder / "office.pub.pem", "--data-dir", drill.old)
        # They have gone on all the time, and after it.
        reached = [len(each.done) for each in everybody]
        wait_until(lambda: all_past(reached), deadline=60)
    drill.ever = tuple((each.form, tuple(each.done)) for each in everybody)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("embedded", marks=pytest.mark.embedded),
        pytest.param("kafka", marks=pytest.mark.kafka),
    ],
)
def drill(request: pytest.FixtureRequest) -> Iterator[Drill]:
    if request.param == "kafka":
        need_kafka()
    # Not under pytest's own directory: its path is too long for a socket, and it is closed to PostgreSQL's user.
    made = Drill(Path(tempfile.mkdtemp(prefix="khopso-load-")), request.param)
    write_keys(made.folder)
    try:
        khopso("up", "--broker", made.broker, "--data-dir", made.old)
        hand_in(made.old, "facilities", site("CS-01"))
        hand_in(made.old, "clinicians", clinician("BS-01", "CS-01"))
        hand_in(made.old, "fires", fire("V-1"), fire("V-2"))
        made.closing = khopso(
            "close", "--calendar", "civil", "--period", "2023", "--data-dir", made.old, *WITHOUT_REGISTERS
        )["id"]
        back_up_under_load(made)
        made.keep_signer()
        lose(made.old)
        yield made
    finally:
        for machine in (made.old, made.new):
            bring_down(machine)
        shutil.rmtree(made.folder, ignore_errors=True)


def test_the_restored_machine_is_the_same_though_units_handed_in_all_the_time(drill: Drill) -> None:
    evidence = read_manifest(drill.saved).evidence
    assert not evidence.quiet
    keys = ("--key", drill.folder / "office.pem", "--signed-by", drill.signer)
    document = khopso("restore", drill.saved, *keys, "--broker", drill.broker, "--data-dir", drill.new)
    assert document["differences"] == []
    assert document["equal"]
    assert document["chain_equal"]
    assert document["closings"] == 1
    values = {one["figure"]: one["now"] for one in document["figures"]}
    acknowledged = [row for form, rows in drill.before if form == "fires" for row in rows]
    assert values["fires.cases"] >= len(acknowledged) + 2
    assert values["fires.cases"] <= len(drill.rows("fires")) + 2
    assert replay(drill.new, drill.closing)


@contextmanager
def tampered(drill: Drill, service: str, table: str, where: str) -> Iterator[None]:
    """One row of a table is missing during the block."""
    with psycopg.connect(database_urls(drill.new)[service], autocommit=True) as connection:
        # What the system forbids itself, somebody with a restored disk does not.
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            f"CREATE TABLE public.taken AS SELECT * FROM {table} WHERE {where} LIMIT 1".encode()
        )
        taken = connection.execute(
            f"DELETE FROM {table} t USING public.taken k WHERE to_jsonb(t) = to_jsonb(k)".encode()
        ).rowcount
        assert taken == 1
        try:
            yield
        finally:
            connection.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE public.taken".encode())
            connection.execute("DROP TABLE public.taken")


@pytest.mark.parametrize(
    ("service", "table", "where", "said"),
    [
        ("reporting", "g1.version", "form = 'fires'", "1 accepted events are not in the figures"),
        ("reporting", "g1.fact", "kind = 'fire' AND known_from < %s", "fires.cases as known at"),
        (
            "incidents",
            "public.outbox",
            "topic = 'incidents.fires'",
            "events in incidents.fires are not those",
        ),
        ("incidents", "public.record", "form = 'fires'", "the table public.record has"),
    ],
)
def test_a_restored_machine_that_lacks_something_is_refused_and_the_comparison_says_what(
    drill: Drill, service: str, table: str, where: str, said: str
) -> None:
    known_at = read_manifest(drill.saved).evidence.known_at
    with tampered(drill, service, table, where.replace("%s", f"'{known_at.isoformat()}'")):
        document = drill.compare(1)
    assert not document["equal"]
    assert any(said in one["en"] for one in document["differences"]), document["differences"]


def test_what_was_acknowledged_before_is_there_and_the_rest_is_handed_in_again(drill: Drill) -> None:
    assert drill.compare(0)["equal"]
    for form, rows in drill.before:
        answer = hand_in(drill.new, form, *rows)
        assert answer["unchanged"] == len(rows), f"{form}: {answer}"
    for form, rows in drill.ever:
        answer = hand_in(drill.new, form, *rows)
        assert answer["unchanged"] + answer["accepted"] == len(rows)
        assert answer["corrected"] == 0
    khopso("wait", "--data-dir", drill.new)
    period = ("--from", "2023-01-01", "--to", "2023-12-31", "--data-dir", drill.new)
    assert khopso("figure", "fires.cases", *period)["value"] == len(drill.rows("fires")) + 2
    assert khopso("figure", "determination.concluded", *period)["value"] == len(drill.rows("determination"))
    assert replay(drill.new, drill.closing)
