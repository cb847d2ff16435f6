"""`kill -9` of everything in mid-import, on Apache Kafka and PostgreSQL: nothing lost, nothing double, same figures."""

from functools import partial

import pytest

from deploy.embedded.state import SERVICES
from tests.failure.trial import Trial
from tests.support.stack.harness import ROLES
from tests.support.stack.parts import Part, wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_process_loses_and_doubles_nothing(trial: Trial, service: str, role: str) -> None:
    rng = trial.random(f"kill {service} {role}")
    part = trial.province.part(service, role)
    starts = part.starts
    moments = rng.sample(range(trial.batches()), 2)
    # A consumer of a service that reads no other's events still takes submissions: that is what it is killed at.
    trial.hand_in_next(
        dict.fromkeys(moments, part.kill), rng=rng, over_kafka=[service] if role == "consume" else []
    )
    wait_for(lambda: part.starts > starts, 120, f"{service} {role} started again")
    trial.check()


def test_a_killed_hashing_process_delays_hand_ins_and_loses_no_link(trial: Trial) -> None:
    rng = trial.random("kill hashing")
    part = trial.province.part("hashing", "hash")
    starts = part.starts
    moments = rng.sample(range(trial.batches()), 2)
    trial.hand_in_next(dict.fromkeys(moments, part.kill), rng=rng, over_kafka=["incidents", "treatment"])
    wait_for(lambda: part.starts > starts, 120, "hashing started again")
    # Figures of persons, too: a row stored without its keys would be counted as one human being more.
    trial.check(broad=True)


def test_killed_kafka_comes_back_on_its_log(trial: Trial) -> None:
    def crash() -> None:
        trial.province.broker.kill()
        trial.province.broker.start()

    rng = trial.random("kill kafka")
    trial.hand_in_next({rng.randrange(trial.batches()): crash}, rng=rng)
    trial.check()
    trial.log_complete()


def test_killed_postgresql_comes_back(trial: Trial) -> None:
    def crash() -> None:
        trial.province.postgres.kill()
        trial.province.postgres.start()

    rng = trial.random("kill postgresql")
    first, second = sorted(rng.sample(range(trial.batches()), 2))
    trial.hand_in_next({first: crash}, rng=rng)
    trial.hand_in_next({second: crash}, rng=rng)
    trial.check()


def test_everything_killed_at_once_comes_back(trial: Trial) -> None:
    def blackout() -> None:
        for part in trial.province.parts.values():
            part.kill()
        trial.province.broker.kill()
        trial.province.postgres.kill()
        trial.province.postgres.start()
        trial.province.broker.start()

    rng = trial.random("blackout")
    trial.hand_in_next({rng.randrange(trial.batches()): blackout}, rng=rng)
    trial.check(broad=True)
    trial.log_complete()


def test_a_rebuild_whose_consumer_is_killed_ends_with_the_same_figures(trial: Trial) -> None:
    province = trial.province
    consumer = province.part("reporting", "consume")
    trial.hand_in_next()
    trial.check()
    before = live_generation(trial)
    province.post("reporting", "/v1/rebuild")
    for _ in range(2):
        next_start = consumer.starts + 1
        wait_for(lambda: building(trial), 120, "rebuild begun")
        consumer.kill()
        wait_for(partial(started, consumer, next_start), 120, "reporting's consumer started again")
    wait_for(lambda: live_generation(trial) > before, 120, "the new generation is live")
    trial.hand_in_next()
    trial.check()


def started(part: Part, times: int) -> bool:
    """Whether the process has been started so many times."""
    return part.starts >= times


def live_generation(trial: Trial) -> int:
    """The generation of reporting's tables that answers."""
    ((number,),) = trial.province.sql("reporting", "SELECT number FROM generation WHERE state = 'live'")
    return int(number)


def building(trial: Trial) -> bool:
    """Whether a new generation is being filled, or is live already."""
    rows = trial.province.sql("reporting", "SELECT 1 FROM generation WHERE state = 'building' OR number > 1")
    return bool(rows)
