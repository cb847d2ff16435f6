"""Whatever the history: every stock balances in every area as known at any instant, and recomputing changes nothing."""

from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.envelope import start_of_day
from services.chassis.platform import Platform
from services.reporting.checks.balance import Balance, balance
from services.reporting.checks.history import read_ledger
from services.reporting.checks.ledger import FORMS
from services.reporting.checks.recompute import differences
from services.reporting.figures import snapshot
from services.reporting.figures.scope import Scope
from tests.property.reporting.test_figures_hold import wipe
from tests.property.reporting.world import START, World, humans, worlds
from tests.support.reporting import fold

_LENIENT = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
_STATUS = {"registry.users": "user", "registry.addicts_with_file": "addict"}
# One commune that goes on whole, one that was divided in 2025, one whose successor of 2024 nobody knows.
_THROUGH_TIME = {"10513@2008": "10513@2008", "10516@2008": "11134@2008", "10546@2008": "10522@2008"}


async def every_balance(
    platform: Platform, uid: str, first: date, last: date, at: datetime | None, by: str | None
) -> dict[str, Balance]:
    forms = sorted({form for needed in FORMS.values() for form in needed})
    async with snapshot.reading(platform.uow) as (connection, _):
        book = await read_ledger(connection, forms, at)
        scope = Scope(uid, last, first, at, by)
        return {figure: await balance(connection, figure, scope, book) for figure in FORMS}


def on_day(world: World, figure: str, day: date, at: datetime) -> set[int]:
    """The human beings in a stock at the end of a day, by scanning everything that was written."""
    if figure in _STATUS:
        rows = [(record, row) for record, row in world.listed(day, at) if row["status"] == _STATUS[figure]]
    elif figure == "registry.addicts_in_community":
        rows = [
            (record, row)
            for record, row in world.listed(day, at)
            if row["status"] == "addict" and world.presence(record.human, day, at) == "community"
        ]
    else:
        form, since = (
            ("methadone", "enrolled_on") if figure == "methadone.active" else ("detox", "admitted_on")
        )
        rows = [
            (record, row)
            for record, row in world.rows(form, at)
            if row[since] <= day
            and (row["ended_on"] is None or day < row["ended_on"])
            and row.get("kind") != "voluntary_home"
        ]
    found = {record.human for record, _ in rows}
    assert len(found) == humans(rows)
    return found


@_LENIENT
@given(
    world=worlds(),
    opening=st.integers(0, 30),
    length=st.integers(0, 40),
    known=st.integers(0, 50),
    by=st.sampled_from(["commune", "area"]),
)
async def test_opening_and_entries_less_exits_are_closing_in_every_commune_and_in_the_province(
    shared: Platform, world: World, opening: int, length: int, known: int, by: str
) -> None:
    await wipe(shared)
    await fold(shared, world.log().messages)
    first = START + timedelta(days=opening)
    last = first + timedelta(days=length)
    at = start_of_day(START + timedelta(days=known))
    found = await every_balance(shared, "30@2008", first, last, at, by)
    assert [figure for figure, one in found.items() if not one.holds] == []
    for figure, one in found.items():
        # What moves between communes cancels in the province.
        assert not {"moved_in", "moved_out"} & {*one.whole.entries, *one.whole.exits}, figure
    for figure in (*_STATUS, "registry.addicts_in_community", "methadone.active", "detox.in_facility"):
        days = [first + timedelta(days=n) for n in range(-1, length + 1)]
        stocks = [on_day(world, figure, day, at) for day in days]
        line = found[figure].whole
        came = sum(len(after - before) for before, after in pairwise(stocks))
        went = sum(len(before - after) for before, after in pairwise(stocks))
        assert (line.opening, sum(line.entries.values()), sum(line.exits.values()), line.closing) == (
            len(stocks[0]),
            came,
            went,
            len(stocks[-1]),
        ), figure


@_LENIENT
@given(world=worlds(), from_2024=st.booleans(), by=st.sampled_from(["commune", "area"]))
async def test_new_hierarchies_move_people_between_rows_and_create_and_destroy_nobody(
    shared: Platform, world: World, from_2024: bool, by: str
) -> None:
    for record in world.records:
        for hand_in in record.hand_ins:
            if hand_in.row is not None:
                hand_in.row["commune"] = _THROUGH_TIME[hand_in.row["commune"]]
    await wipe(shared)
    await fold(shared, world.log().messages)
    first = date(2024, 6, 1) if from_2024 else date(2025, 6, 1)
    for uid, last in (("31@2025", date(2025, 12, 31)), ("30@2008", date(2025, 6, 30))):
        found = await every_balance(shared, uid, first, last, None, by)
        assert [figure for figure, one in found.items() if not one.holds] == []
        for figure, one in found.items():
            # Everything in these histories has happened by 2024; what moves then is the map.
            assert not one.whole.entries, figure
            assert not one.whole.exits, figure
            for line in one.lines[1:]:
                assert {*line.entries, *line.exits} <= {"hierarchy"}, figure


@_LENIENT
@given(world=worlds(), border=st.integers(0, 40))
async def test_recomputing_from_every_version_gives_what_was_folded_batch_by_batch(
    shared: Platform, world: World, border: int
) -> None:
    await wipe(shared)
    messages = world.log().messages
    await fold(shared, messages[border:])
    await fold(shared, messages[:border])
    async with snapshot.reading(shared.uow) as (connection, _):
        assert await differences(connection) == []
