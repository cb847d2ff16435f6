"""A unit is reminded on Kafka of a register that it has not declared, and told when it is complete: once each."""

from datetime import UTC, date, datetime

from contracts.catalogue import parse_event
from contracts.envelope import VIETNAM
from contracts.events.reminding import HandInReminded
from reference import Period, area_book, listed_days_off, periods_due
from tests.support.stack.harness import Province
from tests.support.stack.log import read
from tests.support.stack.parts import wait_for

FORM = "fires"


def province_police(day: date) -> str:
    """The unit of the police of the province that there is on the day."""
    (code,) = (
        area.code for area in area_book().by_uid.values() if area.level == "province" and area.exists_on(day)
    )
    return f"police:{code}"


def told(province: Province, unit: str, period: Period) -> list[HandInReminded]:
    """What the topic says of the unit's register for the period, in its order."""
    found = []
    for record in read(province.broker.bootstrap, ["reporting.reminders"], province.flavour):
        # Reminders are keyed by their unit; the markers of a log's beginning have no key.
        if record.key != unit.encode() or record.value is None:
            continue
        event = parse_event("reporting.reminders", record.value)
        assert isinstance(event, HandInReminded)
        if (event.unit, event.data.form, event.data.period) == (unit, FORM, period.code):
            found.append(event)
    return sorted(found, key=lambda event: event.sequence)


def test_a_register_that_nobody_declared_is_told_on_kafka_and_so_is_its_end(province: Province) -> None:
    # Given a month of the police whose last day for the province is near, and nothing stated of it
    today = datetime.now(UTC).astimezone(VIETNAM).date()
    months = [
        one
        for one in periods_due(today, listed_days_off())
        if (one.calendar, one.kind) == ("police", "month")
    ]
    period = months[-1]
    unit = province_police(period.last)
    wait_for(lambda: len(told(province, unit, period)) == 1, 180, "the first reminder")
    (first,) = told(province, unit, period)
    assert first.type in ("reporting.hand_in.due_soon.v1", "reporting.hand_in.overdue.v1")
    # When the unit states that nothing happened in it
    body = {"calendar": "police", "period": period.code, "statements": {FORM: "nil"}}
    url = province.url("incidents") + "/v1/statements"
    answer = province.client.post(url, json=body, headers=province.clerk(unit))
    assert answer.status_code == 200, answer.text
    # Then it is told once that the register is complete
    wait_for(lambda: len(told(province, unit, period)) == 2, 180, "the last reminder")
    kinds = [event.type for event in told(province, unit, period)]
    assert kinds == [first.type, "reporting.hand_in.completed.v1"]
    assert [event.sequence for event in told(province, unit, period)] == [1, 2]
