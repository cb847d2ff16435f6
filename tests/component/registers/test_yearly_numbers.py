"""Where numbers begin anew each year by declaration, 01 of 2023 and 01 of 2024 are two records (case 20)."""

from datetime import date
from typing import Any

import pytest

from reference import YearlyNumbering
from services.registers import numbering
from tests.component.registers.conftest import Desk
from tests.support.register_rows import FULL, IDENTITY

UNIT = "police:31"
OF_2023 = {
    "case_no": "01",
    "commune_code": "10660",
    "detected_on": "05/03/2023",
    "offence": "possession",
    "subjects": "1",
}
OF_2024 = {**OF_2023, "detected_on": "09/02/2024", "subjects": "3"}
LISTED: dict[str, Any] = {"record_no": "01", **IDENTITY, "commune_code": "10525", "status": "addict"}
OTHER = {"full_name": "Phạm Thị Thử", "birth_date": "07/09/1971", "sex": "Nữ", "national_id": None}


class Declared:
    """Declares numberings yearly, as the province's table would."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], YearlyNumbering] = {}

    def yearly(self, form: str, unit: str, since: date, until: date | None = None) -> None:
        """Numbers of the unit's register begin anew each year, for records dated in these days."""
        self.rows[form, unit] = YearlyNumbering(since, until)

    def of(self, form: str, unit: str | None = None) -> tuple[YearlyNumbering, ...]:
        """What is declared."""
        return tuple(each for place, each in self.rows.items() if place == (form, unit or place[1]))


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> Declared:
    found = Declared()
    monkeypatch.setattr(numbering, "yearly_numbering", found.of)
    return found


@pytest.fixture
def yearly(declared: Declared) -> Declared:
    declared.yearly("drug_cases", UNIT, date(2023, 1, 1))
    return declared


async def cases(desk: Desk) -> list[tuple[str, int]]:
    return [(row["detected_on"], row["subjects"]) for row in await desk.stored("drug_cases")]


async def test_the_same_number_of_two_years_is_two_records(desk: Desk, yearly: Declared) -> None:
    for row in (OF_2023, OF_2024):
        answer = await desk.hand_in("drug_cases", row)
        assert (answer["accepted"], answer["refused"]) == (1, []), answer
    assert sorted(await cases(desk)) == [("2023-03-05", 1), ("2024-02-09", 3)]


async def test_both_in_one_file_are_two_records(desk: Desk, yearly: Declared) -> None:
    answer = await desk.hand_in("drug_cases", OF_2023, OF_2024)
    assert answer["accepted"] == 2, answer


async def test_a_correction_finds_the_record_of_its_own_year(desk: Desk, yearly: Declared) -> None:
    await desk.hand_in("drug_cases", OF_2023, OF_2024)
    answer = await desk.hand_in("drug_cases", {**OF_2023, "subjects": "7"}, {**OF_2024, "subjects": "8"})
    assert answer["corrected"] == 2, answer
    assert sorted(await cases(desk)) == [("2023-03-05", 7), ("2024-02-09", 8)]


async def test_another_case_under_the_number_of_the_same_year_is_still_refused(
    desk: Desk, yearly: Declared
) -> None:
    await desk.hand_in("drug_cases", OF_2023)
    other = {**OF_2023, "detected_on": "06/04/2023", "commune_code": "10663", "offence": "trade"}
    answer = await desk.hand_in("drug_cases", other)
    assert [fault["rule"] for fault in answer["refused"]] == ["number_used"]


async def test_without_a_declaration_the_number_of_another_year_is_refused(
    desk: Desk, declared: Declared
) -> None:
    await desk.hand_in("drug_cases", OF_2023)
    answer = await desk.hand_in("drug_cases", OF_2024)
    assert [fault["rule"] for fault in answer["refused"]] == ["number_used"]


async def test_records_of_before_the_declaration_keep_their_keys_and_are_found(
    desk: Desk, declared: Declared
) -> None:
    # Given a record that was handed in before the unit's numbering was declared
    await desk.hand_in("drug_cases", OF_2023)
    declared.yearly("drug_cases", UNIT, date(2023, 1, 1))
    # Then its corrections find it, and the same number of the next year is another record
    assert (await desk.hand_in("drug_cases", OF_2023))["unchanged"] == 1
    assert (await desk.hand_in("drug_cases", {**OF_2023, "subjects": "2"}))["corrected"] == 1
    assert (await desk.hand_in("drug_cases", OF_2024))["accepted"] == 1
    assert sorted(await cases(desk)) == [("2023-03-05", 2), ("2024-02-09", 3)]


async def test_a_declaration_holds_for_records_dated_within_it(desk: Desk, declared: Declared) -> None:
    declared.yearly("drug_cases", UNIT, date(2025, 1, 1))
    await desk.hand_in("drug_cases", OF_2023)
    # 2024 is before the declaration: its number is that of 2023 still.
    answer = await desk.hand_in("drug_cases", OF_2024)
    assert [fault["rule"] for fault in answer["refused"]] == ["number_used"]
    assert (await desk.hand_in("drug_cases", {**OF_2024, "detected_on": "09/02/2025"}))["accepted"] == 1


async def test_a_withdrawal_names_its_year_by_the_date(desk: Desk, yearly: Declared) -> None:
    await desk.hand_in("drug_cases", OF_2023, OF_2024)
    answer = await desk.hand_in("drug_cases", {**OF_2024, "void": "x"})
    assert answer["withdrawn"] == 1, answer
    standing = [row for row in await desk.records("drug_cases") if not row["voided"]]
    assert [row["values"]["detected_on"] for row in standing] == ["2023-03-05"]


async def test_a_row_without_its_date_means_the_only_record_of_its_number(
    desk: Desk, yearly: Declared
) -> None:
    await desk.hand_in("drug_cases", OF_2023)
    assert (await desk.hand_in("drug_cases", {"case_no": "01", "subjects": "4"}))["corrected"] == 1
    assert (await desk.hand_in("drug_cases", {"case_no": "01", "void": "x"}))["withdrawn"] == 1
    # But where there are several, it has to say which
    await desk.hand_in("drug_cases", OF_2024)
    for row in ({"case_no": "01", "subjects": "4"}, {"case_no": "01", "void": "x"}):
        answer = await desk.hand_in("drug_cases", row)
        told = [(fault["field"], fault["rule"]) for fault in answer["refused"]]
        assert ("detected_on", "year_needed") in told, answer


async def test_a_row_without_its_date_finds_the_row_above_it(desk: Desk, yearly: Declared) -> None:
    answer = await desk.hand_in("drug_cases", OF_2024, {"case_no": "01", "void": "x"})
    assert (answer["accepted"], answer["withdrawn"]) == (1, 1), answer


async def test_a_list_with_identity_in_its_key_is_numbered_yearly_too(desk: Desk, declared: Declared) -> None:
    declared.yearly("arrests", UNIT, date(2023, 1, 1))
    row = {**FULL["arrests"], "case_no": "01", "commune_code": "10525@2008"}
    for day in ("05/03/2023", "06/04/2024"):
        each = {**row, "arrested_on": day}
        each.pop("recorded_on", None)
        answer = await desk.hand_in("arrests", each)
        assert answer["accepted"] == 1, answer
        assert (await desk.hand_in("arrests", each))["unchanged"] == 1


async def people(desk: Desk, form: str = "registry") -> int:
    service = desk.services_of(form)
    return len(await service.query("SELECT DISTINCT person_ref FROM record WHERE form = :form", form=form))


async def test_another_person_under_the_number_of_another_year_is_taken(
    desk: Desk, declared: Declared
) -> None:
    declared.yearly("registry", "police:10525", date(2023, 1, 1))
    first = {**LISTED, "status_from": "05/03/2023", "commune_code": "10525@2008"}
    answer = await desk.hand_in("registry", first)
    assert answer["accepted"] == 1, answer
    answer = await desk.hand_in("registry", {**LISTED, **OTHER, "status_from": "09/02/2026"})
    assert answer["accepted"] == 1, answer
    assert await people(desk) == 2


async def test_whoever_is_listed_for_years_stays_one_person(desk: Desk, declared: Declared) -> None:
    # Given a person under the number 01 of 2024, and another one under that of 2026
    declared.yearly("registry", "police:10525", date(2023, 1, 1))
    await desk.hand_in("registry", {**LISTED, "status_from": "05/03/2024", "commune_code": "10525@2008"})
    await desk.hand_in("registry", {**LISTED, **OTHER, "status_from": "09/02/2026"})
    # When the first one gets another status in 2026, under the number that the register has for this person
    answer = await desk.hand_in("registry", {**LISTED, "status": "post_detox", "status_from": "11/02/2026"})
    # Then it is a row of the same timeline
    assert answer["accepted"] == 1, answer
    assert await people(desk) == 2


async def test_a_number_of_the_same_year_is_one_person(desk: Desk, declared: Declared) -> None:
    declared.yearly("registry", "police:10525", date(2023, 1, 1))
    await desk.hand_in("registry", {**LISTED, "status_from": "05/01/2026"})
    answer = await desk.hand_in("registry", {**LISTED, **OTHER, "status_from": "09/02/2026"})
    assert [fault["rule"] for fault in answer["refused"]] == ["number_used"]


async def test_a_dose_finds_its_patient_by_the_number_of_any_year(desk: Desk, declared: Declared) -> None:
    # Given two patients under the number 01, of 2024 and of 2026
    declared.yearly("methadone", "TT-00", date(2023, 1, 1))
    patient = {**IDENTITY, "patient_no": "01", "facility_code": "TT-00", "commune_code": "10525@2008"}
    first = {**patient, "enrolled_on": "05/03/2024", "ended_on": "05/06/2025", "end_reason": "completed"}
    second = {**patient, **OTHER, "commune_code": "10525", "enrolled_on": "09/02/2026"}
    for row in (first, second):
        assert (await desk.hand_in("methadone", row))["accepted"] == 1
    dose = {"patient_no": "01", "facility_code": "TT-00", "mg": "30"}
    # When doses of both are handed in, and one of a day on which neither was in treatment
    days = ("06/05/2025", "10/02/2026", "01/01/2026")
    answer = await desk.hand_in("doses", *({**dose, "dosed_on": day} for day in days))
    # Then only that one is asked about
    assert answer["accepted"] == 3, answer
    assert [(note["row"], note["rule"]) for note in answer["notes"]] == [(4, "dose_outside_treatment")]


async def test_years_of_a_number_are_told_to_nobody_who_may_not_hand_it_in(
    desk: Desk, yearly: Declared
) -> None:
    # Given a number of another unit, which nobody has, and then two years have
    service = desk.services["incidents"]
    caller = service.as_("clerk", "police:10532")
    row = {"unit_code": UNIT, "case_no": "01", "void": "x"}

    async def told() -> list[Any]:
        rows = {"rows": [{"row": 2, "values": row}], "dry_run": True}
        batch = await service.client.post("/v1/forms/drug_cases/records", json=rows, headers=caller)
        single = await service.client.post("/v1/forms/drug_cases", json=row, headers=caller)
        assert (batch.status_code, single.status_code) == (200, 403)
        return [batch.json(), single.json()["errors"]]

    before = await told()
    for case in (OF_2023, OF_2024):
        await desk.hand_in("drug_cases", case)
    # When somebody of another unit names it, then the answer is the same: only that the right is missing
    assert await told() == before
    assert [fault["rule"] for fault in before[0]["refused"]] == ["unit_scope"]
