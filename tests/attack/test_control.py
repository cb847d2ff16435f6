"""The attack has teeth: where the protection is off, it finds counts on every route that has some."""

from datetime import date

import pytest

from deploy.embedded.postgres import PostgresServer
from services.chassis.security import Allowed, Decision
from services.reporting import app
from services.reporting.disclosure import ReleaseControl
from services.reporting.figures import Comparison, Reader, Sight
from tests.attack.calls import CALLS
from tests.attack.readers import ONE_EACH
from tests.attack.twins import leaks, provinces

pytestmark = pytest.mark.timeout(900)


class Open(ReleaseControl):
    """Takes every reader for one who may see all."""

    def is_sensitive(self, code: str, day: date) -> bool:
        return False

    def right_to_exact(self, code: str, day: date, reader: Reader) -> Decision:
        return Allowed(())

    def sight_of(self, comparison: Comparison, reader: Reader) -> Sight:
        return "exact"


async def test_without_disclosure_control_every_route_and_table_that_tells_counts_leaks(
    migrated: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "ReleaseControl", Open)
    telling = {call.route: call for call in CALLS if call.tells}
    tables = [call for call in CALLS if call.tells and "," in call.params.get("by", "")]
    async with provinces(migrated) as there:
        tight = [call.name for call in (*telling.values(), *tables) if not await leaks(there, call, ONE_EACH)]
    assert len(tables) > 10
    assert tight == []
