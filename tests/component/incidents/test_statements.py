"""A unit states what it has handed in: complete, nil, withdrawn; idempotent, of itself alone, never nil over rows."""

from datetime import date
from typing import Any

import httpx
import pytest

from tests.support.registers import Service

UNIT = "police:10513"
NOVEMBER = {"calendar": "police", "period": "2023-11"}  # 15 October to 14 November
FIRE = {
    "incident_no": "C-01",
    "commune_code": "10513",
    "alarm_at": "02/11/2023 05:00",
    "place": "dwelling",
    "cause": "electrical",
}


async def stated(
    service: Service,
    says: dict[str, str],
    *,
    role: str = "clerk",
    unit: str = UNIT,
    area: str = "10513",
    **more: Any,
) -> httpx.Response:
    """What the service answers to a caller of the unit."""
    body = {**NOVEMBER, "statements": says, **more}
    return await service.client.post("/v1/statements", json=body, headers=service.as_(role, unit, area))


def outcomes(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {one["form"]: one["outcome"] for one in answer.json()["statements"]}


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(one["field"], one["rule"]) for one in answer.json()["errors"]]


async def test_a_statement_is_an_event_and_saying_it_again_is_none(incidents: Service) -> None:
    # When a unit states two registers, twice
    assert outcomes(await stated(incidents, {"fires": "nil", "arrests": "complete"})) == {
        "fires": "stated",
        "arrests": "stated",
    }
    again = await stated(incidents, {"fires": "nil", "arrests": "complete"})
    # Then the second time changes nothing, and there is one event of each
    assert outcomes(again) == {"fires": "unchanged", "arrests": "unchanged"}
    found = {event.data.stated_form: event for event in await incidents.events()}
    assert len(await incidents.events()) == 2
    fires = found["fires"]
    assert (fires.type, fires.unit, fires.sequence) == ("incidents.statement.made.v1", UNIT, 1)
    assert (fires.data.says, f"{fires.data.first}", f"{fires.data.last}") == (
        "nil",
        "2023-10-15",
        "2023-11-14",
    )
    assert "test-clerk" not in fires.model_dump_json()


async def test_a_statement_is_changed_withdrawn_and_made_again(incidents: Service) -> None:
    for says, outcome in (
        ("nil", "stated"),
        ("complete", "changed"),
        ("withdrawn", "withdrawn"),
        ("withdrawn", "unchanged"),
        ("nil", "stated"),
    ):
        assert outcomes(await stated(incidents, {"fires": says})) == {"fires": outcome}
    events = await incidents.events()
    assert [(event.type.split(".")[2], event.sequence) for event in events] == [
        ("made", 1), ("made", 2), ("withdrawn", 3), ("made", 4),
    ]  # fmt: skip
    assert len({event.subject for event in events}) == 1


async def test_what_was_never_stated_cannot_be_withdrawn_and_nothing_is_published(incidents: Service) -> None:
    answer = await stated(incidents, {"fires": "withdrawn"})
    assert outcomes(answer) == {"fires": "unchanged"}
    assert answer.json()["statements"][0]["statement"] is None
    assert await incidents.events() == []


async def test_nil_is_refused_where_rows_of_the_period_stand_and_says_how_many(incidents: Service) -> None:
    # Given two fires of the period, one of them withdrawn, and one of another period
    rows = [
        FIRE,
        {**FIRE, "incident_no": "C-02"},
        {**FIRE, "incident_no": "C-03", "alarm_at": "20/11/2023 05:00"},
    ]
    await incidents.post_rows("fires", rows, unit=UNIT, by={"role": "clerk", "unit": UNIT, "area": "10513"})
    gone = [{**FIRE, "incident_no": "C-02", "void": "x"}]
    await incidents.post_rows("fires", gone, unit=UNIT, by={"role": "clerk", "unit": UNIT, "area": "10513"})
    # When nil is stated of it, with another register
    answer = await stated(incidents, {"fires": "nil", "arrests": "nil"})
    # Then all of it is refused, with the number of the rows
    assert faults(answer) == [("statements.fires", "statement_rows_stand")]
    assert "1" in answer.json()["errors"][0]["message"]["vi"]
    assert await incidents.query("SELECT 1 FROM statement") == []
    # And it is complete, and nil for the months without a row
    assert outcomes(await stated(incidents, {"fires": "complete"})) == {"fires": "stated"}
    assert outcomes(await stated(incidents, {"fires": "nil"}, period="2023-10")) == {"fires": "stated"}


async def test_an_instant_counts_on_its_vietnamese_day(incidents: Service) -> None:
    # 15 October, 00:30 in Việt Nam, is the 14th in UTC: in the period of November, not of October.
    row = {**FIRE, "alarm_at": "15/10/2023 00:30"}
    await incidents.post_rows("fires", [row], unit=UNIT, by={"role": "clerk", "unit": UNIT, "area": "10513"})
    assert faults(await stated(incidents, {"fires": "nil"})) == [("statements.fires", "statement_rows_stand")]
    assert outcomes(await stated(incidents, {"fires": "nil"}, period="2023-10")) == {"fires": "stated"}


@pytest.mark.parametrize(
    ("role", "unit", "area"),
    [
        ("clerk", "police:10516", "10516"),  # another commune
        ("clerk", "police:288", "288"),  # the district above
        ("official", "committee:30", "30"),
        ("analyst", UNIT, "10513"),
        ("operator", UNIT, "10513"),
        ("admin", UNIT, "10513"),
    ],
)
async def test_nobody_but_the_unit_s_clerk_and_official_states_for_it(
    incidents: Service, role: str, unit: str, area: str
) -> None:
    body = {**NOVEMBER, "unit": UNIT, "statements": {"fires": "nil"}}
    answer = await incidents.client.post("/v1/statements", json=body, headers=incidents.as_(role, unit, area))
    assert (answer.status_code, answer.json()["rule"]) == (403, "unit_scope")
    assert await incidents.events() == []


async def test_the_official_of_the_unit_states_as_well(incidents: Service) -> None:
    assert outcomes(await stated(incidents, {"fires": "nil"}, role="official")) == {"fires": "stated"}


@pytest.mark.parametrize(
    ("says", "more", "expected"),
    [
        ({"fires": "nil"}, {"period": "2024-12"}, [("period", "statement_not_over")]),
        ({"fires": "nil"}, {"recorded_on": "2023-11-14"}, [("period", "statement_not_over")]),
        ({"fires": "nil"}, {"recorded_on": "2099-01-01"}, [("recorded_on", "statement_in_future")]),
        ({"fires": "nil"}, {"period": "2023-13"}, [("period", "period_unknown")]),
        ({"fires": "nil"}, {"calendar": "lunar"}, [("calendar", "calendar_unknown")]),
        ({"registry": "nil"}, {}, [("statements.registry", "form_unknown")]),
        ({"area_classes": "nil"}, {}, [("statements.area_classes", "statement_not_expected")]),
        ({"fires": "nil"}, {"calendar": "health", "period": "2023-Q3"}, [("statements.fires", "statement_not_expected")]),
    ],
)  # fmt: skip
async def test_a_faulty_statement_is_refused_with_every_fault(
    incidents: Service, says: dict[str, str], more: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert faults(await stated(incidents, says, **more)) == expected
    assert await incidents.events() == []


async def test_a_statement_is_known_from_when_it_was_received_whatever_day_its_unit_names(
    incidents: Service,
) -> None:
    """Or a unit could say in August that it had said so in May."""
    before = incidents.platform.clock()
    await stated(incidents, {"fires": "nil"}, recorded_on="2023-11-16")
    (event,) = await incidents.events()
    assert before <= event.recordedtime <= incidents.platform.clock()
    assert event.data.written_on == date(2023, 11, 16)
    assert await incidents.query("SELECT written_on, stated_at FROM statement") == [
        (date(2023, 11, 16), event.recordedtime)
    ]
