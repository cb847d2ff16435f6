"""Rules that follow from a form's description: every fault of a row, and none that `docs/handing-in.md` does not know."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.support.packs import PROVINCE, PROVINCE_UID, ended_commune
from tests.support.register_rows import FULL, IDENTITY
from tests.unit.registers.building import broken, good, key, row_of

METHADONE = FULL["methadone"]
TARGET = FULL["targets"]


def but(form: str, **changed: Any) -> dict[str, Any]:
    return {**FULL[form], **changed}


@pytest.mark.parametrize("form", sorted(FULL))
def test_a_full_row_has_no_fault(form: str) -> None:
    good(form, FULL[form], datetime(2024, 7, 1, tzinfo=UTC))


def test_every_fault_of_a_row_is_told_at_once() -> None:
    values = but(
        "methadone", full_name="", birth_date="99/99/1990", sex="?", national_id="12", commune_code="99999",
        enrolled_on="10/08/2023", ended_on="09/08/2023", end_reason="vanished", ghi_chu="x",
    )  # fmt: skip
    assert broken("methadone", values) == {
        ("full_name", "required"),
        ("birth_date", "birth"),
        ("sex", "code"),
        ("national_id", "national_id"),
        ("commune_code", "commune_unknown"),
        ("ended_on", "order"),
        ("end_reason", "code"),
        ("ghi_chu", "unknown_column"),
    }


def test_headers_may_be_vietnamese_in_any_spelling() -> None:
    named = {
        "MÃ NGƯỜI BỆNH": "MMT-7",
        "Họ và  tên": "A B",
        **{k: v for k, v in METHADONE.items() if k not in ("patient_no", "full_name")},
    }
    assert good("methadone", named).text("patient_no") == "MMT-7"
    assert ("full_name", "column_twice") in broken("methadone", {**METHADONE, "Họ và tên": "A B"})


def test_a_fault_names_cell_value_and_both_languages() -> None:
    fault = row_of("methadone", but("methadone", sex="nam nữ"))[1][0]
    assert (fault.row, fault.field, fault.value, fault.rule) == (2, "sex", "nam nữ", "code")
    assert "male" in fault.message.en
    assert "danh mục" in fault.message.vi


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"recorded_on": "10/08/2023"}, None),
        ({"recorded_on": "10/08/2023 00:01"}, None),
        ({"recorded_on": "09/08/2023 23:59"}, ("recorded_on", "recorded_before")),
        ({"recorded_on": "16/01/2024"}, ("recorded_on", "future")),
        ({"recorded_on": ""}, None),
        ({"ended_on": "16/01/2024", "recorded_on": ""}, ("ended_on", "future")),
        ({"ended_on": "15/01/2024", "recorded_on": "15/01/2024"}, None),
    ],
)
def test_a_row_is_not_recorded_before_what_it_tells_nor_in_the_future(
    changed: dict[str, str], fault: tuple[str, str] | None
) -> None:
    assert broken("methadone", but("methadone", **changed)) == ({fault} if fault else set())


def test_plans_may_lie_ahead() -> None:
    assert not broken(
        "targets",
        {**TARGET, "period_from": "01/01/2024", "period_to": "31/12/2024", "recorded_on": "02/01/2024"},
    )
    assert not broken("post_detox", but("post_detox", until_on="06/03/2035"))


def test_an_instant_is_compared_with_an_instant_and_a_day_with_a_day() -> None:
    fire = but("fires", recorded_on="06/01/2023 01:00")
    assert broken("fires", fire) == {("recorded_on", "recorded_before")}
    assert not broken("fires", but("fires", recorded_on="06/01/2023"))
    assert broken("fires", but("fires", recorded_on="05/01/2023")) == {("recorded_on", "recorded_before")}


def test_columns_that_need_another() -> None:
    assert broken("methadone", but("methadone", ended_on="")) == {("end_reason", "needs")}
    assert broken("places", but("places", valid_to="")) == {("end_reason", "needs")}


def test_a_commune_code_counts_on_the_records_own_date() -> None:
    ended = ended_commune(date(2023, 1, 5))
    later = datetime(2026, 1, 1, tzinfo=UTC)
    assert not broken("fires", but("fires", commune_code=ended.code))
    gone = {
        **FULL["fires"],
        "alarm_at": f"{ended.valid_to:%d/%m/%Y} 10:00",
        "commune_code": ended.code,
        "arrived_at": "",
        "controlled_at": "",
        "out_at": "",
        "recorded_on": "",
    }
    assert broken("fires", gone, later) == {("commune_code", "commune")}
    assert broken("fires", but("fires", commune_code="00001")) == {("commune_code", "commune_unknown")}


def test_birth_after_the_record_is_refused_and_in_its_year_accepted() -> None:
    assert broken("arrests", but("arrests", birth_date="11/05/2023")) == {("birth_date", "birth_after")}
    assert broken("arrests", but("arrests", birth_date="2024")) == {("birth_date", "birth_after")}
    assert not broken("arrests", but("arrests", birth_date="2023"))


def test_a_withdrawal_needs_its_key_only() -> None:
    row = good("methadone", {"patient_no": "MMT-7", "enrolled_on": "10/02/2023", "void": "x", "sex": "?"})
    assert row.void
    assert row.content() == {"patient_no": "MMT-7", "enrolled_on": "2023-02-10"}
    assert broken("methadone", {"void": "có"}) == {("patient_no", "required"), ("enrolled_on", "required")}
    assert broken("arrests", {"void": "có", "case_no": "1"}) == {
        ("full_name", "required"),
        ("birth_date", "required"),
    }
    assert not broken("arrests", {"void": "có", "case_no": "1", "national_id": "030090001234"})


def test_declared_takes_one_day_or_one_period() -> None:
    base = {"agency": "police", "figure": "methadone.active", "area_code": PROVINCE, "value": "592"}
    day = good("declared", {**base, "as_of": "19/12/2023"})
    period = good("declared", {**base, "period_from": "01/01/2023", "period_to": "31/12/2023"})
    assert key(day).split("\x1f")[2:] == [PROVINCE_UID, "2023-12-19"]
    assert key(period).split("\x1f")[2:] == [PROVINCE_UID, "2023-01-01+2023-12-31"]
    assert ("as_of", "either") in broken("declared", base)
    both = {**base, "as_of": "19/12/2023", "period_from": "01/01/2023", "period_to": "31/12/2023"}
    assert broken("declared", both) == {("as_of", "either")}
    assert ("period_from", "needs") in broken("declared", {**base, "period_from": "01/01/2023"})


def test_a_key_of_identity_is_not_readable_and_stays_the_same_in_any_spelling() -> None:
    first = key(good("arrests", but("arrests", national_id="", full_name="Nguyễn  Văn Hoà")))
    second = key(good("arrests", but("arrests", national_id="", full_name="NGUYỄN VĂN HÒA", outcome="")))
    assert first == second
    assert "1990" not in first
    assert "nguy" not in first.casefold()
    by_number = key(good("arrests", but("arrests", full_name="Khác Hẳn")))
    assert by_number == key(good("arrests", FULL["arrests"]))
    assert IDENTITY["national_id"] not in by_number


def test_unreadable_columns_silence_the_rules_that_need_them() -> None:
    assert broken("methadone", but("methadone", enrolled_on="?")) == {("enrolled_on", "date")}


@pytest.mark.parametrize("form", sorted(FULL))
def test_an_empty_row_is_one_fault_and_not_one_for_each_column(form: str) -> None:
    rules = {rule for _, rule in broken(form, dict.fromkeys(FULL[form], " "))}
    assert rules == {"empty_row"}
    assert {rule for _, rule in broken(form, {})} == {"empty_row"}


@pytest.mark.parametrize("words", ["Tổng cộng", "CỘNG:", "Tổng số 15 người", "Lũy kế năm 2024", "Total"])
def test_a_row_of_totals_is_one_fault(words: str) -> None:
    assert broken("methadone", {"full_name": words, "national_id": "12"}) == {("patient_no", "total_row")}


def test_a_record_with_a_number_of_its_own_is_judged_column_by_column() -> None:
    found = broken("methadone", {"patient_no": "M-1", "full_name": "Tổng Văn Thử"})
    assert {("enrolled_on", "required"), ("birth_date", "required")} <= found
