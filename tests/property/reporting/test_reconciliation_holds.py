"""The waterfall names the causes that were put into the log, in whatever order its events arrive, and always closes."""

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.platform import Platform
from services.reporting.reconciling.usecases import Given
from tests.component.reporting.reconciling.case import CUT_OFF, DAY, PATIENTS, Case, counts, explain
from tests.component.reporting.support import fold, value
from tests.property.reporting.reconciling_world import CAUSES, Truth, truths
from tests.property.reporting.test_figures_hold import wipe

_LENIENT = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
_HERE = {"area": "288"}


async def told(
    platform: Platform, truth: Truth, number: int, order: st.DataObject, **asked: str
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
    assert sum(step["count"] for step in document["steps"]) == document["difference"]
    assert document["difference"] == declared - document["computed"]
    assert document["computed"] == await value(shared, PATIENTS, as_of=DAY.isoformat(), **_HERE)
