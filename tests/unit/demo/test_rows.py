"""Every row of the demonstration's files is one that a unit could hand in."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from contracts.forms import FORMS, Kind
from reference.pack.areas import area_book
from reference.units import parse_unit
from services.registers.checks import read as read_row
from services.registers.row import RawRow
from tests.unit.demo.handed_in import HandedIn, Row, cells, key_of

pytestmark = pytest.mark.hai_duong("the files of its demonstration")

_LAST = datetime(2024, 1, 31)  # noqa: DTZ001  a cell's date has no zone of its own


def test_every_form_is_handed_in_and_directories_come_before_the_slips_that_name_them(
    files: list[tuple[str, Path]],
) -> None:
    order = [form for form, _ in files]
    assert set(order) == set(FORMS)
    assert max(order.index(form) for form in ("facilities", "clinicians")) < order.index("determination")


def test_styles_are_mixed_as_in_real_registers(files: list[tuple[str, Path]]) -> None:
    texts = [path.read_bytes() for _, path in files if path.suffix == ".csv"]
    assert any(path.suffix == ".xlsx" for _, path in files)
    assert any(text.startswith("\ufeff".encode()) and b";" in text.splitlines()[0] for text in texts)
    assert any(text.startswith(b"record_no,") for text in texts)
    assert any(re.search(rb"\d\d/\d\d/\d{4}", text) for text in texts)
    assert any(re.search(rb"\d{4}-\d\d-\d\d", text) for text in texts)


def _faults(form: str, row: Row) -> list[str]:
    """What a service would refuse in the row, by the form's description."""
    spec = FORMS[form]
    faults = [
        f"{column.id} missing" for column in spec.columns if column.required and row[column.id] in (None, "")
    ]
    for column in spec.columns:
        value = row[column.id]
        if value is None:
            continue
        if column.codes and not set(value if isinstance(value, list) else [value]) <= set(column.codes):
            faults.append(f"{column.id} {value!r} is no code")
        if column.minimum is not None and value < column.minimum:
            faults.append(f"{column.id} {value} too small")
        if column.kind is Kind.NATIONAL_ID and not re.fullmatch(r"\d{12}|\d{9}", value):
            faults.append(f"{value} is no national id")
    for chain in spec.order:
        filled = [row[name] for name in chain if row[name] is not None]
        if filled != sorted(filled):
            faults.append(f"{chain} goes backwards: {filled}")
    faults += [f"{first} without {needed}" for first, needed in spec.paired if row[first] and not row[needed]]
    return faults + _date_faults(form, row) + _place_faults(form, row)


def _date_faults(form: str, row: Row) -> list[str]:
    noted = row["recorded_on"]
    facts = [
        row[column.id]
        for column in FORMS[form].columns
        if column.kind in (Kind.DATE, Kind.DATETIME) and not column.plan and row[column.id] is not None
    ]
    moments = [
        fact if isinstance(fact, datetime) else datetime.combine(fact, datetime.min.time()) for fact in facts
    ]
    faults = [] if all(moment <= noted for moment in moments) else [f"recorded {noted} before {max(moments)}"]
    if noted > _LAST:
        faults.append(f"recorded {noted}, after the report")
    birth = row.get("birth_date")
    if birth is not None and (birth if isinstance(birth, int) else birth.year) > 2007:
        faults.append(f"born {birth}")
    return faults


def _place_faults(form: str, row: Row) -> list[str]:
    day = next((row[name] for name in FORMS[form].dated_by if row[name] is not None), None)
    if day is None:
        return ["no date of its own"]
    day = day.date() if isinstance(day, datetime) else day
    faults = [] if parse_unit(row["unit_code"]) else [f"no unit {row['unit_code']}"]
    faults += [
        f"{row[name]} was no area on {day}"
        for name in ("commune_code", "area_code")
        if name in row and area_book().resolve(row[name], day) is None
    ]
    return faults


def test_every_row_obeys_its_form(handed_in: HandedIn) -> None:
    faults = [(form, row, found) for form, row in handed_in.lines if (found := _faults(form, row))]
    assert faults == []


def test_a_changed_row_is_written_down_no_earlier_than_the_row_it_changes(handed_in: HandedIn) -> None:
    noted: dict[tuple[str, ...], datetime] = {}
    for form, row in handed_in.lines:
        key = (form, *key_of(form, row))
        assert noted.get(key, row["recorded_on"]) <= row["recorded_on"], row
        noted[key] = row["recorded_on"]


def test_every_slip_names_a_facility_and_a_clinician_valid_from_request_to_conclusion(
    handed_in: HandedIn,
) -> None:
    def valid(row: Row, day: date) -> bool:
        return row["valid_from"] <= day and (row["valid_to"] is None or day < row["valid_to"])

    facilities, clinicians = handed_in.rows("facilities"), handed_in.rows("clinicians")
    slips = [row for form, row in handed_in.lines if form == "determination"]
    for slip in slips:
        for day in (slip["requested_on"], slip["concluded_on"]):
            assert any(
                row["facility_code"] == slip["facility_code"]
                and "determination" in row["does"]
                and valid(row, day)
                for row in facilities
            ), slip
            assert any(
                row["clinician_no"] == slip["clinician_no"]
                and row["facility_code"] == slip["facility_code"]
                and valid(row, day)
                for row in clinicians
            ), slip


def test_conclusions_agree_with_the_criteria(handed_in: HandedIn) -> None:
    for slip in handed_in.rows("determination"):
        assert (slip["criteria_met"] >= 3) == (slip["conclusion"] == "addicted"), slip


def test_citizen_numbers_agree_with_sex_and_birth_year_and_come_from_the_invented_range(
    handed_in: HandedIn,
) -> None:
    numbers = [row for _, row in handed_in.lines if len(row.get("national_id") or "") == 12]
    assert numbers
    for row in numbers:
        number, birth = row["national_id"], row["birth_date"]
        year = birth if isinstance(birth, int) else birth.year
        digit = (year >= 2000) * 2 + (row["sex"] == "female")
        assert number[:7] == f"030{digit}{year % 100:02d}9", row


def test_the_names_say_that_they_are_invented(handed_in: HandedIn) -> None:
    named = {row["full_name"].split()[0].casefold() for _, row in handed_in.lines if row.get("full_name")}
    assert named == {"mẫu", "thử", "giả", "nháp", "ví"}


def test_the_services_own_reader_finds_no_fault_in_any_row(files: list[tuple[str, Path]]) -> None:
    now = datetime(2024, 2, 1, tzinfo=UTC)
    faults = [
        fault
        for form, path in files
        for number, values in enumerate(cells(path), start=2)
        for fault in read_row(FORMS[form], RawRow(number, values), unit="committee:30", now=now).faults
    ]
    assert faults == []
