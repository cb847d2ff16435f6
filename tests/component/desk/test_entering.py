"""One record typed into a page: saved, refused with everything typed kept, sent twice, a number that returns, rights."""

from collections.abc import Mapping
from uuid import uuid4

import pytest

from contracts.forms import FORMS
from tests.component.desk.conftest import browser_of, cells, inputs, keeper_of, said
from tests.support.keepers import SITE, clerk
from tests.support.packs import COMMUNE
from tests.support.registers import Service, types

PERSON = {
    "patient_no": "MMT-7",
    "full_name": "Nguyễn Văn Thử",
    "birth_date": "05031990",
    "sex": "male",
    "national_id": "",
    "commune_code": COMMUNE,
    "enrolled_on": "10022023",
    "facility_code": SITE,
}


async def enter(service: Service, row: Mapping[str, str], form: str = "methadone", **more: str):  # type: ignore[no-untyped-def]
    given = {"request_id": str(uuid4()), **more}
    return await keeper_of(service, form).send(f"forms/{form}/new", **cells(row), **given)


@pytest.mark.parametrize("form", sorted(form for form in FORMS if FORMS[form].service != "reporting"))
async def test_every_form_is_drawn_with_an_input_for_each_of_its_columns(
    desks: Mapping[str, Service], form: str
) -> None:
    # When a clerk of the unit that keeps the form opens it
    answer = await keeper_of(desks[FORMS[form].service], form).get(f"forms/{form}/new")
    # Then every column but the mark of withdrawal has an input with the form's own heading
    assert answer.status_code == 200, answer.text
    for column in FORMS[form].columns:
        assert (f'name="c-{column.id}"' in answer.text) == (column.id != "void"), column.id
        assert column.id == "void" or column.vi in said(answer.text), column.vi
    assert answer.headers["cache-control"] == "no-store"


async def test_a_record_is_saved_once_however_often_the_form_is_sent(treatment: Service) -> None:
    given = {"request_id": str(uuid4())}
    # When the form is sent twice, as by a double click
    answers = [await enter(treatment, PERSON, **given) for _ in range(2)]
    # Then both lead to the one record, and both say that it is saved
    places = {answer.headers["location"] for answer in answers}
    assert len(places) == 1
    assert "outcome=accepted" in places.pop()
    assert types(await treatment.events()) == ["methadone.enrolled"]
    page = await keeper_of(treatment, "methadone").follow(answers[1])
    assert "Nguyễn Văn Thử" in said(page.text)
    assert "05/03/1990" in said(page.text)


async def test_the_next_record_begins_with_the_facility_and_the_day_and_nothing_of_the_person(
    treatment: Service,
) -> None:
    # When a record is saved and the next one is to be entered
    answer = await enter(treatment, PERSON, then="next")
    page = await keeper_of(treatment, "methadone").follow(answer)
    # Then facility and day are filled in, the person is not, and the address names the record by its id alone
    found = inputs(page.text)
    assert {name: text for name, text in found.items() if text} == {
        "facility_code": SITE,
        "enrolled_on": "10/02/2023",
    }
    assert "MMT-7" not in answer.headers["location"]


async def test_the_next_record_is_of_the_unit_and_the_clinician_of_the_last_one(treatment: Service) -> None:
    # Given a clerk of the office above, who enters slips of a site, and a clinician of it
    office = browser_of(treatment, "health:30")
    clinician = {"clinician_no": "BS-7", "valid_from": "01/01/2023", "full_name": "Bùi Thị Bác Sĩ"}
    listed = await treatment.post_row("clinicians", clinician | {"facility_code": SITE}, **clerk("health:30"))
    assert listed.status_code == 201, listed.text
    slip = {
        **{name: text for name, text in PERSON.items() if name not in ("patient_no", "enrolled_on")},
        "slip_no": "P-1",
        "clinician_no": "BS-7",
        "requested_on": "01/05/2023",
        "concluded_on": "05/05/2023",
        "conclusion": "addicted",
        "unit_code": SITE,
    }
    # When a slip is saved and the next one is to be entered
    given = {"request_id": str(uuid4()), "then": "next"}
    page = await office.follow(await office.send("forms/determination/new", **cells(slip), **given))
    # Then it begins with unit, site, clinician and day
    assert {name: text for name, text in inputs(page.text).items() if text} == {
        "facility_code": SITE,
        "clinician_no": "BS-7",
        "concluded_on": "05/05/2023",
        "unit_code": SITE,
    }


async def test_a_form_sent_blank_says_so_in_the_words_of_a_page(treatment: Service) -> None:
    # When nothing is typed
    answer = await enter(treatment, {})
    # Then the page asks for what is required, and speaks of no row
    assert answer.status_code == 422
    assert "Chưa nhập gì: hãy điền các mục bắt buộc" in said(answer.text)
    assert "Dòng trống" not in said(answer.text)


async def test_what_was_typed_stays_where_a_row_is_refused(treatment: Service) -> None:
    # When two cells are wrong
    wrong = {**PERSON, "birth_date": "31/02/1990", "commune_code": ""}
    answer = await enter(treatment, wrong)
    # Then nothing is written, every cell is as it was typed, and each fault leads to its input
    assert answer.status_code == 422
    found = inputs(answer.text)
    assert found["full_name"] == "Nguyễn Văn Thử"
    assert found["birth_date"] == "31/02/1990"
    assert 'href="#c-birth_date"' in answer.text
    assert 'href="#c-commune_code"' in answer.text
    assert await treatment.events() == []


async def test_the_faults_are_those_of_the_interface_in_the_same_words(treatment: Service) -> None:
    # Given what the interface answers to a row
    row = {**PERSON, "birth_date": "?", "sex": "x", "facility_code": "", "enrolled_on": "10/02/2023"}
    told = (await treatment.post_row("methadone", row)).json()["errors"]
    # When the same is typed into the page
    page = said((await enter(treatment, row)).text)
    # Then it says the same, in the language of the page
    texts = [each["message"]["vi"] for each in told]
    assert texts
    assert [text for text in texts if " ".join(text.split()) not in page] == []


async def test_a_number_that_returns_is_shown_side_by_side_and_replaced_only_when_asked(
    treatment: Service,
) -> None:
    await enter(treatment, PERSON)
    other = {**PERSON, "full_name": "Trần Thị Khác", "birth_date": "01/01/1980", "sex": "female"}
    # When the number is used for somebody else
    refused = await enter(treatment, other)
    # Then both are shown, and a choice
    assert refused.status_code == 422
    assert "Nguyễn Văn Thử" in said(refused.text)
    assert "Trần Thị Khác" in said(refused.text)
    assert 'name="replace"' in refused.text
    # And with the choice made, the record is replaced
    replaced = await enter(treatment, other, replace="yes")
    assert replaced.status_code in (200, 303)
    assert types(await treatment.events()) == ["methadone.enrolled", "methadone.corrected"]


@pytest.mark.parametrize("role", ["official", "analyst", "admin", "operator"])
async def test_only_clerks_enter_records(treatment: Service, role: str) -> None:
    browser = browser_of(treatment, SITE, role)
    answer = await browser.send("forms/methadone/new", **cells(PERSON))
    assert answer.status_code == 403
    assert "text/html" in answer.headers["content-type"]
    assert await treatment.events() == []


async def test_a_form_that_the_service_does_not_keep_is_not_there(treatment: Service) -> None:
    assert (await keeper_of(treatment, "methadone").get("forms/fires/new")).status_code == 404
