"""`kill -9` of everything in mid-import, on Apache Kafka and PostgreSQL: nothing lost, nothing double, same figures."""

import pytest

from deploy.local.state import SERVICES
from tests.failure.harness import ROLES
from tests.failure.parts import wait_for
from tests.failure.trial import Trial

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
    wait_for(lambda: part.starts > starts, 30, f"{service} {role} started again")
    trial.check()


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
