"""Words that eight readers of the program's Vietnamese put right: the wrong one stands nowhere where users read."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.forms import FORMS
from reference import FIGURES, codes
from services.reporting.documents.vietnamese import MINUS, change, in_text, mass, number
from tools.files import ROOT
from tools.texts import read_catalogues

WRONG = (
    # what it said, and what it says now
    ("Số đơn vị báo cáo", "Số liệu đơn vị báo cáo"),
    ("Cơ quan đã biết những gì", "Số cơ quan đã nắm khi báo cáo nhưng nhập vào hệ thống sau"),
    ("Tính ở trạng thái khác", "Tính vào diện khác"),
    ("Trừ số tính ở nhiều dòng", "Trừ phần tính trùng"),
    ("Gam ma túy thu giữ", "Khối lượng ma túy thu giữ (gam)"),
    ("Gam thu giữ qua đường", "Khối lượng thu giữ qua đường …"),
    ("Vụ ma túy núp bóng", "Vụ liên quan đến ma túy “núp bóng”"),
    ("cơ sở núp bóng", "cơ sở kinh doanh “núp bóng”"),
    ("kinh doanh núp bóng", "kinh doanh “núp bóng”"),
    ("chứa chấp sử dụng", "chứa chấp việc sử dụng trái phép chất ma túy"),
    ("Mâu thuẫn do: ", "Mâu thuẫn về đất đai"),
    ("Mâu thuẫn: Đang", "Mâu thuẫn đang giải quyết"),
    ("người ra khỏi điều trị và", "lượt người ra khỏi điều trị"),
    ("làm tròn nửa lên", "làm tròn số (từ 5 trở lên thì làm tròn lên)"),
    ("trong ngoặc đơn đặt cao", "Chỉ số trong ngoặc đơn"),
    ("nộp chưa đủ thì số cũng chưa đủ", "thì số liệu so sánh chưa đầy đủ"),
    ("(bản gốc)", "(phiên bản đầu)"),
    ("Y tế Thành phố", "Sở Y tế thành phố Hải Phòng"),
    ("Công an Thành phố", "Công an thành phố Hải Phòng"),
    ("Trung tâm Y tế Huyện", "Trung tâm Y tế huyện Nam Sách"),
    ("Công an Phường", "Công an phường Thành Đông"),
    ("ban hành lần sau", "hãy ban hành lại"),
    ("không phải dòng tiêu đề", "Không thấy dòng tên cột của …"),
    ("Không có bản ghi mang khóa này để hủy", "Không tìm thấy bản ghi số … để hủy"),
    ("không chia được theo chiều đó", "Không phân tổ được theo tiêu thức này"),
    ("Các chiều dùng được", "Có thể phân tổ theo"),
    ("Cần nêu kỳ báo cáo: year", "năm (--year), …"),
    ("(official)", "no code in brackets"),
    ("(transferred)", "no code in brackets"),
    ("bộ tiêu thụ", "tiến trình đọc"),
    ("mắt xích", "bản chốt số …"),
    ("hộp thư đi", "no such part"),
)
"""From the trial of the program by its users; `now` is what a reader finds instead."""
_READ = ("services", "khopso", "deploy", "reference", "contracts", "tablecheck", "registerfiles")
_SOURCES = (".py", ".csv", ".typ")


def read_by_users() -> Iterator[tuple[str, str]]:
    """Everything Vietnamese that users read: the catalogue of texts, tables, code lists, and reports written as data."""
    for languages in read_catalogues().values():
        yield from ((text.code, text.text) for text in languages["vi"])
    for folder in _READ:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in _SOURCES and "__pycache__" not in path.parts and not _is_past(path):
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def _is_past(path: Path) -> bool:
    # Usual names of columns are read, not said: offices go on writing them.
    return path.name == "column-names.csv" or "migrations" in path.parts


def said_in(wrong: str, text: str) -> bool:
    """Whether the words stand in the text, at the beginning of a sentence or within it."""
    return wrong in text or wrong[:1].swapcase() + wrong[1:] in text


@pytest.fixture(scope="module")
def texts() -> list[tuple[str, str]]:
    return [(place, unicodedata.normalize("NFC", text)) for place, text in read_by_users()]


@pytest.mark.parametrize(("wrong", "now"), WRONG)
def test_the_wrong_word_stands_nowhere(texts: list[tuple[str, str]], wrong: str, now: str) -> None:
    assert [place for place, text in texts if said_in(wrong, text)] == [], f"say: {now}"


def test_shares_stand_close_to_their_sign() -> None:
    found = [
        text.code
        for languages in read_catalogues().values()
        for text in languages["vi"]
        if re.search(r"[\d}]\s%", text.text)
    ]
    assert found == []


def test_fires_that_were_set_are_called_so_and_the_former_word_is_still_read() -> None:
    from services.registers import parse

    assert codes.FIRE_CAUSE["arson"] == "Cố ý đốt"
    assert parse(FORMS["fires"].by_id["cause"], "Đốt") == "arson"


def test_counts_below_ten_are_written_with_a_zero_in_sentences_and_amounts_are_not() -> None:
    assert (in_text("drug_cases.detected", 2), in_text("drug_cases.detected", 12)) == ("02", "12")
    assert in_text("drug_cases.detected", 0) == "0"
    assert in_text("drug_cases.seized_grams", 2) == "2"


def test_masses_from_a_kilogram_on_are_in_kilograms() -> None:
    assert [mass(grams).replace("\u00a0", " ") for grams in (9_000, 9_500, 950)] == [
        "9 kg",
        "9,5 kg",
        "950 gam",
    ]


def test_differences_have_a_minus_sign_and_no_hyphen() -> None:
    assert (change(-2), change(57), number(-155)) == (f"{MINUS}2", "+57", f"{MINUS}155")
    assert MINUS == "−"


def test_what_is_counted_of_watched_venues_is_called_the_same_everywhere() -> None:
    from reference import measure_of

    assert {measure_of(code)[0] for code in FIGURES if code.startswith("venues.")} == {"cơ sở"}
    assert measure_of("hot_spots.open")[0] == "điểm"
