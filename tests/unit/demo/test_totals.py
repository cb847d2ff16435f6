"""The demonstration's files: the same every time, and equal to the published totals when counted a second time."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from contracts.forms import FORMS
from demo.generate import build
from demo.published import Published, published
from tests.unit.demo.handed_in import HandedIn, Row, key_of, read
from tests.unit.demo.recount import Count, status_on

pytestmark = pytest.mark.hai_duong("the files of its demonstration")

_YEAR = (date(2023, 1, 1), date(2023, 12, 31))
_CONFLICT_PERIOD = (date(2023, 1, 1), date(2023, 12, 14))


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


def _without(handed_in: HandedIn, form: str | None, **columns: object) -> HandedIn:
    """The same registers with those columns set so in every row that has them (of one form, or of all)."""
    return HandedIn(
        in_force={
            name: {
                key: row | {column: value for column, value in columns.items() if column in row}
                if form in (None, name)
                else row
                for key, row in rows.items()
            }
            for name, rows in handed_in.in_force.items()
        }
    )


def _birth_years_only(handed_in: HandedIn) -> HandedIn:
    return _without(handed_in, None, birth_date=1970)


def _numbers_unknown(handed_in: HandedIn) -> HandedIn:
    return _without(handed_in, None, national_id=None)


def _plans_ignored(handed_in: HandedIn) -> HandedIn:
    return _without(handed_in, "registry", status_to=None)


def _removals_ignored(handed_in: HandedIn) -> HandedIn:
    return _without(handed_in, "registry", removed_on=None)


def _detox_unheard(handed_in: HandedIn) -> HandedIn:
    return HandedIn(in_force=handed_in.in_force | {"detox": {}})


@pytest.mark.parametrize(
    ("figure", "neglect"),
    [
        ("determination.concluded", _birth_years_only),
        ("determination.concluded", _numbers_unknown),
        ("registry.addicts_with_file", _numbers_unknown),
        ("detox.compulsory_admitted", _numbers_unknown),
        ("registry.users", _plans_ignored),
        ("registry.addicts_with_file", _removals_ignored),
        ("registry.addicts_in_community", _detox_unheard),
    ],
    ids=lambda part: part if isinstance(part, str) else part.__name__.strip("_"),
)
def test_each_rule_of_counting_is_needed_to_reach_the_total(
    handed_in: HandedIn, figure: str, neglect: Callable[[HandedIn], HandedIn]
) -> None:
    line = next(line for line in published() if line.figure == figure)
    assert _value(Count(neglect(handed_in)), line) != line.value
