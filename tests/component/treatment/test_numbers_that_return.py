"""A slip, episode or patient number that another person has already is refused, with both shown to whom may see them."""

from typing import Any

from tests.support.register_rows import FULL
from tests.support.registers import Service

OTHER: dict[str, Any] = {
    "full_name": "Phạm Thị Thử",
    "birth_date": "07/09/1971",
    "sex": "Nữ",
    "national_id": None,
}


async def refused(service: Service, form: str, row: dict[str, Any]) -> list[tuple[str, str]]:
    answer = await service.post_row(form, row)
    return (
        []
        if answer.status_code == 200
        else [(e["rule"], e["message"]["vi"]) for e in answer.json()["errors"]]
    )


async def test_another_person_under_a_known_number_is_refused(treatment: Service) -> None:
    first = await treatment.post_row("methadone", FULL["methadone"])
    assert first.status_code == 201, first.text
    found = await refused(treatment, "methadone", {**FULL["methadone"], **OTHER})
    assert [rule for rule, _ in found] == ["number_used"]
    # The unit's own clerk sees who stands there.
    assert OTHER["full_name"] in found[0][1]
    assert str(FULL["methadone"]["full_name"]) in found[0][1]


async def test_a_corrected_name_or_birth_date_is_no_other_person(treatment: Service) -> None:
    await treatment.post_row("methadone", FULL["methadone"])
    for name in ("full_name", "birth_date", "sex"):
        assert await refused(treatment, "methadone", {**FULL["methadone"], name: OTHER[name]}) == []
        assert await refused(treatment, "methadone", FULL["methadone"]) == []
    both = {**FULL["methadone"], "full_name": OTHER["full_name"], "birth_date": OTHER["birth_date"]}
    assert await refused(treatment, "methadone", both) == []
