"""The demonstration's register files: the same every time, valid row by row, equal to the published totals."""

import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from contracts.areas import area_book
from contracts.forms import FORMS, Kind
from contracts.units import parse_unit
from deploy.demo.generate import build
from deploy.demo.published import Published, published
from tests.unit.demo.handed_in import HandedIn, Row, key_of, read
from tests.unit.demo.recount import Count, status_on

_LAST = datetime(2024, 1, 31)  # noqa: DTZ001  a cell's date has no zone of its own
_YEAR = (date(2023, 1, 1), date(2023, 12, 31))
_CONFLICT_PERIOD = (date(2023, 1, 1), date(2023, 12, 14))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Path]]:
    return build(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def handed_in(files: list[tuple[str, Path]]) -> HandedIn:
    return read(files)


@pytest.fixture(scope="module")
def count(handed_in: HandedIn) -> Count:
    return Count(handed_in)


def _value(count: Count, line: Published) -> int:
    if line.as_of is not None:
        return count.stock(line.figure, line.as_of)
    assert line.period_from is not None
    assert line.period_to is not None
    return count.flow(line.figure, line.period_from, line.period_to)


def test_two_runs_write_the_same_bytes(files: list[tuple[str, Path]], tmp_path: Path) -> None:
    again = build(tmp_path)
    assert [(form, path.name) for form, path in again] == [(form, path.name) for form, path in files]
    for (_, first), (_, second) in zip(files, again, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name


def test_another_seed_makes_other_people_with_the_same_totals(
    files: list[tuple[str, Path]], tmp_path: Path
) -> None:
    other = build(tmp_path, seed=7)
    assert any(one.read_bytes() != two.read_bytes() for (_, one), (_, two) in zip(files, other, strict=True))
    count = Count(read(other))
    assert {line.figure: _value(count, line) for line in published()} == {
        line.figure: line.value for line in published()
    }


@pytest.mark.parametrize(
    "line", published(), ids=lambda line: f"{line.figure}-{line.period_from or line.as_of}"
)
def test_a_second_count_of_the_files_equals_the_published_total(count: Count, line: Published) -> None:
    assert _value(count, line) == line.value


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


@pytest.mark.parametrize(
    ("year", "sites"), [(2010, 3), (2011, 4), (2015, 6), (2016, 9), (2019, 9), (2020, 10)]
)
def test_methadone_sites_opened_in_the_reported_years(count: Count, year: int, sites: int) -> None:
    assert count.stock("methadone.sites", date(year, 12, 31)) == sites


def test_determination_facilities_are_2_of_the_province_12_of_districts_213_of_communes(
    handed_in: HandedIn,
) -> None:
    day = date(2023, 12, 31)
    levels = Counter(
        row["level"]
        for row in handed_in.rows("facilities")
        if "determination" in row["does"]
        and row["valid_from"] <= day
        and (row["valid_to"] is None or day < row["valid_to"])
    )
    assert levels == {"province": 2, "district": 12, "commune": 213}


def test_prolonged_conflicts_are_83_land_11_economic_4_love_10_other_and_none_is_resolved_stably(
    handed_in: HandedIn,
) -> None:
    first, last = _CONFLICT_PERIOD
    prolonged = [
        row for row in handed_in.rows("conflicts") if row["prolonged"] and first <= row["detected_on"] <= last
    ]
    assert Counter(row["cause"] for row in prolonged) == {"land": 83, "economic": 11, "love": 4, "other": 10}
    assert all(status_on(row, last) != "resolved_stable" for row in prolonged)


def test_the_hot_communes_are_the_three_that_the_report_names(handed_in: HandedIn) -> None:
    day = date(2023, 12, 14)
    hot = [
        row["commune_code"]
        for row in handed_in.rows("area_classes")
        if row["scheme"] == "drug_hot"
        and row["valid_from"] <= day
        and (not row["valid_to"] or day < row["valid_to"])
    ]
    assert sorted(hot) == ["10513", "10516", "11017"]


def test_district_targets_add_up_to_the_provinces(handed_in: HandedIn) -> None:
    values = {row["area_code"]: row["value"] for row in handed_in.rows("targets")}
    assert values.pop("30") == sum(values.values()) == 180
    assert len(values) == 12


def test_slips_and_admissions_outnumber_their_persons(count: Count, handed_in: HandedIn) -> None:
    assert count.flow("determination.slips", *_YEAR) > count.flow("determination.concluded", *_YEAR)
    admitted = [
        row
        for row in handed_in.rows("detox")
        if row["kind"] == "compulsory" and _YEAR[0] <= row["admitted_on"] <= _YEAR[1]
    ]
    assert len(admitted) > count.flow("detox.compulsory_admitted", *_YEAR)


def test_links_across_registers_decide_counts(count: Count, handed_in: HandedIn) -> None:
    """Numbers link most, names some, four pairs of namesakes must stay apart, and two communes list six persons."""
    people, day = count.people, date(2023, 12, 14)
    assert people.contradictions == 4
    assert people.joined_by_name > 100
    addicts = [row for row in count.listed(day) if row["status"] == "addict"]
    assert len(addicts) == len({people.of("registry", row) for row in addicts}) + 6
    listed = {people.of("registry", row) for row in addicts}
    patients = {people.of("methadone", row) for row in handed_in.rows("methadone") if row["ended_on"] is None}
    assert len(listed & patients) > 400


def test_admissions_decide_presence_where_the_registry_is_silent(count: Count, handed_in: HandedIn) -> None:
    day = date(2023, 12, 14)
    where = count.presence(day)
    addicts = {count.people.of("registry", row) for row in count.listed(day) if row["status"] == "addict"}
    stated = {
        count.people.of("registry", row)
        for row in handed_in.rows("registry")
        if row["presence"] == "detox_facility" and row["status_from"] <= day
    }
    places = Counter(where.get(person, "unknown") for person in addicts)
    assert places == {
        "community": 682,
        "detox_facility": 236,
        "detained": 109,
        "absent": 68,
        "unknown": 24,
        "removed": 1,
    }
    assert sum(where.get(person) == "detox_facility" and person not in stated for person in addicts) > 20


def test_registers_hold_duplicates_corrections_and_withdrawn_rows_that_matter(handed_in: HandedIn) -> None:
    for form in ("registry", "determination", "methadone", "drug_cases", "conflicts", "places"):
        lines = [row for name, row in handed_in.lines if name == form]
        versions: dict[tuple[str, ...], list[Row]] = {}
        for row in lines:
            versions.setdefault(key_of(form, row), []).append(row)
        assert any(row["void"] for row in lines), form
        assert any(rows[0] == rows[1] for rows in versions.values() if len(rows) > 1), form
        assert any(rows[0] != rows[-1] and not rows[-1]["void"] for rows in versions.values()), form
    before = HandedIn(in_force={form: {} for form in FORMS})
    for form, row in handed_in.lines:
        if row["recorded_on"] < datetime(2024, 1, 5) and not row["void"]:  # noqa: DTZ001
            before.in_force[form][key_of(form, row)] = row
    assert Count(before).flow("determination.addicted", *_YEAR) != 275
