"""Statements over Kafka: what a unit has handed in for a period, by the same rights, checks and faults as over HTTP."""

from typing import Any

import orjson
import pytest
from joserfc import jwe
from sqlalchemy import text

from contracts.catalogue import parse_event
from services.chassis.kafka.delivery import Permanent
from tests.component.chassis.test_submissions import FIRE, SOURCE, Desk, desk

__all__ = ["desk"]
PERIOD = {"calendar": "police", "period": "2023-11"}
IN_NOVEMBER = {**FIRE, "alarm_at": "05/11/2023 08:15"}


async def stated(desk: Desk, said: dict[str, str], number: str = "1", **more: Any) -> list[dict[str, Any]]:
    """Send a submission that states this; return all outcomes so far."""
    inside = {
        "source": SOURCE,
        "id": number,
        "unit": "police:30",
        "token": desk.issuer.token(),
        **PERIOD,
        "statements": said,
    } | more
    header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}
    await desk.take(jwe.encrypt_compact(header, orjson.dumps(inside), await desk.key()), number)
    return await desk.outcomes()


async def events(desk: Desk) -> list[tuple[str, Any]]:
    """What was published of statements, checked against the contract."""
    async with desk.platform.uow() as session:
        rows = await session.execute(
            text("SELECT payload FROM outbox WHERE topic = 'incidents.statements' ORDER BY id")
        )
        return [
            (parse_event("incidents.statements", payload).type, orjson.loads(payload)["data"])
            for (payload,) in rows
        ]


async def test_a_unit_states_its_registers_and_is_told_what_became_of_each(desk: Desk) -> None:
    # Given a fire of November, and no arrest
    await desk.take(await desk.sealed([IN_NOVEMBER], "0"), "0")
    # When the unit states both registers in one submission
    outcome = (await stated(desk, {"fires": "complete", "arrests": "nil"}))[-1]
    # Then it is told, and the statements are events
    assert outcome["stated"] == [
        {"form": "fires", "says": "complete", "outcome": "stated"},
        {"form": "arrests", "says": "nil", "outcome": "stated"},
    ]
    assert (outcome["unit"], outcome.get("error"), outcome["accepted"]) == ("police:30", None, 0)
    made = await events(desk)
    assert [kind for kind, _ in made] == ["incidents.statement.made.v1"] * 2
    assert {(data["stated_form"], data["says"]) for _, data in made} == {
        ("fires", "complete"),
        ("arrests", "nil"),
    }


async def test_the_same_submission_has_one_effect_and_the_same_statement_none(desk: Desk) -> None:
    await stated(desk, {"arrests": "nil"})
    assert len(await stated(desk, {"arrests": "nil"})) == 1
    (_, again) = await stated(desk, {"arrests": "nil"}, "2")
    assert [one["outcome"] for one in again["stated"]] == ["unchanged"]
    assert len(await events(desk)) == 1
    (*_, withdrawn) = await stated(desk, {"arrests": "withdrawn"}, "3")
    assert [one["outcome"] for one in withdrawn["stated"]] == ["withdrawn"]


@pytest.mark.parametrize(
    ("said", "more", "error", "faults"),
    [
        ({"fires": "nil"}, {}, "invalid_input", {("statements.fires", "statement_rows_stand")}),
        (
            {"arrests": "nil", "fires": "nil"},
            {},
            "invalid_input",
            {("statements.fires", "statement_rows_stand")},
        ),
        ({"arrests": "nil"}, {"period": "2023-13"}, "invalid_input", {("period", "period_unknown")}),
        ({"arrests": "nil"}, {"calendar": "lunar"}, "invalid_input", {("calendar", "calendar_unknown")}),
        ({"arrests": "nil"}, {"unit": "police:10513"}, "unit_scope", set()),
        # A name that is no form is free text from inside the encryption: it is not repeated in the clear.
        ({"Nguyễn Bí Mật": "nil"}, {}, "invalid_input", {("statements", "form_unknown")}),
    ],
)
async def test_what_cannot_be_stated_is_refused_as_over_http_and_leaves_nothing(
    desk: Desk, said: dict[str, str], more: dict[str, str], error: str, faults: set[tuple[str, str]]
) -> None:
    # Given a fire of November
    await desk.take(await desk.sealed([IN_NOVEMBER], "0"), "0")
    # When something is stated that does not hold
    outcome = (await stated(desk, said, **more))[-1]
    # Then the outcome names every fault, and nothing of the submission was stored
    assert outcome["error"] == error
    assert {(fault["field"], fault["rule"]) for fault in outcome["refused"]} == faults
    assert outcome["stated"] == []
    assert await events(desk) == []
    assert "Bí Mật" not in str(await desk.outcomes())


async def test_a_statement_without_its_period_or_with_an_unknown_member_is_unreadable(desk: Desk) -> None:
    broken: tuple[dict[str, Any], ...] = ({"period": None}, {"recorded": "2023-12-01"}, {"statements": {}})
    for number, more in enumerate(broken):
        with pytest.raises(Permanent, match="submission-unreadable"):
            await stated(desk, {"arrests": "nil"}, str(number), **more)


async def test_a_statement_sent_under_another_events_id_is_refused(desk: Desk) -> None:
    (outcome,) = await stated(desk, {"arrests": "nil"}, "1", id="2")
    assert (outcome["error"], outcome["refused_rows"]) == ("submission_mismatch", 0)
    assert await events(desk) == []


async def test_a_unit_that_cannot_be_stored_is_a_fault_of_the_submission(desk: Desk) -> None:
    with pytest.raises(Permanent, match="submission-unreadable"):
        await stated(desk, {"arrests": "nil"}, unit="police:30\x00")
