"""Entries of the lists that templates offer: written once, read back as the codes that they stand for."""

import pytest

from contracts.forms import FORMS, list_entry, split_entry
from reference import FIGURES, area_book
from services.registers import CellError, parse
from tests.support.packs import COMMUNE, DISTRICT, renamed_area

COMMUNE_COLUMN = FORMS["fires"].by_id["commune_code"]
AREA_COLUMN = FORMS["targets"].by_id["area_code"]
FACILITY_COLUMN = FORMS["methadone"].by_id["facility_code"]
UNIT_COLUMN = FORMS["fires"].by_id["unit_code"]


def test_every_area_of_the_province_is_read_back_as_itself() -> None:
    book = area_book()
    for area in book.by_uid.values():
        read = parse(AREA_COLUMN, list_entry(area.code, area.name))
        assert area in book.named(read)


def test_the_name_decides_which_of_two_areas_of_one_code_is_meant() -> None:
    # Given a code that two areas had, one after the other
    old, new = renamed_area()
    # When each is chosen by its name, then the code carries its year
    for area in (old, new):
        if sum(other.name == area.name for other in area_book().named(area.code)) == 1:
            assert parse(AREA_COLUMN, list_entry(area.code, area.name)) == area.uid


def test_a_code_beside_the_name_of_another_place_is_refused_with_its_own_names() -> None:
    with pytest.raises(CellError) as refused:
        parse(COMMUNE_COLUMN, f"{COMMUNE} – Xã không có thật")
    assert refused.value.rule == "entry_name"
    assert refused.value.parts["code"] == COMMUNE
    assert area_book().named(COMMUNE)[0].name in str(refused.value.parts["names"])


@pytest.mark.parametrize("dash", ["-", "–", "—"])
def test_an_entry_is_read_with_any_dash(dash: str) -> None:
    name = area_book().named(DISTRICT)[0].name
    assert parse(AREA_COLUMN, f"{DISTRICT} {dash} {name}").partition("@")[0] == DISTRICT


def test_facilities_and_units_are_read_by_the_code_of_their_entry() -> None:
    assert parse(FACILITY_COLUMN, "TYT-10513 – Trạm Y tế phường Ngọc Châu") == "TYT-10513"
    assert parse(UNIT_COLUMN, f"police:{COMMUNE} – Công an phường") == f"police:{COMMUNE}"


def test_a_number_that_only_names_a_record_is_no_entry() -> None:
    number = "VV-01 – Vụ thứ nhất"
    assert parse(FORMS["fires"].by_id["incident_no"], number) == number


@pytest.mark.parametrize("text", ["CS – 01", "VD – CS – 01", "CS-01", "Trạm Y tế – phường A", "CS-01 – TTYT"])
def test_a_code_with_blanks_around_its_dash_is_no_entry(text: str) -> None:
    assert split_entry(text) == (text, "")


def test_what_could_not_be_told_apart_again_is_listed_by_its_code_alone() -> None:
    assert list_entry("TTYT", "Trung tâm Y tế") == "TTYT"
    assert list_entry("CS-01", "TTYT") == "CS-01"


def test_figures_are_read_by_their_vietnamese_names() -> None:
    column = FORMS["declared"].by_id["figure"]
    for code, figure in FIGURES.items():
        assert parse(column, figure.vi) == code
