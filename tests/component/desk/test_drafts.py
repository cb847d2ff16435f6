"""Drafts: what is typed and not saved is there again for the same person, and for nobody else."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.security import FieldCipher
from services.registers.drafts import Drafts
from tests.component.desk.conftest import Browser, browser_of, cells, inputs, keeper_of, said
from tests.component.desk.test_entering import PERSON, enter
from tests.component.desk.test_records import entered
from tests.support.keepers import SITE
from tests.support.packs import OTHER_COMMUNE
from tests.support.registers import Service, types

FORM = "forms/methadone"
HALF = {"patient_no": "MMT-8", "full_name": "Lê Văn Nháp", "facility_code": SITE}
_BY_SCRIPT = {"accept": "text/plain"}


def script_of(browser: Browser) -> Browser:
    """The same browser, as its script asks."""
    return Browser(browser.service, {**browser.headers, **_BY_SCRIPT})


async def keep(service: Service, row: Mapping[str, Any] = HALF, number: str = "") -> str:
    """The id of a draft that was kept by the button."""
    given = number or str(uuid4())
    answer = await keeper_of(service, "methadone").send(f"{FORM}/draft", request_id=given, **cells(row))
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"/treatment/{FORM}/new?draft={given}"
    return given


async def test_a_draft_is_offered_when_the_form_is_opened_again_and_fills_it_in(treatment: Service) -> None:
    browser = keeper_of(treatment, "methadone")
    # Given a form that is half filled in
    number = await keep(treatment)
    # When it is opened again, as after a new sign-in
    page = await browser.get(f"{FORM}/new")
    # Then the draft is offered, and nothing is filled in yet
    assert f'href="/treatment/{FORM}/new?draft={number}"' in page.text
    assert inputs(page.text)["full_name"] == ""
    # And chosen, it fills in what was typed, under its own id
    again = await browser.get(f"{FORM}/new", draft=number)
    assert {name: text for name, text in inputs(again.text).items() if text} == HALF
    assert f'name="request_id" value="{number}"' in again.text
    # And the desk offers it, too
    assert f"?draft={number}" in (await browser.get("/treatment/")).text


async def test_the_script_is_told_that_the_draft_is_kept_and_each_typing_replaces_the_former(
    treatment: Service,
) -> None:
    script, number = script_of(keeper_of(treatment, "methadone")), str(uuid4())
    for name in ("Lê", "Lê Văn Nháp"):
        answer = await script.send(f"{FORM}/draft", request_id=number, **cells({**HALF, "full_name": name}))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        assert answer.text.startswith("Đã lưu nháp lúc")
    page = await keeper_of(treatment, "methadone").get(f"{FORM}/new", draft=number)
    assert inputs(page.text)["full_name"] == "Lê Văn Nháp"
    assert await treatment.query("SELECT count(*) FROM draft") == [(1,)]


async def test_a_draft_is_for_its_person_alone(treatment: Service) -> None:
    number = await keep(treatment)
    # When somebody else of the same unit, here an official, opens the form, asks for the draft, and discards it
    other = browser_of(treatment, SITE, "official")
    page = await other.get(f"{FORM}/new")
    assert number not in page.text
    assert "Lê Văn Nháp" not in page.text
    assert (await other.get(f"{FORM}/new", draft=number)).status_code == 404
    await other.send(f"drafts/{number}/discard")
    # Then it is still there for its own person
    assert (await keeper_of(treatment, "methadone").get(f"{FORM}/new", draft=number)).status_code == 200


async def test_a_draft_is_stored_encrypted(treatment: Service) -> None:
    await keep(treatment)
    assert "Nháp" not in await treatment.dump()
    (stored,) = await treatment.query("SELECT sealed FROM draft")
    assert "Nháp".encode() not in bytes(stored[0])


@pytest.mark.parametrize("role", ["official", "analyst", "admin", "operator"])
async def test_only_who_enters_records_keeps_drafts(treatment: Service, role: str) -> None:
    answer = await browser_of(treatment, SITE, role).send(f"{FORM}/draft", **cells(HALF))
    assert answer.status_code == 403
    assert await treatment.query("SELECT 1 FROM draft") == []


async def test_nothing_typed_makes_no_draft(treatment: Service) -> None:
    await keeper_of(treatment, "methadone").send(f"{FORM}/draft", request_id=str(uuid4()), **cells({}))
    assert await treatment.query("SELECT 1 FROM draft") == []


async def test_saving_the_record_removes_its_draft_and_a_late_one_does_not_come_back(
    treatment: Service,
) -> None:
    number = await keep(treatment)
    # When the form is saved, and the script's last draft comes after it
    assert (await enter(treatment, PERSON, request_id=number)).status_code == 303
    late = await script_of(keeper_of(treatment, "methadone")).send(
        f"{FORM}/draft", request_id=number, **cells(HALF)
    )
    # Then there is no draft
    assert late.status_code == 409
    assert "?draft=" not in (await keeper_of(treatment, "methadone").get("/treatment/")).text
    assert await treatment.query("SELECT 1 FROM draft WHERE sealed IS NOT NULL") == []
    assert types(await treatment.events()) == ["methadone.enrolled"]


async def test_what_was_refused_is_a_draft_until_it_is_saved(treatment: Service) -> None:
    number = str(uuid4())
    refused = await enter(treatment, {**PERSON, "birth_date": "31/02/1990"}, request_id=number)
    assert refused.status_code == 422
    page = await keeper_of(treatment, "methadone").get(f"{FORM}/new", draft=number)
    assert inputs(page.text)["birth_date"] == "31/02/1990"


async def test_a_discarded_draft_is_gone(treatment: Service) -> None:
    browser, number = keeper_of(treatment, "methadone"), await keep(treatment)
    answer = await browser.send(f"drafts/{number}/discard")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/treatment/{FORM}/new")
    gone = await browser.get(f"{FORM}/new", draft=number)
    assert gone.status_code == 404
    assert "không còn" in said(gone.text)


async def test_a_draft_expires(treatment: Service) -> None:
    number = await keep(treatment)
    await treatment.query("UPDATE draft SET kept_at = kept_at - interval '8 days' RETURNING 1")
    assert number not in (await keeper_of(treatment, "methadone").get(f"{FORM}/new")).text
    # And the next one that is kept takes it away
    await keep(treatment)
    assert await treatment.query("SELECT count(*) FROM draft") == [(1,)]


async def test_a_draft_of_a_correction_notices_what_has_changed_since(treatment: Service) -> None:
    record, browser, number = await entered(treatment), keeper_of(treatment, "methadone"), str(uuid4())
    drawn = inputs((await browser.get(f"{record}/correct")).text)
    typed = cells({**drawn, "sex": "male", "full_name": "Nguyễn Văn Thứ"})
    # Given a correction that is kept as a draft, and another one that comes meanwhile
    kept = await browser.send(f"{record}/draft", request_id=number, sequence="1", **typed)
    assert kept.headers["location"] == f"{record}/correct?draft={number}"
    moved = cells({**drawn, "sex": "male", "commune_code": OTHER_COMMUNE})
    await browser.send(f"{record}/correct", request_id=str(uuid4()), sequence="1", **moved)
    # When the draft is taken up and saved
    page = await browser.get(f"{record}/correct", draft=number)
    assert inputs(page.text)["full_name"] == "Nguyễn Văn Thứ"
    sequence = re.findall('name="sequence" value="([0-9]+)"', page.text)[0]
    late = await browser.send(f"{record}/correct", request_id=number, sequence=sequence, **typed)
    # Then it is held, as any correction of what has changed meanwhile
    assert late.status_code == 409
    assert types(await treatment.events()) == ["methadone.enrolled", "methadone.corrected"]


async def test_no_draft_is_kept_of_a_record_that_is_not_read(treatment: Service) -> None:
    record = await entered(treatment)
    other = browser_of(treatment, "police:10513")
    assert (await other.send(f"{record}/draft", **cells(HALF))).status_code == 404


async def test_a_change_of_the_field_key_encrypts_drafts_anew(treatment: Service) -> None:
    number = UUID(await keep(treatment))
    settings, uow = treatment.platform.settings, treatment.platform.uow
    keys = {settings.field_key_current: FieldCipher.of(settings)._keys[settings.field_key_current]}
    renewed = Drafts(FieldCipher({**keys, "next": b"n" * 32}, "next"))
    async with uow() as session:
        assert await renewed.rotate(session, 10) == 1
        assert await renewed.rotate(session, 10) == 0
        assert await renewed.by_key(session) == {"next": 1}
    now = treatment.platform.clock() + timedelta(minutes=1)
    async with uow() as session:
        (found,) = await Drafts(FieldCipher({"next": b"n" * 32}, "next")).of(session, "test-clerk", now)
    assert (found.request_id, found.typed["full_name"]) == (number, "Lê Văn Nháp")
    await treatment.query("DELETE FROM draft RETURNING 1")
