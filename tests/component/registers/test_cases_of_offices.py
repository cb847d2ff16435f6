"""The files that offices sent, from the file to the record: read as `khopso import` reads them, judged by the services."""

import asyncio
from typing import Any

import pytest

from contracts.forms import FORMS
from khopso.registers.lists import ListRequest, hold
from registerfiles.failure import ContentError
from tests.component.registers.conftest import Desk
from tests.support.cases import CASES, named, rows_of
from tests.support.list_calls import InThread

pytestmark = pytest.mark.hai_duong("files of its offices, with communes of their own")


async def handed_in(desk: Desk, name: str, form: str, **said: Any) -> dict[str, Any]:
    """Hand in a case; return the answer, with what the reader itself refused and told before what the service did."""
    rows, read = rows_of(name, form)
    answer = await desk.hand_in_rows(form, rows, **said)
    faults = [(fault["row"], fault["field"], fault["rule"]) for fault in answer["refused"]]
    notes = [(note["row"], note["field"], note["rule"]) for note in answer["notes"]]
    return {
        **answer,
        "faults": sorted([*named(read.all_faults()), *faults]),
        "told": [*named(read.notes), *notes],
    }


async def values(desk: Desk, form: str) -> dict[str, dict[str, Any]]:
    """What the records of the form say, by their number."""
    found = await desk.records(form)
    number = {"registry": "record_no", "methadone": "patient_no"}.get(form, "case_no")
    return {each["values"][number]: each["values"] for each in found}


async def test_01_dates_of_a_macintosh_are_the_days_that_they_show(desk: Desk) -> None:
    answer = await handed_in(desk, "date1904-mac.xlsx", "registry")
    assert (answer["accepted"], answer["faults"]) == (1, [])
    stored = await values(desk, "registry")
    assert (stored["M-1"]["birth_date"], stored["M-1"]["status_from"]) == ("1990-02-05", "2024-03-01")


async def test_03_days_are_taken_in_every_spelling_that_is_clear(desk: Desk) -> None:
    answer = await handed_in(desk, "date-spellings-so.csv", "registry")
    assert answer["faults"] == [
        (2, "birth_date", "birth"),
        (5, "status_from", "date"),
        (6, "birth_date", "birth"),
        (7, "birth_date", "birth"),
    ]
    stored = await values(desk, "registry")
    assert stored.keys() == {"D-1", "D-2", "D-6", "D-7", "D-8", "D-9", "D-10"}
    days = {(each["birth_date"], each["status_from"]) for each in stored.values()}
    assert days == {("1990-02-05", "2024-03-01")}


async def test_06_numbers_of_people_are_taken_where_their_digits_are_known(desk: Desk) -> None:
    answer = await handed_in(desk, "national-id-so.xlsx", "registry")
    assert answer["faults"] == [
        (3, "national_id", "number_changed"),
        (4, "national_id", "number_changed"),
        (6, "national_id", "formula"),
        (12, "national_id", "number_changed"),
        (13, "national_id", "national_id"),
    ]
    assert (2, "national_id", "national_id_restored") in answer["told"]
    numbers = {number: each["national_id"] for number, each in (await values(desk, "registry")).items()}
    assert numbers.pop("N-12") == "142123456"
    assert numbers == dict.fromkeys(("N-0", "N-3", "N-5", "N-6", "N-7", "N-8", "N-9"), "030090001234")


async def test_19_a_number_that_became_a_date_makes_no_second_case(desk: Desk) -> None:
    await handed_in(desk, "number-became-date-a.csv", "drug_cases")
    answer = await handed_in(desk, "number-became-date-b.xlsx", "drug_cases")
    assert (answer["faults"], answer["accepted"]) == ([(2, "case_no", "date_in_text")], 0)
    assert (await values(desk, "drug_cases")).keys() == {"03/2024"}
    # A zero that the spreadsheet took, in a file of its own: two records, and both answers say what to look at.
    await handed_in(desk, "number-became-date-c.csv", "drug_cases")
    answer = await handed_in(desk, "number-became-date-d.xlsx", "drug_cases")
    about_the_number = [(row, rule) for row, field, rule in answer["told"] if field == "case_no"]
    assert about_the_number == [(2, "key_is_number"), (2, "zeros_apart")]
    assert "007" in next(note for note in answer["notes"] if note["rule"] == "zeros_apart")["message"]["vi"]


async def test_20_numbers_that_begin_anew_do_not_overwrite_last_years_cases(desk: Desk) -> None:
    assert (await handed_in(desk, "numbers-begin-anew-2023.csv", "drug_cases"))["accepted"] == 2
    # When the cases of 2024 come under the same numbers
    answer = await handed_in(desk, "numbers-begin-anew-2024.csv", "drug_cases")
    # Then they are refused with both sides, and those of 2023 stand as they were
    assert answer["faults"] == [(2, "case_no", "number_used"), (3, "case_no", "number_used")]
    assert "05/03/2023" in answer["refused"][0]["message"]["vi"]
    stored = await values(desk, "drug_cases")
    assert {number: each["detected_on"] for number, each in stored.items()} == {
        "01": "2023-03-05",
        "02": "2023-04-06",
    }


async def test_21_a_file_without_a_column_leaves_what_the_column_said(desk: Desk) -> None:
    await handed_in(desk, "column-left-out-a.csv", "methadone")
    for name in ("column-left-out-b.csv", "column-left-out-c.csv"):
        answer = await handed_in(desk, name, "methadone")
        assert (answer["unchanged"], answer["faults"]) == (1, []), name
    patient = (await values(desk, "methadone"))["BN-21"]
    said = {name: patient[name] for name in ("ended_on", "end_reason", "national_id")}
    assert said == {"ended_on": "2024-05-01", "end_reason": "completed", "national_id": "030090001999"}


@pytest.mark.parametrize("number", ["123456789", "111111111", "999999999999"])
async def test_23_a_number_that_fills_its_cell_makes_nobody_one_person(desk: Desk, number: str) -> None:
    answer = await handed_in(desk, f"placeholder-ids-{number}.csv", "registry")
    assert answer["faults"] == [(row, "national_id", "national_id_placeholder") for row in range(2, 7)]
    assert await values(desk, "registry") == {}


async def test_24_a_common_name_and_the_first_of_january_are_three_men(desk: Desk) -> None:
    for ward in ("10516", "10519", "10525"):
        answer = await handed_in(desk, f"first-of-january-{ward}.csv", "registry")
        assert (answer["accepted"], answer["faults"]) == (1, [])
    people = await desk.services["registry"].query("SELECT DISTINCT person_ref FROM record")
    assert len(people) == 3
    # Nothing in what the person index reads joins them: no key of name, birth date and sex.
    events = await desk.services["registry"].events()
    keys = [event.data.person.keys.model_dump(exclude_none=True) for event in events]
    assert [key.keys() for key in keys] == [{"name_year_commune"}] * 3
    assert len({key["name_year_commune"] for key in keys}) == 3


async def test_31_an_older_page_does_not_win_over_a_newer_one(desk: Desk) -> None:
    assert (await handed_in(desk, "known-at-a.csv", "drug_cases"))["accepted"] == 3
    await handed_in(desk, "known-at-b.csv", "drug_cases")
    answer = await handed_in(desk, "known-at-c.csv", "drug_cases")
    assert (answer["faults"], answer["told"]) == ([], [(2, "recorded_on", "older_page")])
    assert (await values(desk, "drug_cases"))["K-4"]["subjects"] == 3
    moments = await desk.services["incidents"].query(
        "SELECT content->>'case_no', to_char(recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'DD/MM HH24:MI') FROM record"
        " WHERE form = 'drug_cases' ORDER BY 1"
    )
    assert [tuple(each) for each in moments] == [
        ("K-1", "10/08 00:00"),
        ("K-2", "10/08 23:59"),
        ("K-3", "11/08 00:00"),
        ("K-4", "20/08 00:00"),
    ]


@pytest.mark.parametrize(
    ("name", "taken", "faults"),
    [
        ("blank-lines", {}, [(4, "offence", "code")]),
        ("comma-decimal", {"C-12": ("heroin", "1.5")}, [(3, "seized_grams", "decimal_split")]),
        ("newline", {"C-1": ("he roin", "1")}, [(3, "offence", "code")]),
        ("quote-inside", {"C-4": ('hê "rô" in', "1")}, []),
        ("smart", {"C-8": ("“heroin”", "1")}, []),
        ("trailing", {"C-9": ("heroin", "1")}, []),
    ],
)
async def test_36_quotation_marks_and_line_ends_within_cells_move_nothing(
    desk: Desk, name: str, taken: dict[str, tuple[str, str]], faults: list[tuple[int, str, str]]
) -> None:
    answer = await handed_in(desk, f"csv-quotes-{name}.csv", "drug_cases")
    assert answer["faults"] == faults
    stored = await values(desk, "drug_cases")
    found = {
        number: (each["substance"], str(each["seized_grams"]).rstrip("0").rstrip("."))
        for number, each in stored.items()
    }
    assert found == taken


@pytest.mark.parametrize("name", ["quote-begins", "unclosed"])
def test_36_a_file_whose_quotation_marks_do_not_close_is_refused_whole(name: str) -> None:
    with pytest.raises(ContentError) as stopped:
        rows_of(f"csv-quotes-{name}.csv", "drug_cases")
    assert (stopped.value.rule, "2" in stopped.value.text.vi) == ("file_csv", True)


@pytest.mark.usefixtures("nobody_looked_at")
async def test_37_a_list_with_a_title_other_spellings_and_a_lost_zero_is_matched_row_by_row(
    desk: Desk,
) -> None:
    assert (await handed_in(desk, "match-so.csv", "registry"))["accepted"] == 3
    registry = desk.services["registry"]
    office = registry.as_(role="clerk", unit="police:31", **{"Khopso-Purpose": "inspection"})
    api = InThread(registry, asyncio.get_running_loop(), office)
    asked = ListRequest(as_of="2024-03-01")
    held = await asyncio.to_thread(hold, api, FORMS["registry"], CASES / "match-ds.xlsx", FORMS, asked)
    # Three people: the second has another number, the third a day of birth with its month first; the sum is nobody.
    assert {name: held.counts[name] for name in ("theirs", "ours", "in_both", "different")} == {
        "theirs": 3,
        "ours": 3,
        "in_both": 1,
        "different": 1,
    }
    assert [(item["kind"], item["row"], item["reason"]["code"]) for item in held.items] == [
        ("only_theirs", 7, "possible_person"),
        ("different", 8, "typo"),
        ("only_ours", None, "recorded_after"),
    ]
    (swapped,) = held.items[1]["fields"]
    assert (swapped["field"], swapped["hint"]["code"]) == ("birth_date", "day_month")
    assert [(note.row, note.rule) for note in held.notes] == [(5, "rows_above_header"), (9, "left_out_total")]


async def test_42_codes_of_before_and_after_the_merger_name_the_commune_of_their_day(desk: Desk) -> None:
    answer = await handed_in(desk, "after-merger-a.csv", "registry")
    # 10513 is no code since 1 July 2025; the others are those of the province's table of areas on the row's own day.
    assert answer["faults"] == [(4, "commune_code", "commune")]
    stored = await desk.stored("registry")
    assert {each["record_no"]: each["commune_code"] for each in stored} == {
        "SN-A": "10525@2008",
        "SN-B": "11020@2008",
        "SN-D": "11002@2025",
        "SN-E": "10507@2008",
        "SN-F": "10507@2008",
    }
    assert [row for row, _, rule in answer["told"] if rule == "code_of_two"] == [2, 3, 7]
