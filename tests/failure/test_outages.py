"""A full disk, and services that work while others are down."""

import threading
from pathlib import Path

import pytest

from deploy.embedded.state import SERVICES
from tests.failure.trial import Trial
from tests.support.stack.parts import wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def test_a_full_disk_turns_readiness_red_and_loses_nothing(trial: Trial, small_disk: Path | None) -> None:
    if small_disk is None:
        pytest.skip("A FULL DISK COULD NOT BE TRIED: this user may not mount a small file system")
    province = trial.province
    ballast = small_disk / "ballast"
    red = wait_for
    failures: list[BaseException] = []

    def hand_in() -> None:
        try:
            trial.hand_in_next()
        except BaseException as failure:  # noqa: BLE001  raised again in the test
            failures.append(failure)

    fill(ballast)
    client = threading.Thread(target=hand_in)
    client.start()
    try:
        apis = [province.part(service, "api") for service in SERVICES]
        red(lambda: any(api.readiness() == 503 for api in apis), 120, "readiness red while the disk is full")
    finally:
        ballast.unlink()
    if not province.postgres.running:
        province.postgres.start()
    client.join(240)
    assert not client.is_alive()
    if failures:
        raise failures[0]
    province.wait_ready()
    trial.check()


@pytest.mark.parametrize("down", ["registry", "treatment"])
def test_the_others_work_while_one_service_is_down(trial: Trial, down: str) -> None:
    for part in trial.province.of(down):
        part.end()
    trial.hand_in_next(only=lambda service: service != down)
    for part in trial.province.of(down):
        part.start()
    trial.hand_in_rest(lambda service: service == down)
    trial.province.wait_ready()
    trial.check()


def fill(ballast: Path) -> None:
    """Leave not one block free."""
    block = b"\0" * 65_536
    with ballast.open("ab", buffering=0) as out:
        try:
            while out.write(block):
                pass
        except OSError:
            return
