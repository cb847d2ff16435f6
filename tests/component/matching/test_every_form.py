"""A list of any of the sixteen forms is held against its register, those without persons included."""

import random
from pathlib import Path
from typing import Any

import pytest

from contracts.forms import FORMS
from khopso.registers import lists
from tests.component.matching.conftest import Owner
from tests.support.keepers import KEEPERS
from tests.support.list_calls import held, written
from tests.support.lists import person
from tests.support.register_rows import FULL, IDENTITY
from tests.support.registers import Service

pytestmark = pytest.mark.usefixtures("no_reading_limit")

Row = dict[str, Any]
DECLARED: Row = {
    "agency": "health",
    "figure": "methadone.active",
    "area_code": "30",
    "as_of": "19/12/2023",
    "value": "592",
    "declared_on": "20/12/2023",
    "source": "BC-1",
}
POLICE: Row = {name: value for name, value in person(1, random.Random(1)).items() if name != "unit_code"}
ROWS: dict[str, Row] = {**FULL, "declared": DECLARED, "registry": POLICE}
UNIT = "police:10513"
"""Keeps the registers of police in these tests."""


def unit_of(form: str) -> str:
    """The unit whose register of the form is looked at."""
    kept = KEEPERS[form]
    return UNIT if kept == "police:30" and form != "area_classes" else kept


async def against(service: Service, form: str, rows: list[Row], **asked: Any) -> dict[str, Any]:
    body = {"rows": [{"row": number, "values": row} for number, row in enumerate(rows, 2)], **asked}
    answer = await service.client.post(
        f"/v1/forms/{form}/matches", json=body, headers=service.office(asked.get("against", form))
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def told(answer: dict[str, Any]) -> list[tuple[str, str, set[str]]]:
    return [
        (item["kind"], item["reason"]["code"], {field["field"] for field in item["fields"]})
        for item in answer["items"]
    ]


async def registered(owner_of: Owner, form: str, *rows: Row) -> Service:
    service = await owner_of(form)
    if form == "determination":
        for needed in ("facilities", "clinicians"):
            await service.post_rows(needed, [FULL[needed]])
    answer = await service.post_rows(form, list(rows or (ROWS[form],)), unit=unit_of(form))
    assert answer["refused"] == []
    return service


def test_there_is_a_row_of_every_form() -> None:
    assert set(ROWS) == set(FORMS)


@pytest.mark.parametrize("form", sorted(ROWS))
async def test_the_same_row_is_the_same_whatever_the_order_of_its_columns(owner_of: Owner, form: str) -> None:
    service = await registered(owner_of, form)
    backwards = dict(reversed(ROWS[form].items()))
    answer = await against(service, form, [backwards], unit=unit_of(form))
    assert (answer["theirs"], answer["ours"], answer["in_both"], answer["items"]) == (1, 1, 1, [])


@pytest.mark.parametrize("form", sorted(ROWS))
async def test_a_list_that_lacks_a_record_and_a_register_that_lacks_a_row(owner_of: Owner, form: str) -> None:
    service = await registered(owner_of, form)
    assert told(await against(service, form, [], unit=unit_of(form))) == [
        ("only_ours", "missing_there", set())
    ]
    service = await owner_of(form)
    if form == "determination":
        for needed in ("facilities", "clinicians"):
            await service.post_rows(needed, [FULL[needed]])
    (item,) = (await against(service, form, [ROWS[form]], unit=unit_of(form)))["items"]
    assert (item["kind"], item["reason"]["code"]) == ("only_theirs", "unit_silent")


CHANGED: list[tuple[str, Row, str, set[str]]] = [
    ("registry", {"presence": "community"}, "filled_there", {"presence"}),
    ("determination", {"criteria_met": "5"}, "differs", {"criteria_met"}),
    ("determination", {"slip_no": "P-002"}, "other_number", {"slip_no"}),
    ("determination", {"slip_no": "p 1"}, "other_number", {"slip_no"}),
    ("methadone", {"ended_on": "08/10/2023"}, "typo", {"ended_on"}),
    ("methadone", {"patient_no": "A-1"}, "other_number", {"patient_no"}),
    ("methadone", {"enrolled_on": "02/10/2023", "ended_on": "", "end_reason": "", "transferred_to": ""},
     "key_date", {"enrolled_on", "ended_on", "end_reason", "transferred_to"}),
    ("doses", {"mg": "6,25"}, "typo", {"mg"}),
    ("doses", {"dosed_on": "12/02/2023"}, "key_date", {"dosed_on"}),
    ("doses", {"patient_no": "mmt 07"}, "written_otherwise", {"patient_no"}),
    ("detox", {"decision_no": "21/QĐ-TA"}, "typo", {"decision_no"}),
    ("detox", {"episode_no": "X"}, "other_number", {"episode_no"}),
    ("post_detox", {"end_reason": "relapsed"}, "differs", {"end_reason"}),
    ("facilities", {"does": "methadone"}, "differs", {"does"}),
    ("facilities", {"facility_code": "TTYT 1"}, "written_otherwise", {"facility_code"}),
    ("clinicians", {"full_name": "Trần Thị Bắc Sĩ"}, "typo", {"full_name"}),
    ("targets", {"value": "215"}, "typo", {"value"}),
    ("targets", {"period_to": "30/11/2023"}, "key_date", {"period_to"}),
    ("declared", {"value": "5.920"}, "typo", {"value"}),
    ("fires", {"incident_no": "PC07/5"}, "near", {"incident_no"}),
    ("fires", {"damage_vnd": "150.000.000"}, "typo", {"damage_vnd"}),
    ("fires", {"alarm_at": "05/01/2023 23:56"}, "typo", {"alarm_at"}),
    ("drug_cases", {"case_no": "KN-8"}, "near", {"case_no"}),
    ("drug_cases", {"seized_grams": "1.500,52"}, "typo", {"seized_grams"}),
    ("arrests", {"case_no": "KN-8"}, "other_number", {"case_no"}),
    ("arrests", {"outcome": "released"}, "differs", {"outcome"}),
    ("conflicts", {"conflict_no": "9"}, "near", {"conflict_no"}),
    ("conflicts", {"parties": "8"}, "differs", {"parties"}),
    ("places", {"place_no": "Đ-5"}, "written_otherwise", {"place_no"}),
    ("places", {"valid_from": "02/01/2022"}, "key_date", {"valid_from"}),
    ("area_classes", {"class": "high"}, "differs", {"class"}),
    ("area_classes", {"valid_from": "01/02/2023"}, "key_date", {"valid_from"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "changed", "reason", "fields"),
    CHANGED,
    ids=lambda value: "+".join(sorted(value)) if isinstance(value, dict | set) else None,
)
async def test_a_changed_row_is_found_with_what_differs_and_why(
    owner_of: Owner, form: str, changed: Row, reason: str, fields: set[str]
) -> None:
    service = await registered(owner_of, form)
    answer = await against(service, form, [{**ROWS[form], **changed}], unit=unit_of(form))
    assert told(answer) == [("different", reason, fields)]
    (item,) = answer["items"]
    assert item["reason"]["vi"]
    assert item["reason"]["en"]


async def test_another_fire_of_the_same_commune_and_day_is_pointed_out_not_taken_for_the_same(
    owner_of: Owner,
) -> None:
    service = await registered(owner_of, "fires")
    other = {**FULL["fires"], "incident_no": "PC07/5", "place": "market"}
    answer = await against(service, "fires", [other], unit=unit_of("fires"))
    assert told(answer) == [
        ("only_theirs", "possible_near", set()),
        ("only_ours", "possible_near_row", set()),
    ]


async def test_two_fires_that_cannot_be_told_apart_are_left_to_the_clerk(owner_of: Owner) -> None:
    second = {**FULL["fires"], "incident_no": "C-2"}
    service = await registered(owner_of, "fires", FULL["fires"], second)
    renamed = [
        {**row, "incident_no": f"PC07/{number}0"} for number, row in enumerate((FULL["fires"], second), 3)
    ]
    answer = await against(service, "fires", renamed, unit=unit_of("fires"))
    assert (answer["different"], answer["only_theirs"], answer["only_ours"]) == (0, 2, 2)


async def test_a_case_handed_in_by_another_unit_is_found_there(owner_of: Owner) -> None:
    service = await registered(owner_of, "drug_cases")
    named = {**FULL["drug_cases"], "unit_code": "police:288"}
    assert told(await against(service, "drug_cases", [named])) == [("different", "other_unit", {"unit_code"})]
    answer = await against(service, "drug_cases", [FULL["drug_cases"]], unit="police:288")
    (item,) = answer["items"]
    assert (item["reason"]["code"], UNIT in item["reason"]["vi"]) == ("other_unit_handed_in", True)


EPISODES = [
    {"patient_no": "MMT-7", **IDENTITY, "enrolled_on": f"10/02/{year}", "facility_code": "TTYT-01"}
    for year in (2019, 2021, 2023)
]


async def test_episodes_of_one_patient_under_another_number_are_matched_each_with_its_own(
    owner_of: Owner,
) -> None:
    service = await registered(owner_of, "methadone", *EPISODES)
    renamed = [{**row, "patient_no": "77"} for row in reversed(EPISODES)]
    answer = await against(service, "methadone", renamed, unit=unit_of("methadone"))
    assert told(answer) == [("different", "other_number", {"patient_no"})] * 3
    assert answer["persons"] == {"theirs": 1, "ours": 1, "in_both": 1, "only_theirs": 0, "only_ours": 0}


async def test_an_episode_that_was_never_handed_in_of_a_known_patient(owner_of: Owner) -> None:
    service = await registered(owner_of, "methadone", *EPISODES[:2])
    answer = await against(service, "methadone", EPISODES, unit=unit_of("methadone"))
    assert told(answer) == [("only_theirs", "person_known", set())]
    assert "MMT-7" in answer["items"][0]["reason"]["vi"]
    assert answer["in_both"] == 2


async def test_a_patient_listed_once_but_registered_in_two_units(owner_of: Owner) -> None:
    service = await registered(owner_of, "methadone", EPISODES[0])
    other = {**FULL["facilities"], "facility_code": "TT-02", "valid_to": "", "recorded_on": ""}
    await service.post_rows("facilities", [other])
    await service.post_rows("methadone", [{**EPISODES[0], "patient_no": "B-1"}], unit="TT-02")
    answer = await against(service, "methadone", [{**EPISODES[0], "unit_code": unit_of("methadone")}])
    (item,) = answer["items"]
    assert (item["kind"], item["unit"], item["reason"]["code"], item["reason"]["row"]) == (
        "only_ours", "TT-02", "listed_otherwise", 2,
    )  # fmt: skip
    assert item["values"]["full_name"] == IDENTITY["full_name"]


async def test_a_name_that_two_numbers_share_links_nobody(owner_of: Owner) -> None:
    """The rule of the person index: where national IDs contradict, name, birth date and sex join none of them."""
    other = {**EPISODES[0], "patient_no": "MMT-8", "national_id": "030090009999"}
    service = await registered(owner_of, "methadone", EPISODES[0], other)
    unnumbered = {**EPISODES[0], "patient_no": "X", "national_id": ""}
    answer = await against(service, "methadone", [unnumbered], unit=unit_of("methadone"))
    assert told(answer) == [
        ("only_theirs", "possible_person", set()),
        ("only_ours", "possible_row", set()),
        ("only_ours", "possible_row", set()),
    ]


async def test_people_of_a_list_are_held_against_another_register_of_the_service(owner_of: Owner) -> None:
    """Methadone patients against the detox register: everybody once, whatever his numbers."""
    people = [person(number, random.Random(number)) for number in range(1, 6)]
    columns = ("full_name", "birth_date", "sex", "national_id", "commune_code")
    known = [{name: row[name] for name in columns} for row in people]
    detox = {"kind": "compulsory", "admitted_on": "05/03/2022"}
    episodes = [{**who, **detox, "episode_no": f"CN-{number}"} for number, who in enumerate(known[1:])]
    again = {**known[1], **detox, "episode_no": "CN-AGAIN", "admitted_on": "05/05/2023"}
    ended = {**known[4], **detox, "episode_no": "CN-3", "ended_on": "05/05/2022", "end_reason": "completed"}
    service = await registered(owner_of, "detox", *episodes[:3], again, ended)
    patients = [
        {**who, "patient_no": f"MMT-{number}", "enrolled_on": "01/02/2023", "facility_code": "TTYT-01"}
        for number, who in enumerate(known[:3])
    ]
    namesake = {**patients[0], **{"full_name": known[3]["full_name"], "patient_no": "MMT-9"}}
    namesake |= {
        "birth_date": known[3]["birth_date"][-4:],
        "national_id": "",
        "commune_code": known[3]["commune_code"],
    }
    rows = [*patients, {**patients[1], "enrolled_on": "01/06/2023"}, namesake]

    answer = await against(service, "methadone", rows, against="detox", as_of="2023-12-19")

    assert {name: answer[name] for name in ("form", "theirs", "ours", "in_both", "only_theirs", "only_ours")} == {
        "form": "methadone", "theirs": 4, "ours": 4, "in_both": 2, "only_theirs": 2, "only_ours": 2,
    }  # fmt: skip
    assert [each["row"] for each in answer["matched"]] == [3, 4]
    assert [(i["kind"], i["row"], i["key"], i["reason"]["code"]) for i in answer["items"]] == [
        ("only_theirs", 2, "MMT-0 / 2023-02-01", "not_registered"),
        ("only_theirs", 6, "MMT-9 / 2023-02-01", "possible_person"),
        ("only_ours", None, "CN-2", "recorded_after"),
        ("only_ours", None, "CN-3", "ended_before"),
    ]
    for other in ("nothing", "doses", "registry"):
        body: dict[str, Any] = {"rows": [], "against": other}
        refused = await service.client.post(
            "/v1/forms/methadone/matches", json=body, headers=service.office("methadone")
        )
        assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (422, "match_against")


async def test_an_analyst_cannot_ask_whether_somebody_was_arrested(owner_of: Owner) -> None:
    """The key of an arrest holds the number of a person: even that it is there would tell."""
    service = await registered(owner_of, "arrests")
    answers = []
    for guess in (FULL["arrests"], {**FULL["arrests"], "national_id": "030090007777"}):
        body = {"rows": [{"row": 2, "values": guess}], "unit": UNIT}
        headers = service.as_("analyst", "police:30", "30")
        answer = await service.client.post("/v1/forms/arrests/matches", json=body, headers=headers)
        answers.append((answer.status_code, answer.json()["message"]))
    assert answers[0] == answers[1]
    assert answers[0][0] == 403


async def test_a_number_that_stands_for_nobody_in_particular_slows_nothing_down(owner_of: Owner) -> None:
    """Hundreds of people under one made-up national ID are not taken for one human being's records."""
    rows = [
        {**FULL["methadone"], "patient_no": f"M-{number}", "full_name": f"Nguyễn Văn Thử {number}"}
        for number in range(150)
    ]
    service = await registered(owner_of, "methadone", *rows)
    renamed = [{**row, "patient_no": f"X-{number}"} for number, row in enumerate(rows)]
    answer = await against(service, "methadone", renamed, unit=unit_of("methadone"))
    # Each is found by name, birth date and sex; only the patient number differs
    assert (answer["different"], answer["only_theirs"], answer["only_ours"]) == (150, 0, 0)
    assert answer["persons"]["in_both"] == 150


async def test_a_list_of_people_as_they_stand_is_held_against_their_latest_rows(owner_of: Owner) -> None:
    """An agency keeps one line per person, without the days from which a status holds."""
    earlier = {**POLICE, "status": "user", "status_from": "01/03/2021", "decision_no": ""}
    later = {**POLICE, "status": "post_detox", "status_from": "01/11/2023", "recorded_on": "02/11/2023"}
    service = await registered(owner_of, "registry", earlier, POLICE, later)
    line = {name: value for name, value in POLICE.items() if name not in ("status_from", "recorded_on")}
    answer = await against(service, "registry", [line], unit=unit_of("registry"), as_of="2023-06-30")
    assert told(answer) == [("only_ours", "other_row", set()), ("only_ours", "began_after", set())]
    assert answer["in_both"] == 1
    today = await against(service, "registry", [{**line, "status": "post_detox"}], unit=unit_of("registry"))
    assert (today["in_both"], told(today)) == (1, [("only_ours", "other_row", set())] * 2)


async def test_a_list_numbered_by_itself_is_not_taken_at_its_numbers(owner_of: Owner) -> None:
    """1, 2, 3 … of the list are other fires than 1, 2, 3 … here; each is found by what happened."""
    fires = [
        {**FULL["fires"], "incident_no": str(number), "alarm_at": f"0{number}/03/2023 10:00", "commune_code": commune,
         "arrived_at": "", "controlled_at": "", "out_at": "", "recorded_on": ""}
        for number, commune in ((1, "10513"), (2, "10516"), (3, "10525"))
    ]  # fmt: skip
    service = await registered(owner_of, "fires", *fires)
    turned = [{**fires[place], "incident_no": str(number)} for number, place in ((1, 2), (2, 0), (3, 1))]
    answer = await against(service, "fires", turned, unit=unit_of("fires"))
    assert told(answer) == [("different", "near", {"incident_no"})] * 3
    stranger = {**fires[0], "alarm_at": "09/09/2023 10:00", "commune_code": "10516"}
    answer = await against(service, "fires", [stranger], unit=unit_of("fires"))
    assert told(answer)[0] == ("different", "number_reused", {"alarm_at", "commune_code"})


async def test_a_national_id_that_a_spreadsheet_shortened_is_still_that_number(owner_of: Owner) -> None:
    """Kept as a number, 030090001234 has become 30090001234."""
    service = await registered(owner_of, "methadone")
    row = {**FULL["methadone"], "national_id": 30090001234}
    answer = await against(service, "methadone", [row], unit=unit_of("methadone"))
    assert (answer["in_both"], answer["items"]) == (1, [])
    renamed = {**row, "patient_no": "A-1", "full_name": "Ng. V. Thử"}
    answer = await against(service, "methadone", [renamed], unit=unit_of("methadone"))
    assert told(answer) == [("different", "other_number", {"patient_no", "full_name"})]


@pytest.mark.parametrize(
    "changed",
    [{"full_name": "NGUYEN VAN THU"}, {"birth_date": "03/05/1990"}, {"birth_date": "1990"}],
    ids=["accents lost", "day and month swapped", "year alone"],
)
async def test_a_mere_likeness_is_pointed_out_on_both_sides_and_links_nobody(
    owner_of: Owner, changed: Row
) -> None:
    service = await registered(owner_of, "methadone")
    row = {**FULL["methadone"], "patient_no": "A-1", "national_id": "", **changed}
    answer = await against(service, "methadone", [row], unit=unit_of("methadone"))
    assert told(answer) == [("only_theirs", "possible_person", set()), ("only_ours", "possible_row", set())]
    assert answer["persons"]["in_both"] == 0


@pytest.mark.parametrize("page", [10_000, 2])
async def test_a_long_list_of_fires_is_the_same_in_one_page_and_in_many(
    owner_of: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    fires = [
        {**FULL["fires"], "incident_no": f"C-{day}", "alarm_at": f"{day}/03/2023 10:00", "recorded_on": "",
         "arrived_at": "", "controlled_at": "", "out_at": ""}
        for day in range(11, 18)
    ]  # fmt: skip
    service = await registered(owner_of, "fires", *fires)
    rows = [*fires[:4], {**fires[4], "incident_no": "PC/9"}, {**fires[5], "deaths": "3"}, fires[1]]
    monkeypatch.setattr(lists, "PAGE_ROWS", page)
    outcome, api = await held(
        service, "fires", written(tmp_path / "fires.xlsx", "fires", rows), unit=unit_of("fires")
    )
    assert [
        (item["kind"], item["row"], item["reason"]["code"], item["reason"]["row"]) for item in outcome.items
    ] == [
        ("different", 6, "near", None),
        ("different", 7, "differs", None),
        ("only_theirs", 8, "duplicate_key", 3),
        ("only_ours", None, "missing_there", None),
    ]
    assert (outcome.counts["theirs"], outcome.counts["ours"], outcome.counts["in_both"]) == (7, 7, 4)
    assert (len(api.bodies) > 1) == (page == 2)
