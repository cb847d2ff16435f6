"""Marks on what a match found: kept with the finding and its record, shown in the next match, to the record's agency alone."""

from typing import Any

import httpx
import psycopg
import pytest

from services.chassis.persistence import raw
from tests.component.matching.conftest import Owner
from tests.component.matching.test_every_form import ROWS, UNIT, against, registered, unit_of
from tests.support.keepers import OFFICES, clerk
from tests.support.registers import Service

pytestmark = pytest.mark.usefixtures("no_reading_limit")

PURPOSE = {"Khopso-Purpose": "reconciliation"}
FORM = "registry"


async def mark(service: Service, line: str, what: str, form: str = FORM, **more: Any) -> httpx.Response:
    """Mark a line; without ``by``, as a clerk of the office above the units that keep the register."""
    headers = service.as_(
        **(more.pop("by", None) or clerk(OFFICES[form])),
        **more.pop("headers", PURPOSE),
    )
    body = {"line": line, "mark": what, **more}
    return await service.client.post(f"/v1/forms/{form}/matches/marks", json=body, headers=headers)


async def only_item(service: Service, form: str = FORM) -> dict[str, Any]:
    """What a match of an empty list with the register of one record finds."""
    (item,) = (await against(service, form, [], unit=unit_of(form)))["items"]
    return dict(item)


@pytest.mark.parametrize("form", sorted(ROWS))
async def test_a_finding_that_was_marked_says_so_in_the_next_match(owner_of: Owner, form: str) -> None:
    # Given a record that a list lacks
    service = await registered(owner_of, form)
    item = await only_item(service, form)
    assert (item["line"], item["mark"], item["mine"]) == (f"only_ours.{item['record']}", None, False)
    # When a clerk of the office above marks it
    answer = await mark(service, item["line"], "done", form, note="đã hỏi đơn vị")
    assert answer.status_code == 200, answer.text
    assert answer.json()["outcome"] == "marked"
    # Then the next match shows what stands, and what was found is still found
    item = await only_item(service, form)
    stands = item["mark"]
    assert (stands["state"], stands["note"], stands["found"]) == ("done", "đã hỏi đơn vị", True)
    # And another finding about the same record is another line
    assert (await mark(service, f"different.{item['record']}", "open", form)).json()["mark"]["marks"] == 1


async def test_a_line_is_given_to_units_that_may_know_the_record_and_is_theirs_until_it_is_done(
    owner_of: Owner,
) -> None:
    # Given a record of a commune's police that a list lacks
    service = await registered(owner_of, FORM)
    line = (await only_item(service))["line"]
    # When it is given to units that do not read it, it is refused
    for unit, rule in (("health:30", "mark_unit_of_others"), ("police:291", "mark_unit_of_elsewhere")):
        refused = await mark(service, line, "assigned", to_unit=unit)
        assert (refused.status_code, [one["rule"] for one in refused.json()["errors"]]) == (422, [rule])
    # When it is given to the commune's police, it is theirs
    assert (await mark(service, line, "assigned", to_unit=UNIT)).status_code == 200
    own = service.as_("clerk", UNIT, "10513", **PURPOSE)
    body = {"rows": [], "unit": UNIT}
    (item,) = (await service.client.post(f"/v1/forms/{FORM}/matches", json=body, headers=own)).json()["items"]
    assert (item["mark"]["to_unit"], item["mine"]) == (UNIT, True)
    # And to nobody else, nor when it is done
    assert (await only_item(service))["mine"] is False
    await mark(service, line, "done")
    (item,) = (await service.client.post(f"/v1/forms/{FORM}/matches", json=body, headers=own)).json()["items"]
    assert item["mine"] is False


async def test_of_two_who_mark_one_finding_the_second_is_told_what_stands(owner_of: Owner) -> None:
    service = await registered(owner_of, FORM)
    line = (await only_item(service))["line"]
    await mark(service, line, "assigned", to_unit=UNIT, seen="none")
    second = await mark(service, line, "assigned", to_person="binh", seen="none")
    assert (second.status_code, second.json()["errors"][0]["rule"]) == (409, "mark_seen_other")


@pytest.mark.parametrize(
    ("by", "headers", "status", "rule"),
    [
        ({"role": "operator", "unit": "police:30", "area": "30"}, PURPOSE, 403, "right_missing"),
        ({"role": "clerk", "unit": "police:291", "area": "291"}, PURPOSE, 404, "match_line_unknown"),
        ({"role": "clerk", "unit": "health:30", "area": "30"}, PURPOSE, 404, "match_line_unknown"),
        ({"role": "analyst", "unit": "police:30", "area": "30"}, PURPOSE, 403, "right_missing"),
        ({"role": "admin", "unit": "police:30", "area": "30"}, PURPOSE, 403, "right_missing"),
        ({"role": "official", "unit": "police:291", "area": "291"}, PURPOSE, 404, "match_line_unknown"),
        ({"role": "official", "unit": "health:30", "area": "30"}, PURPOSE, 404, "match_line_unknown"),
        ({"role": "official", "unit": "committee:30", "area": "30"}, PURPOSE, 404, "match_line_unknown"),
        ({"role": "official", "unit": "police:30", "area": "30"}, {}, 400, "purpose_missing"),
    ],
)
async def test_who_does_not_read_the_record_marks_nothing(
    owner_of: Owner, by: dict[str, str], headers: dict[str, str], status: int, rule: str
) -> None:
    service = await registered(owner_of, FORM)
    line = (await only_item(service))["line"]
    refused = await mark(service, line, "done", by=by, headers=headers)
    assert (refused.status_code, refused.json()["rule"]) == (status, rule)
    assert (await only_item(service))["mark"] is None


async def test_what_no_match_finds_and_what_cannot_stand_is_refused(owner_of: Owner) -> None:
    service = await registered(owner_of, FORM)
    item = await only_item(service)
    record = item["record"]
    for line in ("none", f"same.{record}", "only_ours.x", f"only_ours.{'0' * 32}"):
        assert (await mark(service, line, "done")).json()["rule"] == "match_line_unknown", line
    for given, rule in (
        ({"note": "CCCD 030 - / - 090001234"}, "mark_identity_number"),
        ({"on": "2099-01-01"}, "mark_in_future"),
        ({"to_unit": UNIT}, "mark_whom_unfit"),
    ):
        refused = await mark(service, item["line"], "done", **given)
        assert [one["rule"] for one in refused.json()["errors"]] == [rule]
    assert (await only_item(service))["mark"] is None


async def test_against_another_register_nothing_can_be_marked(owner_of: Owner) -> None:
    # Given a patient of one register, who is not in a list of another form
    service = await registered(owner_of, "methadone")
    answer = await against(service, "detox", [], against="methadone")
    # Then the finding is about the list, and no line of the record
    assert [(item["line"], item["mark"]) for item in answer["items"]] == [(None, None)] * len(answer["items"])


async def test_marks_are_never_changed_and_notes_are_under_the_field_keys(owner_of: Owner) -> None:
    # Given a mark with a note
    service = await registered(owner_of, FORM)
    headers = service.as_("operator", "committee:30", "30")
    before = (await service.client.get("/v1/keys/fields", headers=headers)).json()["identities"]
    await mark(service, (await only_item(service))["line"], "done", note="bí mật nghiệp vụ")
    # Then it is encrypted, and counted among what the keys have encrypted
    assert "bí mật nghiệp vụ" not in await service.dump()
    after = (await service.client.get("/v1/keys/fields", headers=headers)).json()["identities"]
    assert sum(after.values()) == sum(before.values()) + 1
    # And the database refuses whoever changes a mark
    with pytest.raises(psycopg.errors.RestrictViolation):
        async with service.platform.uow() as session:
            await (await raw(session)).execute("DELETE FROM line_mark")
