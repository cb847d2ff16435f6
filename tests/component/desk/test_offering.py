"""What a form offers on the day that is typed into it, names taken for codes, and a citizen card that fills it in."""

import re
from collections.abc import Mapping
from datetime import date
from html import unescape
from typing import Any
from uuid import uuid4

import pytest

from reference import area_book, bare
from tests.component.desk.conftest import cells, inputs, keeper_of, said
from tests.component.desk.test_entering import PERSON, enter
from tests.support.keepers import CAMP, SITE, clerk
from tests.support.packs import COMMUNE, ended_commune
from tests.support.registers import Service

FORM, MAY = "forms/methadone", date(2023, 5, 5)
CLINIC = {
    "facility_code": "TT-09",
    "valid_from": "01/01/2023",
    "valid_to": "30/06/2023",
    "name": "Phòng khám Nam Sách",
    "level": "district",
    "commune_code": COMMUNE,
    "does": "methadone",
}
CARD = "030090000123|140123456|Lê Thị Thẻ|05031990|Nữ|Thôn 1, Nam Đồng, Hải Dương|01072021"


async def listed(service: Service, **other: str) -> None:
    """A clinic of the first half of 2023 is on the list of facilities."""
    answer = await service.post_row("facilities", CLINIC | other, **clerk("health:30"))
    assert answer.status_code == 201, answer.text


def offered(page: str, column: str) -> dict[str, str]:
    """What an input offers: by what it fills in, the words beside it."""
    found = re.search(rf'<datalist id="c-{column}-choices">(.*?)</datalist>', page, re.DOTALL)
    assert found is not None, page
    options = re.findall(r'<option value="([^"]*)">(.*?)</option>', found[1])
    return {unescape(value): unescape(text) for value, text in options}


async def filled(service: Service, row: Mapping[str, str], **more: str) -> Any:
    """The form drawn again as it is typed."""
    return await keeper_of(service, "methadone").send(f"{FORM}/fill", **cells(row), **more)


async def test_facilities_are_offered_that_do_what_the_form_is_about_on_its_day(treatment: Service) -> None:
    # Given a clinic that was listed until June, and a detox centre
    await listed(treatment)
    before = len(await treatment.events())
    # When a day of May is typed, then it is offered; when one of August is, it is not; the centre never
    for typed, wanted in (
        ("05052023", {f"{SITE} – Trung tâm Y tế mẫu", "TT-09 – Phòng khám Nam Sách"}),
        ("05/08/2023", {f"{SITE} – Trung tâm Y tế mẫu"}),
    ):
        page = (await filled(treatment, {**PERSON, "enrolled_on": typed})).text
        assert offered(page, "facility_code").keys() == wanted
        assert inputs(page)["full_name"] == PERSON["full_name"]
    detox = await keeper_of(treatment, "detox").get("forms/detox/new")
    assert offered(detox.text, "facility_code") == {CAMP: "Cơ sở cai nghiện mẫu"}
    # And nothing was saved, or kept as a draft
    assert len(await treatment.events()) == before
    assert "?draft=" not in (await keeper_of(treatment, "methadone").get("/treatment/")).text


async def test_clinicians_are_offered_while_their_certificate_holds_and_without_their_names(
    treatment: Service,
) -> None:
    row = {
        "clinician_no": "BS-7",
        "valid_from": "01/01/2023",
        "valid_to": "30/06/2023",
        "full_name": "Bùi Thị Bác Sĩ",
        "facility_code": SITE,
    }
    answer = await treatment.post_row("clinicians", row, **clerk("health:30"))
    assert answer.status_code == 201, answer.text
    for concluded, wanted in (("05/05/2023", {"BS-7": "Trung tâm Y tế mẫu"}), ("05/08/2023", {})):
        page = await keeper_of(treatment, "determination").send(
            "forms/determination/fill", **cells({"concluded_on": concluded})
        )
        assert offered(page.text, "clinician_no") == wanted
        assert "Bác Sĩ" not in page.text


async def test_communes_are_those_of_the_day_and_are_found_without_marks(treatment: Service) -> None:
    # Given a commune that has ended since
    ended = ended_commune(MAY)
    entry = f"{ended.code} – {ended.name}"
    then = offered((await filled(treatment, {"enrolled_on": "05/05/2023"})).text, "commune_code")
    now = offered((await filled(treatment, {})).text, "commune_code")
    # Then it is offered on a day on which it was there, beside it its name as it is typed without marks
    assert then[entry] == bare(ended.name)
    assert len(then) == sum(
        area.level == "commune" and area.exists_on(MAY) for area in area_book().by_uid.values()
    )
    # And a form without a day offers what there is today
    today = treatment.platform.clock().date()
    assert (entry in now) == ended.exists_on(today)


async def test_a_name_that_is_one_facilitys_is_its_code(treatment: Service) -> None:
    await listed(treatment)
    answer = await enter(treatment, {**PERSON, "facility_code": "nam sach"})
    page = await keeper_of(treatment, "methadone").follow(answer)
    assert "TT-09" in said(page.text)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("nam sách", ["TT-09 – Phòng khám Nam Sách", "TT-10 – Trạm Nam Sách"]),  # two have both words
        ("Phòng khám Nam S", ["TT-09 – Phòng khám Nam Sách"]),  # it only begins so
        ("Bệnh viện Lạ", ["Không có tên này trong danh sách ngày 10/02/2023"]),
    ],
)
async def test_a_name_of_several_or_of_none_is_a_fault_that_says_which(
    treatment: Service, typed: str, told: list[str]
) -> None:
    await listed(treatment)
    await listed(treatment, facility_code="TT-10", name="Trạm Nam Sách")
    before = len(await treatment.events())
    answer = await enter(treatment, {**PERSON, "facility_code": typed, "birth_date": "?"})
    # Then nothing is written, and all that is wrong is told at once
    assert answer.status_code == 422
    assert [text for text in told if text not in said(answer.text)] == []
    assert {'href="#c-facility_code"', 'href="#c-birth_date"'} <= set(
        re.findall(r'href="#c-\w+"', answer.text)
    )
    assert inputs(answer.text)["facility_code"] == typed
    assert len(await treatment.events()) == before


async def test_a_code_that_no_list_has_is_no_name(treatment: Service) -> None:
    # A list may be behind the register: such a row is taken, as everywhere else
    answer = await enter(treatment, {**PERSON, "facility_code": "CS – 77"})
    assert answer.status_code in (200, 303)


async def test_a_card_fills_in_who_it_is_and_the_line_is_not_kept(treatment: Service) -> None:
    typed = {"patient_no": "MMT-9", "facility_code": SITE}
    # When the line of a scanner, which ends it as if the form was sent, arrives at the button that saves
    answer = await keeper_of(treatment, "methadone").send(
        f"{FORM}/new", card=CARD, request_id=str(uuid4()), **cells(typed)
    )
    # Then the form is filled in, what was typed has stayed, and nothing is saved
    assert answer.status_code == 200, answer.text
    found = inputs(answer.text)
    assert {name: text for name, text in found.items() if text} == {
        "patient_no": "MMT-9",
        "full_name": "Lê Thị Thẻ",
        "birth_date": "05/03/1990",
        "national_id": "030090000123",
        "facility_code": SITE,
    }
    assert '<option value="female" selected>' in answer.text
    assert "Thôn 1, Nam Đồng, Hải Dương" in said(answer.text)
    assert await treatment.events() == []
    # And the line is nowhere on the page, nor in what a draft would keep
    assert CARD not in unescape(answer.text)
    assert "140123456" not in answer.text
    assert await treatment.query("SELECT 1 FROM draft") == []


@pytest.mark.parametrize(
    ("part", "wrong", "place"),
    [
        (0, "03009000012", "Phần thứ 1"),
        (1, "14012", "Phần thứ 2"),
        (2, "", "Phần thứ 3"),
        (3, "31021990", "Phần thứ 4"),
        (4, "?", "Phần thứ 5"),
        (6, "2021", "Phần thứ 7"),
        (6, None, "dòng này có 6"),
    ],
)
async def test_a_line_that_is_no_cards_is_told_with_its_place_and_not_given_back(
    treatment: Service, part: int, wrong: str | None, place: str
) -> None:
    parts: list[str | None] = [*CARD.split("|")]
    parts[part] = wrong
    line = "|".join(one for one in parts if one is not None)
    answer = await filled(treatment, {"patient_no": "MMT-9"}, card=line)
    assert answer.status_code == 422
    assert place in said(answer.text)
    assert 'href="#card"' in answer.text
    assert inputs(answer.text)["patient_no"] == "MMT-9"
    assert "Lê Thị Thẻ" not in answer.text
