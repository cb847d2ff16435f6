"""Trying rows out reads the people they name: a dry run or shown changes tell no more of them than a reading does.

An office above hands in for its units and reads who their people are only with a purpose; who somebody under 18 is, no
clerk reads at all. Each test tries what told it nevertheless: other names, numbers and days until the answer changed.
"""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.component.registers.conftest import Desk
from tests.support.keepers import LISTED, SITE
from tests.support.register_rows import CLINICIAN, IDENTITY

MINOR = {**IDENTITY, "full_name": "Trẻ Văn Con", "birth_date": "17/08/2010"}
RECORDS: dict[str, dict[str, Any]] = {
    "determination": {
        "slip_no": "0020/2024",
        "facility_code": SITE,
        "clinician_no": "BS-01",
        "requested_on": "01/02/2024",
        "concluded_on": "05/02/2024",
        "conclusion": "not_addicted",
    },
    "methadone": {"patient_no": "BN-1", "enrolled_on": "10/02/2024", "facility_code": SITE},
    "registry": {"record_no": "HS-1", "status_from": "01/03/2024", "status": "user"},
}
KEYS = {
    "determination": ("slip_no",),
    "methadone": ("patient_no", "enrolled_on"),
    "registry": ("record_no", "status_from"),
}
UNITS = {"determination": SITE, "methadone": SITE, "registry": "police:10525"}
OFFICES = {"determination": "health:31", "methadone": "health:31", "registry": "police:31"}
GUESSES: list[dict[str, Any]] = [
    {"full_name": IDENTITY["full_name"]},
    {"full_name": MINOR["full_name"]},
    {"full_name": "Trần Văn Khác"},
    {"national_id": IDENTITY["national_id"]},
    {"national_id": "030090009999"},
    {"national_id": ""},
    {"birth_date": "05/03/1990"},
    {"birth_date": "17/08/2010"},
    {"full_name": "A B C", "birth_date": "1980", "sex": "Nữ"},
    {},
]
"""Right and wrong names and numbers, of whoever stands there."""

forms = pytest.mark.parametrize("form", RECORDS)


@pytest.fixture(autouse=True)
async def nobody_looked_at(desk: Desk) -> None:
    for service in desk.services.values():
        async with service.platform.uow() as session:
            await session.execute(text("TRUNCATE look, look_question, identity_reading"))


def key(form: str) -> dict[str, Any]:
    return {name: RECORDS[form][name] for name in KEYS[form]}


async def moved_to_today(desk: Desk) -> None:
    """List the facility where it lies since the merger: below the department of the province of today."""
    moved = {**LISTED[0][1], "valid_from": "01/07/2025", "commune_code": "10525"}
    assert (await desk.hand_in("facilities", moved, by="health:31"))["accepted"] == 1


async def entered(desk: Desk, form: str, who: dict[str, Any], **other: Any) -> None:
    if UNITS[form] == SITE:
        await moved_to_today(desk)
    if form == "determination":
        listed = {**CLINICIAN, "facility_code": SITE, "valid_to": None, "recorded_on": None}
        await desk.hand_in("clinicians", listed, by="health:31")
    answer = await desk.hand_in(form, {**RECORDS[form], **who, **other})
    assert answer["accepted"] == 1, answer


async def tried(
    desk: Desk, form: str, *rows: dict[str, Any], by: str, purpose: str = "", **said: Any
) -> httpx.Response:
    """The answer to a batch for the unit that keeps the form, by a clerk of another one or of its own."""
    service = desk.services_of(form)
    body = {
        "unit": UNITS[form],
        "rows": [{"row": number, "values": row} for number, row in enumerate(rows, 1)],
        **{"dry_run": True, **said},
    }
    stated = {"Khopso-Purpose": purpose} if purpose else {}
    headers = service.as_("clerk", by, **stated)
    return await service.client.post(f"/v1/forms/{form}/records", json=body, headers=headers)


def said_of(answer: httpx.Response) -> dict[str, Any]:
    """What an answer tells apart from what the row itself said."""
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def looks(desk: Desk, form: str) -> list[tuple[Any, ...]]:
    rows = await desk.services_of(form).query(
        "SELECT of_unit, unit, form, identities, purpose FROM look ORDER BY id"
    )
    return [tuple(row) for row in rows]


@forms
@pytest.mark.parametrize("said", [{}, {"show_changes": True}, {"replace": True, "show_changes": True}])
async def test_an_office_above_tries_nothing_out_without_a_purpose(
    desk: Desk, form: str, said: dict[str, Any]
) -> None:
    await entered(desk, form, IDENTITY)
    there, nobody = key(form), {**key(form), KEYS[form][0]: "NOBODY"}
    answers = [
        await tried(desk, form, {**place, **guess}, by=OFFICES[form], **said)
        for place in (there, nobody)
        for guess in GUESSES
    ]
    assert {(answer.status_code, answer.json()["rule"]) for answer in answers} == {(403, "purpose_needed")}
    told = [
        {name: value for name, value in each.json().items() if name != "correlationid"} for each in answers
    ]
    assert all(each == told[0] for each in told), (
        "the same whether the record is there and the guess is right"
    )
    assert await looks(desk, form) == []


@forms
async def test_with_a_purpose_it_counts_one_person_and_the_unit_sees_the_look(desk: Desk, form: str) -> None:
    await entered(desk, form, IDENTITY)
    rows = [{**key(form), "full_name": name} for name in (IDENTITY["full_name"], "Trần Văn Khác")]
    answer = said_of(
        await tried(desk, form, *rows, by=OFFICES[form], purpose="inspection", show_changes=True)
    )
    assert (answer["unchanged"], answer["corrected"]) == (1, 1)
    assert [change["old"] for change in answer["changes"]] == [IDENTITY["full_name"]]
    assert await looks(desk, form) == [(UNITS[form], OFFICES[form], form, 1, "inspection")]
    counted = await desk.services_of(form).query("SELECT sum(identities) FROM identity_reading")
    assert counted[0][0] == 1
    # When the row is about nobody who is there, then nobody was looked at
    nobody = {**key(form), KEYS[form][0]: "NOBODY"}
    assert said_of(await tried(desk, form, nobody, by=OFFICES[form], purpose="inspection"))["refused_rows"]
    assert len(await looks(desk, form)) == 1


@forms
async def test_a_row_that_changes_nothing_and_says_who_somebody_is_is_a_look(desk: Desk, form: str) -> None:
    # Given somebody's record, and a row of the office above, with no purpose, that only repeats the name: it leaves no version
    await entered(desk, form, IDENTITY)
    row = {**key(form), "full_name": IDENTITY["full_name"]}
    for times in (1, 2):
        answer = said_of(await tried(desk, form, row, by=OFFICES[form], dry_run=False))
        assert (answer["unchanged"], answer["corrected"]) == (1, 0)
        # Then the unit sees each time that the name was confirmed
        assert await looks(desk, form) == [(UNITS[form], OFFICES[form], form, 1, "")] * times
    # And it counts to no limit: a whole register may be handed in again
    assert await desk.services_of(form).query("SELECT 1 FROM identity_reading") == []
    # The unit's own clerk does the daily work
    assert said_of(await tried(desk, form, row, by=UNITS[form], dry_run=False))["unchanged"] == 1
    assert len(await looks(desk, form)) == 2


async def test_more_people_than_the_limit_an_hour_are_not_tried_out(desk: Desk) -> None:
    await moved_to_today(desk)
    rows = [
        {**RECORDS["methadone"], **IDENTITY, "patient_no": f"BN-{number}", "national_id": None}
        for number in range(60)
    ]
    assert (await desk.hand_in("methadone", *rows))["accepted"] == 60
    above = {"by": "health:31", "purpose": "inspection"}
    assert said_of(await tried(desk, "methadone", *rows[:40], **above))["unchanged"] == 40
    beyond = await tried(desk, "methadone", rows[40], **above)
    assert (beyond.status_code, beyond.json()["rule"]) == (403, "too_many_identities")
    # The unit's own clerk does the daily work.
    assert said_of(await tried(desk, "methadone", *rows, by=SITE))["unchanged"] == 60


@forms
async def test_the_own_clerk_tries_adults_out_without_a_purpose(desk: Desk, form: str) -> None:
    await entered(desk, form, IDENTITY)
    rows = [{**key(form), "full_name": name} for name in (IDENTITY["full_name"], "Trần Văn Khác")]
    answer = said_of(await tried(desk, form, *rows, by=UNITS[form], show_changes=True))
    assert (answer["unchanged"], answer["corrected"]) == (1, 1)
    assert [change["new"] for change in answer["changes"]] == ["Trần Văn Khác"]
    assert await looks(desk, form) == []


@forms
@pytest.mark.parametrize("office", [False, True])
@pytest.mark.parametrize("said", [{}, {"show_changes": True}, {"replace": True, "show_changes": True}])
async def test_no_guess_at_who_a_minor_is_changes_the_answer(
    desk: Desk, form: str, office: bool, said: dict[str, Any]
) -> None:
    await entered(desk, form, MINOR)
    by = OFFICES[form] if office else UNITS[form]
    answers = [
        said_of(await tried(desk, form, {**key(form), **guess}, by=by, purpose="inspection", **said))
        for guess in GUESSES
        if "sex" not in guess
    ]
    assert all(answer == answers[0] for answer in answers), answers
    assert answers[0]["unchanged"] == 1, "judged by the other columns alone"
    # When a column that does not say who it is differs, then that is told as ever
    answer = said_of(
        await tried(desk, form, {**key(form), "commune_code": "10516"}, by=by, purpose="inspection", **said)
    )
    assert answer["corrected"] == 1
    assert await looks(desk, form) == []


@pytest.mark.parametrize("by", [SITE, "health:31"])
async def test_no_day_tells_when_a_minor_was_born(desk: Desk, by: str) -> None:
    await entered(desk, "determination", MINOR)
    for day in ("16/08/2010", "17/08/2010", "18/08/2010"):
        row = {**key("determination"), "requested_on": day, "concluded_on": day}
        answer = said_of(await tried(desk, "determination", row, by=by, purpose="inspection"))
        assert "birth_date" not in {fault["field"] for fault in answer["refused"]}, answer
        assert {fault["rule"] for fault in answer["refused"]} <= {"clinician_unknown", "facility_unknown"}


async def test_an_older_page_and_a_row_after_a_withdrawal_tell_nothing_of_a_minor(desk: Desk) -> None:
    await entered(desk, "methadone", MINOR)
    full = {**RECORDS["methadone"], **MINOR}
    for first in ({}, {**key("methadone"), "void": "x"}):
        answers = []
        for guess in GUESSES:
            late = [{**full, **guess}, {**full, **guess, "sex": "Nam", "recorded_on": "11/02/2024"}]
            rows = [*([first] if first else []), *late]
            answers.append(said_of(await tried(desk, "methadone", *rows, by=SITE)))
        counts = [
            {name: answer[name] for name in ("unchanged", "corrected", "restored", "refused")}
            for answer, guess in zip(answers, GUESSES, strict=True)
            if "sex" not in guess
        ]
        assert all(each == counts[0] for each in counts), counts


async def test_a_number_of_a_minor_does_not_tell_another_person_from_the_right_one(desk: Desk) -> None:
    await entered(desk, "methadone", MINOR)
    again = {**RECORDS["methadone"], **MINOR, "enrolled_on": "10/02/2025"}
    other = {**again, "full_name": "A B C", "birth_date": "05/03/1990", "sex": "Nữ"}
    answers = [said_of(await tried(desk, "methadone", row, by=SITE)) for row in (again, other)]
    assert [(answer["accepted"], answer["refused"]) for answer in answers] == [(1, []), (1, [])]


async def test_a_key_that_says_who_a_minor_is_finds_nothing_in_a_dry_run(desk: Desk) -> None:
    arrest = {"case_no": "MT-1", **MINOR, "arrested_on": "10/05/2024", "outcome": "prosecuted"}
    await desk.hand_in("arrests", arrest)
    answers = [
        await desk.hand_in("arrests", {**arrest, "national_id": number}, dry_run=True)
        for number in (MINOR["national_id"], "030090009999")
    ]
    assert [answer["accepted"] for answer in answers] == [1, 1]
    # The hand-in itself knows the record.
    assert (await desk.hand_in("arrests", arrest))["unchanged"] == 1


AGED = {"birth_date": "01/01/1980"}
ANOTHER = {"full_name": "A B C", "birth_date": "05/03/1990", "sex": "Nữ"}


@forms
@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("replace", [True, False])
async def test_one_row_makes_nobody_old_enough_for_the_next_rows_answer(
    desk: Desk, form: str, dry_run: bool, replace: bool
) -> None:
    await entered(desk, form, MINOR)
    rows = [{**key(form), **said} for said in (AGED, {"full_name": "A B C"}, {"national_id": ""}, ANOTHER)]
    said: dict[str, Any] = {"dry_run": dry_run, "replace": replace}
    for shown in (True, False):
        answer = await tried(desk, form, *rows, by=UNITS[form], show_changes=shown, **said)
        assert answer.status_code == 200, answer.text
        for secret in (MINOR["full_name"], MINOR["national_id"], "2010"):
            assert secret not in answer.text
    # When the rows come one by one, then the history still says that it is a minor
    for row in rows:
        alone = await tried(desk, form, row, by=UNITS[form], show_changes=True, **said)
        assert MINOR["full_name"] not in alone.text
        assert MINOR["national_id"] not in alone.text


@forms
async def test_a_used_number_names_nobody_who_was_a_minor_by_an_earlier_version(
    desk: Desk, form: str
) -> None:
    await entered(desk, form, MINOR)
    aged = await tried(desk, form, {**key(form), **AGED}, by=UNITS[form], dry_run=False)
    assert aged.json()["corrected"] == 1, aged.text
    another = {**RECORDS[form], **IDENTITY, **ANOTHER}
    answer = said_of(await tried(desk, form, another, by=UNITS[form], dry_run=False))
    assert [fault["rule"] for fault in answer["refused"]] == ["number_used"]
    assert MINOR["full_name"] not in str(answer)


@forms
async def test_one_row_alone_with_its_changes_needs_a_purpose_too(desk: Desk, form: str) -> None:
    await entered(desk, form, IDENTITY)
    service = desk.services_of(form)
    row = {**key(form), "full_name": "Nguyễn Văn Thử Hai"}
    answers = [
        await service.client.post(
            f"/v1/forms/{form}?unit={UNITS[form]}&show_changes=true",
            json=row,
            headers=service.as_("clerk", OFFICES[form], **stated),
        )
        for stated in ({}, {"Khopso-Purpose": "inspection"})
    ]
    assert [answer.status_code for answer in answers] == [403, 200], answers[-1].text
    assert answers[0].json()["rule"] == "purpose_needed"
    assert [change["old"] for change in answers[1].json()["changes"]] == [IDENTITY["full_name"]]
    assert await looks(desk, form) == [(UNITS[form], OFFICES[form], form, 1, "inspection")]
    # When nothing is shown, then a hand-in needs none: it leaves its trace in the history
    plain = await tried(desk, form, {**row, "national_id": ""}, by=OFFICES[form], dry_run=False)
    assert said_of(plain)["corrected"] == 1


BORN = {"adult": ("05/03/1990", "04/03/1990"), "minor": ("17/08/2010", "16/08/2010")}
"""The day of birth of who stands there, and the day before it."""
DATED: dict[str, dict[str, str]] = {
    "registry": {"decision_no": "QĐ-1", "decision_date": "{day}"},
    "determination": {"requested_on": "{day}", "concluded_on": "{day}"},
}


@pytest.mark.parametrize("form", DATED)
@pytest.mark.parametrize(
    ("who", "office", "shown"),
    [
        ("adult", True, False),
        ("minor", True, False),
        ("minor", True, True),
        ("minor", False, False),
        ("minor", False, True),
    ],
)
async def test_a_hand_in_that_leaves_the_birth_date_out_does_not_tell_it_by_what_it_refuses(
    desk: Desk, form: str, who: str, office: bool, shown: bool
) -> None:
    await entered(desk, form, MINOR if who == "minor" else IDENTITY)
    by = OFFICES[form] if office else UNITS[form]
    # A hand-in whose changes are shown is a reading of people below, and states what for
    said: dict[str, Any] = {"dry_run": False, "show_changes": shown, "purpose": "inspection" if shown else ""}
    answers = []
    for day in BORN[who]:
        row = {**key(form), **{name: text.format(day=day) for name, text in DATED[form].items()}}
        answer = said_of(await tried(desk, form, row, by=by, **said))
        answers.append(
            {fault["rule"] for fault in answer["refused"]} - {"facility_unknown", "clinician_unknown"}
        )
    assert answers == [set(), set()]


async def test_the_own_clerk_is_told_that_an_adult_was_born_later(desk: Desk) -> None:
    await entered(desk, "registry", IDENTITY)
    row = {**key("registry"), "decision_no": "QĐ-1", "decision_date": "04/03/1990"}
    answer = said_of(await tried(desk, "registry", row, by=UNITS["registry"], dry_run=False))
    assert {fault["rule"] for fault in answer["refused"]} == {"order"}


async def test_what_was_withheld_from_the_rules_stays_in_the_record(desk: Desk) -> None:
    await entered(desk, "registry", IDENTITY)
    row = {**key("registry"), "status": "addict"}
    assert (
        said_of(await tried(desk, "registry", row, by=OFFICES["registry"], dry_run=False))["corrected"] == 1
    )
    (record,) = await desk.records("registry")
    assert {
        name: record["values"][name] for name in ("full_name", "birth_date", "national_id", "status")
    } == {
        "full_name": IDENTITY["full_name"],
        "birth_date": "1990-03-05",
        "national_id": IDENTITY["national_id"],
        "status": "addict",
    }
