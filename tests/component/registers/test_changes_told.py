"""What became of each row, counted apart, and what it changed: old and new value of each column, to whom may read them."""

from typing import Any

from tests.component.registers.conftest import Desk
from tests.support.register_rows import IDENTITY

PATIENT = {
    "patient_no": "BN-21",
    **IDENTITY,
    "enrolled_on": "01/03/2024",
    "facility_code": "TT-00",
    "ended_on": "01/05/2024",
    "end_reason": "completed",
}
KEY = {"patient_no": "BN-21", "enrolled_on": "01/03/2024"}


def told(answer: dict[str, Any]) -> list[tuple[int, str, Any, Any]]:
    return [(change["row"], change["field"], change["old"], change["new"]) for change in answer["changes"]]


def counts(answer: dict[str, Any]) -> dict[str, int]:
    names = ("accepted", "unchanged", "corrected", "withdrawn", "restored", "refused_rows")
    return {name: answer[name] for name in names if answer[name]}


async def test_each_row_is_in_one_count(desk: Desk) -> None:
    rows = [
        PATIENT,
        PATIENT,
        {**PATIENT, "end_reason": "died"},
        {**KEY, "void": "x"},
        {**KEY, "void": "x"},
        PATIENT,
        {**PATIENT, "sex": "?"},
    ]
    answer = await desk.hand_in("methadone", *rows)
    assert counts(answer) == {
        "accepted": 1,
        "unchanged": 2,
        "corrected": 1,
        "withdrawn": 1,
        "restored": 1,
        "refused_rows": 1,
    }
    assert "changes" not in answer


async def test_a_correction_tells_old_and_new_of_each_column(desk: Desk) -> None:
    await desk.hand_in("methadone", PATIENT)
    changed = {
        "full_name": "Nguyễn Văn Thử Hai",
        "commune_code": "10516",
        "ended_on": None,
        "end_reason": None,
    }
    for dry_run in (True, False):
        answer = await desk.hand_in("methadone", {**PATIENT, **changed}, show_changes=True, dry_run=dry_run)
        assert told(answer) == [
            (2, "full_name", "Nguyễn Văn Thử", "Nguyễn Văn Thử Hai"),
            (2, "commune_code", "10513", "10516"),
            (2, "ended_on", "2024-05-01", None),
            (2, "end_reason", "completed", None),
        ]
    assert told(await desk.hand_in("methadone", {**PATIENT, **changed}, show_changes=True)) == []


async def test_rows_of_one_record_in_one_file_tell_their_own_changes(desk: Desk) -> None:
    rows = [PATIENT, {**PATIENT, "end_reason": "died"}, {**KEY, "void": "x"}, {**PATIENT, "sex": "Nữ"}]
    answer = await desk.hand_in("methadone", *rows, show_changes=True)
    # A first hand-in has no old values.
    assert told(answer) == [
        (3, "end_reason", "completed", "died"),
        (4, "void", False, True),
        (5, "void", True, False),
        (5, "sex", "male", "female"),
        (5, "end_reason", "died", "completed"),
    ]


async def test_who_may_not_read_the_people_is_told_nothing_of_them(desk: Desk) -> None:
    listed = {"record_no": "HS-1", **IDENTITY, "status": "user", "status_from": "01/03/2024"}
    await desk.hand_in("registry", listed)
    changed = {"full_name": "Nguyễn Văn Thử Hai", "status": "addict", "unit_code": "police:10525"}
    # When the office above hands the correction in: it reads who the people of its units are with a purpose alone
    service = desk.services_of("registry")
    answer = await service.client.post(
        "/v1/forms/registry/records",
        json={"rows": [{"values": {**listed, **changed}}], "show_changes": True},
        headers=service.as_("clerk", "police:31"),
    )
    # Then it has to state a purpose for that
    assert (answer.status_code, answer.json()["rule"]) == (403, "purpose_needed")
    assert "Nguyễn" not in answer.text


async def test_one_row_alone_tells_its_changes_too(desk: Desk) -> None:
    await desk.hand_in("methadone", PATIENT)
    service = desk.services_of("methadone")
    answer = await service.client.post(
        "/v1/forms/methadone?show_changes=true",
        json={**KEY, "end_reason": "died"},
        headers=service.as_(role="clerk", unit="TT-00"),
    )
    assert answer.json()["outcome"] == "corrected", answer.text
    assert told(answer.json()) == [(1, "end_reason", "completed", "died")]
