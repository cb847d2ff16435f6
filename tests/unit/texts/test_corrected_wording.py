"""Wording that users found wrong stays corrected: what a text must say now, and what it must not say again."""

import pytest

from reference import FIGURES, area_book, unit_kinds
from services.reporting.documents import (
    grids,
    reconciled,
    sections_drugs,
    sections_health,
    sections_incidents,
    tables,
)
from services.reporting.documents.parts import Breakdown, Prose
from services.reporting.figures import dimension_names
from tests.support.packs import COMMUNE_UID, PROVINCE_UID
from tools.texts import read_catalogues

TEXTS = {text.code: text.text for languages in read_catalogues().values() for text in languages["vi"]}


@pytest.mark.parametrize(
    ("code", "now"),
    [
        ("reconcile_step_already_known", "Số cơ quan đã nắm khi báo cáo nhưng nhập vào hệ thống sau"),
        ("reconcile_step_other_status", "Tính vào diện khác (phiếu kết luận khác với sổ quản lý)"),
        (
            "header_missing",
            "Không thấy dòng tên cột của “{form}” trong 20 dòng đầu; hãy ghi tên cột như trong sổ mẫu (khopso template)",
        ),
        ("void_unknown", "Không tìm thấy bản ghi số {number} để hủy"),
        ("stack.starting_stores", "đang khởi động PostgreSQL và Kafka"),
        ("consumer_unknown", "Không có tiến trình đọc mang tên này"),
        ("closing_entry_changed", "Bản chốt số {number} đã bị sửa: mã kiểm chứng không khớp"),
    ],
)
def test_text_says(code: str, now: str) -> None:
    assert TEXTS[code] == now


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("closing_exists", "Muốn thay thế, hãy ban hành lại: khopso close reissue {period}"),
        ("dimension", "Không phân tổ được theo tiêu thức này. Có thể phân tổ theo: {allowed}"),
        (
            "report_period",
            "năm (--year), hoặc lịch và kỳ (--calendar, --period), hoặc bản chốt (--closing)",
        ),
    ],
)
def test_text_has_the_part(code: str, part: str) -> None:
    assert part in TEXTS[code]


@pytest.mark.parametrize(
    "gone",
    ["(official)", "(transferred)", "bộ tiêu thụ", "bộ đọc", "mắt xích", "hộp thư đi", "ban hành lần sau"],
)
def test_no_text_says(gone: str) -> None:
    assert [code for code, text in TEXTS.items() if gone.casefold() in text.casefold()] == []


@pytest.mark.parametrize(
    ("figure", "name"),
    [
        ("drug_cases.seized_grams", "Khối lượng ma túy thu giữ (gam)"),
        (
            "drug_cases.seized_grams_by_air_or_post",
            "Khối lượng thu giữ qua đường hàng không, bưu chính (gam)",
        ),
        ("drug_cases.disguised_drug", "Vụ liên quan đến ma túy “núp bóng”"),
        ("drug_cases.organising_or_harbouring", "Vụ tổ chức, chứa chấp việc sử dụng trái phép chất ma túy"),
        ("conflicts.cause.land", "Mâu thuẫn về đất đai"),
        ("conflicts.status.in_progress", "Mâu thuẫn đang giải quyết"),
        ("venues.at_risk.disguised_business", "Cơ sở kinh doanh “núp bóng” có nguy cơ"),
    ],
)
def test_figure_is_called(figure: str, name: str) -> None:
    assert FIGURES[figure].vi == name


def test_no_name_of_a_conflict_has_a_colon() -> None:
    assert [code for code, one in FIGURES.items() if code.startswith("conflicts.") and ":" in one.vi] == []


@pytest.mark.parametrize(
    ("kind", "uid", "office"), [("health", PROVINCE_UID, "Sở Y tế"), ("police", COMMUNE_UID, "Công an")]
)
def test_unit_is_named_with_the_kind_of_its_area_in_lower_case(kind: str, uid: str, office: str) -> None:
    area = area_book().by_uid[uid]  # "Tỉnh …", "Phường …", "Xã …"
    kinds = (one for one in unit_kinds() if (one.code_word, one.level) == (kind, area.level))
    assert next(kinds).named(area.name) == f"{office} {area.name[0].lower()}{area.name[1:]}"


def test_refusal_of_a_dimension_names_the_others_in_vietnamese_with_their_codes() -> None:
    text = dimension_names(("area", "sex"))
    assert (text.vi, text.en) == ("địa bàn trực thuộc (area), giới tính (sex)", "area, sex")


def test_rows_of_printed_tables_are_called() -> None:
    assert reconciled.DECLARED == "Số liệu đơn vị báo cáo"
    assert grids.OVERLAP == "Trừ phần tính trùng (một người ở nhiều dòng)"
    assert tables._FIRST_VERSION == "phiên bản đầu"
    (causes,) = [
        part.names
        for part in sections_incidents.FIRES.parts
        if isinstance(part, Breakdown) and "arson" in part.names
    ]
    assert causes["arson"] == "Cố ý đốt"


def test_prose_counts_entries_and_exits_alike_and_puts_disguise_in_quotation_marks() -> None:
    prose = "".join(
        part.text
        for section in (sections_drugs.DRUGS, sections_health.TREATMENT)
        for part in section.parts
        if isinstance(part, Prose)
    )
    assert "lượt người vào điều trị" in prose
    assert "{methadone.left} lượt người ra khỏi điều trị" in prose
    assert "vụ liên quan đến ma túy “núp bóng”" in prose
    assert "cơ sở núp bóng" not in prose
