"""Records on pages: found, listed, read with their history, corrected, withdrawn, entered again; by whom they may be."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from services.chassis.runtime import parse_field_keys
from services.chassis.security import FieldCipher
from services.registers import Vault
from services.registers.withdrawal_notes import WithdrawalNotes, read_note
from tests.component.desk.conftest import Browser, browser_of, cells, inputs, keeper_of, said
from tests.component.desk.test_entering import PERSON, enter
from tests.support.keepers import CAMP, SITE
from tests.support.packs import OTHER_COMMUNE
from tests.support.registers import Service, types


async def entered(service: Service, **cells_of_it: str) -> str:
    """The address of a record that was entered."""
    answer = await enter(service, {**PERSON, **cells_of_it})
    return str(answer.headers["location"].partition("?")[0])


async def correct(browser: Browser, record: str, **changed: str) -> httpx.Response:
    """The answer to a correction: the form as it was drawn, with some cells typed over."""
    page = (await browser.get(f"{record}/correct")).text
    drawn: dict[str, Any] = {name: text for name, text in inputs(page).items() if name != "unit_code"}
    sequence = page.partition('name="sequence" value="')[2].partition('"')[0]
    return await browser.send(
        f"{record}/correct", sequence=sequence, **cells({**drawn, "sex": "male", **changed})
    )


async def test_the_desk_counts_the_registers_of_the_unit_and_nobody_elses(
    desks: Mapping[str, Service],
) -> None:
    treatment = desks["treatment"]
    await entered(treatment)
    page = said((await browser_of(treatment, SITE).get("/treatment/")).text)
    assert "Sổ điều trị methadone 1 Nhập bản ghi" in page
    assert (
        "Danh sách cơ sở"
        not in said((await browser_of(treatment, CAMP).get("/treatment/")).text).partition("Tìm")[0]
    )


async def test_a_record_is_found_by_its_name_without_diacritics_and_the_name_is_in_no_address(
    treatment: Service,
) -> None:
    record = await entered(treatment)
    answer = await keeper_of(treatment, "methadone").send("search", text="nguyen van thu")
    assert answer.status_code == 200
    assert f'href="{record}"' in answer.text
    assert await treatment.query("SELECT 1 FROM audit WHERE parameters::text LIKE '%nguyen%'") == []
    assert await treatment.query("SELECT 1 FROM audit WHERE route = '/treatment/search'")


async def test_a_search_without_terms_says_what_is_missing_and_keeps_what_was_typed(
    treatment: Service,
) -> None:
    # Given nothing that can be looked for
    for typed in ("", "  ", "...", "x" * 201):
        answer = await keeper_of(treatment, "methadone").send("search", text=typed)
        # Then the page leads to the box, which has what was typed
        assert answer.status_code == 422
        assert 'href="#text"' in answer.text
        assert f'value="{typed}"' in answer.text


@pytest.mark.parametrize(
    "typed",
    [
        "MMT-7",
        "mmt-7",
        "nguyen van thu",
        "Nguyễn Văn Thử",
        " nguyễn  văn thử 1990 ",
        "001090000007",
        "001 090 000 007",
    ],
)
async def test_one_box_takes_a_number_a_name_or_an_identity_number(treatment: Service, typed: str) -> None:
    record = await entered(treatment, national_id="001090000007")
    answer = await keeper_of(treatment, "methadone").send("search", text=typed)
    assert answer.status_code == 200
    assert f'href="{record}"' in answer.text


@pytest.mark.parametrize("typed", ["nguyen van thu 1991", "MMT-8", "001090000008", "tran thi thu"])
async def test_one_box_finds_nothing_of_another_number_name_or_year(treatment: Service, typed: str) -> None:
    await entered(treatment, national_id="001090000007")
    answer = await keeper_of(treatment, "methadone").send("search", text=typed)
    assert "Không tìm thấy bản ghi nào" in said(answer.text)


async def test_a_record_whose_number_has_the_form_of_an_identity_number_is_found_by_it(
    treatment: Service,
) -> None:
    record = await entered(treatment, patient_no="123456789")
    answer = await keeper_of(treatment, "methadone").send("search", text="123456789")
    assert f'href="{record}"' in answer.text


async def test_the_list_of_a_register_leads_to_its_records(treatment: Service) -> None:
    record = await entered(treatment)
    answer = await keeper_of(treatment, "methadone").get("forms/methadone/records")
    assert answer.status_code == 200
    assert f'href="{record}"' in answer.text
    assert "MMT-7" in said(answer.text)


async def test_a_correction_sends_the_changed_cells_alone_and_its_history_says_old_and_new(
    treatment: Service,
) -> None:
    record, browser = await entered(treatment), keeper_of(treatment, "methadone")
    # When one cell is typed over
    answer = await correct(browser, record, commune_code=OTHER_COMMUNE)
    # Then the record is corrected, and says who changed what
    assert "outcome=corrected" in answer.headers["location"]
    page = said((await browser.follow(answer)).text)
    assert "→" in page
    assert "test-clerk" in page
    assert types(await treatment.events()) == ["methadone.enrolled", "methadone.corrected"]
    # And sent as it was drawn, it changes nothing
    assert "outcome=unchanged" in (await correct(browser, record)).headers["location"]
    assert len(await treatment.events()) == 2


async def test_a_blank_cell_of_a_correction_clears_its_value(treatment: Service) -> None:
    await enter(treatment, {**PERSON, "national_id": "030090001234"})
    browser = keeper_of(treatment, "methadone")
    listed = (await browser.get("forms/methadone/records")).text
    record = "/treatment/records/" + listed.partition("/treatment/records/")[2][:36]
    assert "030090001234" in (await browser.get(record)).text
    answer = await correct(browser, record, national_id="")
    assert "outcome=corrected" in answer.headers["location"]
    values = said((await browser.follow(answer)).text).partition("Lịch sử")[0]
    assert "030090001234" not in values


async def test_a_correction_of_what_somebody_else_has_changed_meanwhile_is_held_and_keeps_the_typing(
    treatment: Service,
) -> None:
    record, browser = await entered(treatment), keeper_of(treatment, "methadone")
    # Given a form that was drawn before a colleague's correction
    await correct(browser, record, commune_code=OTHER_COMMUNE)
    # When it is sent
    late = await browser.send(
        f"{record}/correct", sequence="1", **cells({**PERSON, "full_name": "Nguyễn Văn Thứ"})
    )
    # Then nothing is written and the typing is there
    assert late.status_code == 409
    assert inputs(late.text)["full_name"] == "Nguyễn Văn Thứ"
    assert len(await treatment.events()) == 2


async def test_a_record_is_withdrawn_and_entered_again_as_it_was(treatment: Service) -> None:
    record, browser = await entered(treatment), keeper_of(treatment, "methadone")
    sent = await browser.send(f"{record}/withdraw", reason="entered_twice")
    withdrawn = await browser.follow(sent)
    assert "đã được rút" in said(withdrawn.text)
    assert "Lý do rút: Nhập trùng" in said(withdrawn.text)
    assert (await treatment.events())[-1].data.reason == "entered_twice"
    restored = await browser.follow(await browser.send(f"{record}/restore"))
    assert "Nguyễn Văn Thử" in said(restored.text)
    assert types(await treatment.events()) == ["methadone.enrolled", "methadone.voided", "methadone.enrolled"]


async def test_a_withdrawal_without_a_reason_is_refused_and_asks_for_it(treatment: Service) -> None:
    record, browser = await entered(treatment), keeper_of(treatment, "methadone")
    for said_reason in ("", "because"):
        answer = await browser.send(f"{record}/withdraw", reason=said_reason)
        assert answer.status_code == 422
        assert 'href="#reason"' in answer.text
        assert "Hãy chọn lý do rút" in said(answer.text)
    assert types(await treatment.events()) == ["methadone.enrolled"]


async def test_the_interface_withdraws_for_a_reason_once_and_the_first_reason_stays(
    treatment: Service,
) -> None:
    record = (await entered(treatment)).rpartition("/")[2]
    keeper = treatment.keeper("methadone")
    path = f"/v1/records/{record}"
    # When it is withdrawn twice, for different reasons
    answers = [
        await treatment.client.post(f"{path}/withdrawal", json={"reason": reason}, headers=keeper)
        for reason in ("wrong_person", "wrong_unit")
    ]
    # Then it is withdrawn once, and the history has the reason of then
    assert [answer.json()["outcome"] for answer in answers] == ["withdrawn", "unchanged"]
    history = (await treatment.client.get(path, headers=keeper)).json()["history"]
    assert [(step["step"], step["reason"]) for step in history] == [
        ("entered", None),
        ("withdrawn", "wrong_person"),
    ]
    # And a reason that is none, and a caller of another unit, are refused
    wrong = await treatment.client.post(f"{path}/withdrawal", json={"reason": "x"}, headers=keeper)
    assert [(fault["field"], fault["rule"]) for fault in wrong.json()["errors"]] == [
        ("reason", "withdrawal_reason")
    ]
    other = treatment.as_("clerk", "police:10513")
    said_so = {"reason": "other", "note": "x"}
    refused = await treatment.client.post(f"{path}/withdrawal", json=said_so, headers=other)
    assert refused.status_code == 404


async def test_another_reason_is_said_in_words_which_are_kept_encrypted_for_whoever_reads_the_person(
    treatment: Service,
) -> None:
    record, browser = await entered(treatment), keeper_of(treatment, "methadone")
    note = "Sổ giấy của bà Thử bị ướt"
    # Given another reason without words, and with too many: the page asks at its field and keeps what was chosen
    for typed, rule in (("  ", "withdrawal_note"), ("x" * 501, "too_long")):
        answer = await browser.send(f"{record}/withdraw", reason="other", note=typed)
        assert answer.status_code == 422, rule
        assert 'href="#note"' in answer.text
        assert '<option value="other" selected>' in answer.text
    path = f"/v1/records/{record.rpartition('/')[2]}"
    keeper = treatment.keeper("methadone")
    bare = await treatment.client.post(f"{path}/withdrawal", json={"reason": "other"}, headers=keeper)
    assert [(one["field"], one["rule"]) for one in bare.json()["errors"]] == [("note", "withdrawal_note")]
    # When it is said
    done = await browser.send(f"{record}/withdraw", reason="other", note=note)
    # Then the history has it, for whoever reads who the record is about
    assert f"Lý do khác – {note}" in said((await browser.follow(done)).text)

    async def told(headers: Mapping[str, str]) -> list[tuple[str | None, str | None]]:
        history = (await treatment.client.get(path, headers=headers)).json()["history"]
        return [(step["reason"], step["note"]) for step in history]

    assert await told(keeper) == [(None, None), ("other", note)]
    assert await told(treatment.as_("clerk", "health:30")) == [(None, None), ("other", None)]
    # And it stands nowhere in the clear, and goes along when the field key changes
    assert note not in await treatment.dump()
    keys = {**parse_field_keys(treatment.platform.settings.field_keys), "next": b"n" * 32}
    renewed = Vault(FieldCipher(keys, "next"), b"d" * 40)
    async with treatment.platform.uow() as session:
        assert await WithdrawalNotes(renewed).rotate(session, 10) == 1
        assert await WithdrawalNotes(renewed).rotate(session, 10) == 0
        assert await WithdrawalNotes(renewed).by_key(session) == {"next": 1}
    ((identifier, sealed),) = await treatment.query("SELECT record_id, note FROM withdrawal")
    alone = Vault(FieldCipher({"next": b"n" * 32}, "next"), b"d" * 40)
    assert read_note(alone, identifier, bytes(sealed)) == note


@pytest.mark.parametrize("unit", [CAMP, "police:10513"])
async def test_a_record_of_another_unit_is_not_there(treatment: Service, unit: str) -> None:
    record = await entered(treatment)
    other = browser_of(treatment, unit)
    for path in (record, f"{record}/correct"):
        assert (await other.get(path)).status_code == 404
    for path in (f"{record}/correct", f"{record}/withdraw", f"{record}/restore"):
        assert (await other.send(path, reason="other")).status_code == 404
    assert types(await treatment.events()) == ["methadone.enrolled"]


async def test_the_office_above_reads_the_person_with_a_purpose_and_the_look_is_written_down(
    treatment: Service,
) -> None:
    record = await entered(treatment)
    office = browser_of(treatment, "health:30")
    without = await office.get(record)
    assert "Nguyễn Văn Thử" not in without.text
    with_purpose = await office.get(record, purpose="inspection")
    assert "Nguyễn Văn Thử" in said(with_purpose.text)
    assert await treatment.query("SELECT 1 FROM look WHERE purpose = 'inspection'")
    assert (await office.get(record, purpose="curious")).status_code == 422
