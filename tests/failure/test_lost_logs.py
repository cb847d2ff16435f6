"""A broker that lost its log is noticed, said loudly, filled again from the outboxes; the figures stay the same."""

import pytest

from deploy.embedded.broker import EmbeddedBroker
from deploy.kafka.runtime import KafkaServer
from tests.failure.trial import Trial

pytestmark = pytest.mark.slow


@pytest.mark.kafka
def test_kafka_with_wiped_directories_is_filled_again(trial: Trial) -> None:
    broker = trial.province.broker
    assert isinstance(broker, KafkaServer)
    trial.province.settled()
    broker.kill()
    broker.wipe()
    broker.start()
    rng = trial.random("wiped")
    trial.hand_in_next(rng=rng)
    trial.log_complete(deadline=180)
    trial.check(broad=True)
    assert "LOG LOST" in trial.province.part("treatment", "relay").log_text()


@pytest.mark.embedded
def test_the_embedded_broker_restarted_in_mid_import_is_filled_again(forgetful: Trial) -> None:
    broker = forgetful.province.broker
    assert isinstance(broker, EmbeddedBroker)
    forgetful.catch_up()
    forgetful.check()
    rng = forgetful.random("forgot")
    for _ in range(2):
        forgetful.hand_in_next({rng.randrange(forgetful.batches()): broker.restart}, rng=rng)
        forgetful.log_complete(deadline=180)
        forgetful.check()


@pytest.mark.embedded
def test_services_killed_on_the_embedded_broker_lose_and_double_nothing(forgetful: Trial) -> None:
    forgetful.catch_up()
    rng = forgetful.random("embedded kills")
    parts = list(forgetful.province.parts.values())
    moments = rng.sample(range(forgetful.batches()), len(parts))
    forgetful.hand_in_next({moment: part.kill for moment, part in zip(moments, parts, strict=True)}, rng=rng)
    forgetful.check()
