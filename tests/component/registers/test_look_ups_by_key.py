"""Records are looked up by their keys in the index, whatever PostgreSQL knew of the table when it last looked at it."""

import pytest
from sqlalchemy import text

from services.chassis.persistence import AsyncSession
from services.registers import store
from tests.component.registers.conftest import Desk
from tests.support.keepers import SITE
from tests.support.register_rows import FULL

_ROWS, _ASKED = 600, 50
_FILL = """
INSERT INTO record (record_id, form, unit, key, sequence, content, digest, recorded_at, own_day, voided, handed_in_at, handed_in_by)
SELECT gen_random_uuid(), 'determination', :unit, 'K-' || number, 1, '{}', '\\x00', now(), '2024-03-01', false, now(), 'test'
FROM generate_series(1, :rows) AS number
"""
_READ = "SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = 'record'"


@pytest.mark.parametrize("analysed", [True, False])
async def test_a_form_that_statistics_do_not_know_is_not_read_whole_for_each_record(
    desk: Desk, *, analysed: bool
) -> None:
    # given: another form's records, all that statistics know, and then the first file of a form
    await desk.hand_in("facilities", FULL["facilities"])
    service = desk.services_of("determination")
    async with service.platform.uow() as session:
        await session.execute(text("ANALYZE record" if analysed else "SELECT 1"))
    async with service.platform.uow() as session:
        await session.execute(text(_FILL), {"unit": SITE, "rows": _ROWS})
    new = [(SITE, f"N-{number}") for number in range(_ASKED)]
    known = [(SITE, f"K-{number}") for number in range(1, _ASKED + 1)]
    async with service.platform.uow() as session:
        # when: keys are looked up, half of them new
        before = await _rows_read(session)
        heads = await store.heads(session, "determination", [*new, *known])
        days = await store.own_days(session, "determination", [*new, *known])
        read = await _rows_read(session) - before
    # then: those that are there are found, with a row or two read for each
    assert heads.keys() == days.keys() == set(known)
    assert read <= 2 * 2 * len([*new, *known])


async def _rows_read(session: AsyncSession) -> int:
    return int((await session.execute(text(_READ))).scalar_one())
