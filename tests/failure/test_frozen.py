"""A relay that is frozen, not dead: its standby takes over, and what it wakes up with does no harm."""

import pytest

from tests.failure.trial import Trial
from tests.support.stack.parts import wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def test_a_standby_sends_on_while_the_active_relay_is_frozen_and_its_awakening_changes_nothing(
    trial: Trial,
) -> None:
    rng = trial.random("frozen relay")
    province = trial.province
    first = province.part("treatment", "relay")
    standby = province.make_part("treatment", "relay", "treatment-standby")
    province.parts["treatment", "standby"] = standby
    try:
        standby.start()
        wait_for(standby.ready, 120, "standby ready")
        wait_for(lambda: "relay on standby" in standby.log_text(), 60, "one active, one standby")
        trial.hand_in_next({rng.randrange(trial.batches()): first.process.suspend}, rng=rng)
        # Everything comes into the figures by the standby alone, which takes over even where nothing is left to send.
        province.settled()
        ended = "ended the session of a silent holder"
        wait_for(lambda: ended in standby.log_text(), 60, "the frozen relay's session ended")
        # It wakes up in the middle of the next hand-in, perhaps with rows in its hands, and becomes the standby.
        trial.hand_in_next({rng.randrange(trial.batches()): first.process.resume}, rng=rng)
        trial.check()
        trial.log_complete()
    finally:
        first.process.resume()
        standby.end()
        del province.parts["treatment", "standby"]
    trial.hand_in_next(rng=rng)
    trial.check()
