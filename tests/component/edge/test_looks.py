"""Who looked: reading another unit's identities is shown to that unit, with the purpose, and can be questioned."""

from collections.abc import Mapping
from typing import Any

import httpx

from tests.support.registers import Service

ROW = {
    "record_no": "LOOK-1",
    "full_name": "Canary Nhìn",
    "birth_date": "01/02/1988",
    "sex": "Nam",
    "national_id": "030088004399",
    "commune_code": "10513",
    "status": "user",
    "status_from": "10/01/2023",
}
OWN = {"role": "clerk", "unit": "police:10513", "area": "10513"}
ABOVE = {"role": "clerk", "unit": "police:30", "area": "30"}
ELSEWHERE = {"role": "clerk", "unit": "police:10516", "area": "10516"}
RECORDS = "/v1/forms/registry/records"


async def looks(service: Service, **caller: str) -> list[dict[str, Any]]:
    answer = await service.client.get("/v1/audit/looks", headers=service.as_(**caller))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["looks"]
    return found


async def read(service: Service, caller: Mapping[str, str], **headers: str) -> httpx.Response:
    return await service.client.get(
        RECORDS, params={"unit": "police:10513"}, headers=service.as_(**caller) | headers
    )


async def test_a_look_of_another_unit_is_shown_to_the_unit_and_can_be_questioned(
    services: Mapping[str, Service],
) -> None:
    registry = services["registry"]
    # Given a person on the register of a commune
    assert (await registry.post_row("registry", ROW, **OWN)).status_code in (200, 201)
    # When its own unit and the unit above read who it is
    assert "Canary" in (await read(registry, OWN)).text
    assert "Canary" in (await read(registry, ABOVE, **{"khopso-purpose": "inspection"})).text
    # Then the unit sees the look of the other, and who, what for, how many
    (look,) = await looks(registry, **OWN)
    assert (look["unit"], look["role"], look["form"], look["identities"], look["purpose"]) == (
        "police:30",
        "clerk",
        "registry",
        1,
        "inspection",
    )
    assert look["subject"] == "test-clerk"
    assert await looks(registry, **ELSEWHERE) == []
    # When it questions the look
    url = f"/v1/audit/looks/{look['id']}/questions"
    reason = {"reason": "Hồ sơ 030088004399 không liên quan"}
    asked = await registry.client.post(url, json=reason, headers=registry.as_(**OWN))
    assert asked.status_code == 201
    assert (await looks(registry, **OWN))[0]["questions"] == 1
    # Then the administrator has the question, without a number of anybody, and the audit has the event
    listed = await registry.client.get("/v1/audit/questions", headers=registry.as_())
    (question,) = listed.json()
    assert (question["look"], question["unit"], question["looking_unit"]) == (
        look["id"],
        "police:10513",
        "police:30",
    )
    assert "030088004399" not in listed.text
    rows = await registry.query(
        "SELECT parameters FROM audit WHERE route LIKE '%/questions' AND status = 201"
    )
    assert [row[0] for row in rows] == [{"look": look["id"]}]


async def test_looks_are_told_to_the_unit_alone_and_only_the_unit_may_question_them(
    services: Mapping[str, Service],
) -> None:
    registry = services["registry"]
    await registry.post_row("registry", ROW, **OWN)
    await read(registry, ABOVE, **{"khopso-purpose": "inspection"})
    look = (await looks(registry, **OWN))[0]["id"]
    other = await registry.client.get(
        "/v1/audit/looks", params={"unit": "police:10513"}, headers=registry.as_(**ELSEWHERE)
    )
    assert (other.status_code, other.json()["rule"]) == (403, "unit_scope")
    analyst = await registry.client.get("/v1/audit/looks", headers=registry.as_(**OWN | {"role": "analyst"}))
    assert analyst.status_code == 403
    for caller in (ELSEWHERE, ABOVE):
        answer = await registry.client.post(
            f"/v1/audit/looks/{look}/questions", json={"reason": "why"}, headers=registry.as_(**caller)
        )
        assert (answer.status_code, answer.json()["rule"]) == (404, "look_unknown")


async def test_a_purpose_is_one_of_the_list_and_anything_else_is_neither_taken_nor_kept(
    services: Mapping[str, Service],
) -> None:
    registry = services["registry"]
    for stated in ("Nguyen", "Nguyen.Van.An", "tim+030088004399", "inspection 12"):
        answer = await read(registry, ABOVE, **{"khopso-purpose": stated})
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "purpose_unknown")
        assert "inspection" in answer.json()["errors"][0]["message"]["en"]
        assert stated not in answer.text or stated == "inspection 12"
    kept = await registry.query("SELECT DISTINCT purpose FROM audit")
    assert {row[0] for row in kept} <= {"", "inspection", "operation"}


async def test_words_that_could_be_names_are_not_kept_of_what_was_asked(service: Service) -> None:
    for path in (
        "/v1/Nguyen",
        "/v1/forms/Nguyen",
        "/v1/units?unit=Nguyen",
        "/v1/units?Nguyen=1",
        "/v1/dlq?topic=Tran",
    ):
        await service.client.get(path, headers=service.as_())
    rows = await service.query("SELECT parameters::text FROM audit")
    assert [row[0] for row in rows if "Nguyen" in row[0] or "Tran" in row[0]] == []
