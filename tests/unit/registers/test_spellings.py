"""Dates and names as offices write them, read or refused by the one rule that files, HTTP and Kafka share."""

from datetime import date

import pytest

from contracts.forms import FORMS
from services.registers.cell_error import CellError
from services.registers.cells import parse
from tests.support.register_rows import FULL
from tests.unit.registers.building import broken

BIRTH = FORMS["registry"].by_id["birth_date"]
NAME = FORMS["registry"].by_id["full_name"]


@pytest.mark.parametrize(
    "written",
    [
        "05/02/1990", "5/2/1990", "05-02-1990", "5.2.1990", "05.02.1990", "05 / 02 / 1990", "5 - 2 - 1990", "05\\02\\1990",
        "1990-02-05", "1990-2-5", "1990/2/5", "1990.02.05", "ngày 05 tháng 02 năm 1990", "Ngày 5 tháng 2 năm 1990",
        "5 tháng 2, năm 1990", "05/02/1990 00:00", "5.2.1990 0:00:00", "1990-2-5 00:00", "1990-02-05T00:00:00",
    ],
)  # fmt: skip
def test_one_day_in_every_spelling_that_has_one_meaning(written: str) -> None:
    assert parse(BIRTH, written) == date(1990, 2, 5)


@pytest.mark.parametrize(
    "written",
    ["05/02/90", "1/3/24", "00/00/1990", "02/1990", "05/02-1990", "31.02.1990", "05/13/1990", "5 2 1990", "ngày 5 tháng 2",
     "5.2.1990 08:30"],
)  # fmt: skip
def test_what_could_mean_two_days_or_none_is_refused_with_the_way_to_write_it(written: str) -> None:
    with pytest.raises(CellError) as refused:
        parse(BIRTH, written)
    assert refused.value.rule == "birth"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("NguyÔn V¨n Thö", "Nguyễn Văn Thử"),
        ("TrÇn §øc NghiÖm", "Trần Đức Nghiệm"),
        ("Lª ThÞ Thö", "Lê Thị Thử"),
        ("Nguyeãn Vaên Thöû", "Nguyễn Văn Thử"),
        ("Nguyễn Văn Thử".encode().decode("cp1252", errors="ignore"), None),
        ("Trần Đức".encode().decode("latin-1").replace("\x90", "\u0090"), None),
    ],
)
def test_a_name_from_before_unicode_is_refused_with_what_it_means(written: str, meant: str | None) -> None:
    with pytest.raises(CellError) as refused:
        parse(NAME, written)
    if meant is not None:
        assert (refused.value.rule, refused.value.parts["after"]) == ("old_encoding", meant)


@pytest.mark.parametrize(
    "name", ["Nguyễn Văn Thử", "K'Brê", "H’Hen Niê", "Müller", "José", "Ðình Hoà", "Hòa"]
)
def test_names_in_unicode_are_taken(name: str) -> None:
    assert parse(NAME, name)


def test_the_rule_holds_for_every_column_of_words() -> None:
    assert broken("facilities", {**FULL["facilities"], "name": "Tr¹m Y tÕ ph\u00adêng"}) == {
        ("name", "old_encoding")
    }
