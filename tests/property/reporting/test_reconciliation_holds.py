"""The waterfall names the causes that were put into the log, in whatever order its events arrive, and always closes."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from services.chassis.platform import Platform
from services.reporting.reconciliation.queries import end_of
from services.reporting.reconciliation.usecases import Given
from tests.property.reporting.reconciling_world import (
    CAUSES,
    Happenings,
    Truth,
    happenings,
    truths,
    windows,
)
from tests.property.reporting.test_figures_hold import wipe
from tests.support.reconciliation import CUT_OFF, DAY, PATIENTS, Case, counts, explain
from tests.support.reporting import fold, value

_LENIENT = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
_HERE: dict[str, Any] = {"area": "288"}


async def told(
    platform: Platform, truth: Truth, number: int, order: st.DataObject, **asked: Any
) -> dict[str, Any]:
    """The reconciliation of a declared number with the truth's log, whose events arrive in any order."""
    case = Case(truth.log())
    case.declare(number, figure=PATIENTS, agency="health", area="288@2008")
    await wipe(platform)
    messages = order.draw(st.permutations(case.log.messages))
    await fold(platform, messages, batch=order.draw(st.integers(1, len(messages))))
    return await explain(platform, PATIENTS, "health", **_HERE, **asked)


@_LENIENT
@given(truth=truths(), order=st.data(), later=st.booleans())
async def test_what_came_late_was_withdrawn_corrected_merged_or_lies_between_the_dates_is_named_exactly(
    shared: Platform, truth: Truth, order: st.DataObject, later: bool
) -> None:
    asked = {"as_of": CUT_OFF.isoformat()} if later else {}
    document = await told(shared, truth, truth.known_then, order, **asked)
    assert document["at_declared_dates"]["known_at_cut_off"] == truth.known_then
    assert counts(document) == truth.expected(later)
    assert (document["unexplained"], document["closes"]) == (0, True)


@_LENIENT
@given(truth=truths(), order=st.data())
async def test_an_agency_that_counts_records_is_told_how_many_people_it_counted_twice(
    shared: Platform, truth: Truth, order: st.DataObject
) -> None:
    document = await told(shared, truth, truth.known_then + truth.extra_records, order)
    expected = truth.expected(later_date=False)
    if truth.extra_records:
        expected["counted_twice"] = truth.extra_records
    assert counts(document) == expected


@_LENIENT
@given(
    truth=truths(tuple(cause for cause in CAUSES if cause != "twice")),
    order=st.data(),
    slip=st.integers(100, 999),
)
async def test_what_nothing_in_the_log_can_give_stays_unexplained_to_the_last_unit(
    shared: Platform, truth: Truth, order: st.DataObject, slip: int
) -> None:
    document = await told(shared, truth, truth.known_then + slip, order)
    assume(document["declaration"]["log_kept"])
    possible = sum(step["count"] for step in document["steps"] if step["kind"] == "possible")
    assert document["unexplained"] + possible == slip
    assert {
        step["step"]: step["count"] for step in document["steps"] if step["kind"] == "measured"
    }.items() >= (truth.expected(later_date=False).items())


@_LENIENT
@given(truth=truths(), order=st.data(), declared=st.integers(0, 40), days=st.integers(-40, 40))
async def test_the_sum_of_the_steps_is_the_difference_and_the_computed_side_the_figure_itself(
    shared: Platform, truth: Truth, order: st.DataObject, declared: int, days: int
) -> None:
    case = Case(truth.log())
    await wipe(shared)
    await fold(shared, order.draw(st.permutations(case.log.messages)))
    day = DAY.fromordinal(DAY.toordinal() + days)
    number = Given(value=Decimal(declared), day=day, declared_on=CUT_OFF)
    document = await explain(shared, PATIENTS, None, given=number, **_HERE)
    await wipe(shared)
    await fold(shared, order.draw(st.permutations(case.log.messages)), batch=3)
    assert await explain(shared, PATIENTS, None, given=number, **_HERE) == document
    assert sum(step["count"] for step in document["steps"]) == document["difference"]
    assert document["difference"] == declared - document["computed"]
    assert document["computed"] == await value(shared, PATIENTS, as_of=DAY.isoformat(), **_HERE)


@_LENIENT
@given(world=happenings(), said=windows(), asked=windows(), order=st.data())
async def test_events_that_were_written_late_or_withdrawn_or_lie_in_one_window_only_are_counted_apart(
    shared: Platform,
    world: Happenings,
    said: tuple[date, date],
    asked: tuple[date, date],
    order: st.DataObject,
) -> None:
    cut_off = end_of(CUT_OFF)
    then, now, ours = world.inside(said, cut_off), world.inside(said, None), world.inside(asked, None)
    await wipe(shared)
    await fold(shared, order.draw(st.permutations(world.log().messages)))
    number = Given(Decimal(len(then)), day=said[1], first=said[0], declared_on=CUT_OFF)
    dates: dict[str, Any] = {"since": asked[0].isoformat(), "to": asked[1].isoformat()}
    document = await explain(shared, "drug_cases.detected", None, given=number, **dates)
    late = sum(event.written > cut_off for event in now)
    gone = sum(event.dropped is not None for event in then)
    steps = {"recorded_late": -late, "voided_since": gone, "other_date": len(now) - len(ours)}
    assert counts(document) == {step: count for step, count in steps.items() if count}
    assert document["computed"] == len(ours)
