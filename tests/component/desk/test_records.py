"""Records on pages: found, listed, read with their history, corrected, withdrawn, entered again; by whom they may be."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.component.desk.conftest import Browser, browser_of, cells, inputs, keeper_of, said
from tests.component.desk.test_entering import PERSON, enter
from tests.support.keepers import CAMP, SITE
from tests.support.packs import OTHER_COMMUNE
from tests.support.registers import Service, types


async def entered(service: Service) -> str:
    """The address of a record that was entered."""
    answer = await enter(service, PERSON)
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
    answer = await keeper_of(treatment, "methadone").send("search", name="nguyen van thu")
    assert answer.status_code == 200
    assert f'href="{record}"' in answer.text
    assert await treatment.query("SELECT 1 FROM audit WHERE parameters::text LIKE '%nguyen%'") == []
    assert await treatment.query("SELECT 1 FROM audit WHERE route = '/treatment/search'")


async def test_a_search_without_terms_says_what_is_missing_and_keeps_what_was_typed(
    treatment: Service,
) -> None:
    answer = await keeper_of(treatment, "methadone").send("search", birth_year="19x0")
    assert answer.status_code == 422
    assert 'href="#birth_year"' in answer.text
    assert 'value="19x0"' in answer.text


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
    withdrawn = await browser.follow(await browser.send(f"{record}/withdraw"))
    assert "đã được rút" in said(withdrawn.text)
    restored = await browser.follow(await browser.send(f"{record}/restore"))
    assert "Nguyễn Văn Thử" in said(restored.text)
    assert types(await treatment.events()) == ["methadone.enrolled", "methadone.voided", "methadone.enrolled"]


@pytest.mark.parametrize("unit", [CAMP, "police:10513"])
async def test_a_record_of_another_unit_is_not_there(treatment: Service, unit: str) -> None:
    record = await entered(treatment)
    other = browser_of(treatment, unit)
    for path in (record, f"{record}/correct"):
        assert (await other.get(path)).status_code == 404
    for path in (f"{record}/correct", f"{record}/withdraw", f"{record}/restore"):
        assert (await other.send(path)).status_code == 404
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
