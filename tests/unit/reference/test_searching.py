"""Areas and figures are found as people type them: without diacritics, without their kind, by codes old and new."""

from datetime import date

import pytest

from reference import Area, Words, area_book, bare, find_areas, find_figures
from services.linkage import normalise_name

ALL = [area for _, area in sorted(area_book().by_uid.items())]


def area(uid: str, name: str) -> Area:
    code, _, year = uid.partition("@")
    return Area(uid, code, name, "commune", None, date(int(year), 1, 1), None, None, None)


WARD, COMMUNE = area("10513@2008", "Phường Ngọc Châu"), area("11500@2008", "Xã Ngọc Châu")
TOWN, OTHER = area("10606@2008", "Thị trấn Nam Sách"), area("10700@2008", "Xã Châu Ngọc Sơn")
CITY, SUCCESSOR = area("288@2008", "Thành phố Hải Dương"), area("10525@2025", "Phường Hải Dương")
FORMER = area("10525@2008", "Phường Trần Hưng Đạo")
SOME = [WARD, COMMUNE, TOWN, OTHER, CITY, SUCCESSOR, FORMER]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Ngọc Châu", [WARD, COMMUNE, OTHER]),
        ("ngoc chau", [WARD, COMMUNE, OTHER]),
        ("NGỌC  CHÂU", [WARD, COMMUNE, OTHER]),
        ("Ngo\u0323c Cha\u0302u", [WARD, COMMUNE, OTHER]),
        ("xã Ngọc Châu", [COMMUNE, WARD, OTHER]),
        ("P. Ngọc Châu", [WARD, COMMUNE, OTHER]),
        ("Ngọc Chấu", []),
        ("ngoc ch", [WARD, OTHER, COMMUNE]),
        ("nam sach", [TOWN]),
        ("TT Nam Sách", [TOWN]),
        ("hai duong", [CITY, SUCCESSOR]),
        ("phuong hai duong", [SUCCESSOR, CITY]),
        ("tran hung dao", [FORMER]),
        ("Tran Hưng Đao", [FORMER]),
        ("10525", [FORMER, SUCCESSOR]),
        ("10525@2025", [SUCCESSOR]),
        ("105", []),
        ("Thị trấn", [TOWN]),
        ("nowhere", []),
        ("  ", []),
    ],
)
def test_an_area_is_found_by_what_people_call_it(asked: str, found: list[Area]) -> None:
    assert [one.uid for one in find_areas(asked, SOME)] == [one.uid for one in found]


def test_every_area_of_the_pack_is_the_first_that_its_name_finds_and_is_found_without_diacritics() -> None:
    for one in ALL:
        found = find_areas(one.name, ALL)
        same = [other for other in ALL if normalise_name(other.name) == normalise_name(one.name)]
        assert found[: len(same)] == sorted(same, key=lambda area: (area.code, area.valid_from or date.min))
        assert one in find_areas(bare(one.name), ALL)
        assert one in find_areas(one.code, ALL)


def test_marks_that_are_typed_must_be_there_wherever_in_the_syllable_they_stand() -> None:
    assert Words("hòa").rank(["Xã Hoà Bình"]) == 2
    assert Words("hoa").rank(["Xã Hoà Bình"]) == 2
    assert Words("hoá").rank(["Xã Hoà Bình"]) is None
    assert Words("ho").rank(["Xã Hoà Bình"]) == 3
    assert Words("").rank(["Xã Hoà Bình"]) is None


def test_a_figure_is_found_by_a_word_in_either_language_or_in_its_code() -> None:
    for asked in (
        "nguoi nghien ho so",
        "addicts file",
        "registry.addicts_with_file",
        "registry addicts file",
    ):
        assert [figure.code for figure in find_figures(asked)][:1] == ["registry.addicts_with_file"]
    assert [figure.code for figure in find_figures("vụ cháy")] == ["fires.cases"]
    assert find_figures("people who fly") == []
