"""What is due at a unit: by the interface, as files, for whom; with one statement however many records there are."""

import csv
import io
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import text

from services.incidents.duties import BOOK as INCIDENTS
from services.registers.duties import files, http, reading, reckoning
from services.treatment.duties import BOOK as TREATMENT
from tests.component.desk.conftest import browser_of, said
from tests.support.keepers import CAMP
from tests.support.page_tables import shown
from tests.support.register_rows import FULL, IDENTITY, SECRETS
from tests.support.registers import Service

POLICE, ABOVE, OTHER = "police:10513", "police:30", "police:10546"
USER = {**IDENTITY, "status": "user"}
USERS: tuple[dict[str, Any], ...] = (
    # Three working days after Monday, 9 October 2023.
    {**USER, "record_no": "HS-1", "status_from": "09/10/2023"},
    {
        **USER,
        "record_no": "HS-2",
        "status_from": "05/12/2023",
        "decision_no": "2",
        "decision_date": "05/12/2023",
    },
    {
        **USER,
        "record_no": "HS-3",
        "status_from": "01/11/2024",
        "decision_no": "3",
        "decision_date": "01/11/2024",
    },
    {**USER, "record_no": "=HS-4", "status": "post_detox", "status_from": "01/01/2022"},
    {
        **USER,
        "record_no": "HS-5",
        "status_from": "09/10/2023",
        "removed_on": "01/02/2024",
        "removal_reason": "x",
    },
)
DUE = [
    ("=HS-4", "registry.post_detox_term", "overdue", "2024-01-01", 336),
    ("HS-1", "registry.user_decision", "overdue", "2023-10-12", 417),
    ("HS-2", "registry.user_term", "soon", "2024-12-05", 0),
    ("HS-3", "registry.user_term", "open", "2025-11-01", 0),
]
"""On 2 December 2024."""


async def asked(service: Service, by: str, role: str = "clerk", ending: str = "", **params: Any) -> Any:
    """The answer to somebody of a unit."""
    headers = service.as_(role, by, "30")
    return await service.client.get(f"/v1/duties{ending}", params=params, headers=headers)


def number_of(duty: Mapping[str, str]) -> str:
    """The number of a person; a row of the register has the day from which it holds, too."""
    return duty["number"].partition(" / ")[0]


async def numbers(service: Service, by: str, **params: Any) -> list[str]:
    """The numbers of the records about which something is due, in their order."""
    return [number_of(each) for each in (await asked(service, by, **params)).json()["duties"]]


@pytest.fixture
async def registry(desks: Mapping[str, Service]) -> Service:
    service = desks["registry"]
    taken = await service.post_rows("registry", list(USERS), unit=POLICE)
    assert taken["accepted"] == len(USERS), taken
    return service


async def test_a_unit_is_told_what_is_due_with_what_is_longest_overdue_first(registry: Service) -> None:
    found = (await asked(registry, POLICE)).json()
    told = [
        (number_of(each), each["rule"], each["state"], each["until"], each["late_days"])
        for each in found["duties"]
    ]
    assert told == sorted(DUE, key=lambda each: (each[2] != "overdue", each[2] != "soon", each[3]))
    assert (found["overdue"], found["soon"], found["open"]) == (2, 1, 1)
    first = found["duties"][0]
    assert first["basis"].startswith("Luật 73/2021/QH14")
    assert first["doubt"]["vi"]
    # And each filter leaves what it names; counts are of all states
    soon = (await asked(registry, POLICE, state="soon")).json()
    assert [number_of(each) for each in soon["duties"]] == ["HS-2"]
    assert soon["overdue"] == 2
    assert await numbers(registry, POLICE, rule="registry.post_detox_term") == ["=HS-4"]
    assert await numbers(registry, POLICE, form="none") == []
    # And of another day what was due then, by the records as they stand
    assert await numbers(registry, POLICE, day="2023-10-12") == ["HS-1", "HS-5", "=HS-4"]


async def test_pages_go_on_where_the_one_before_ended(registry: Service) -> None:
    first = (await asked(registry, POLICE, limit=3)).json()
    second = (await asked(registry, POLICE, limit=3, after=first["next"])).json()
    assert [number_of(each) for each in (*first["duties"], *second["duties"])] == await numbers(
        registry, POLICE
    )
    assert second["next"] is None
    assert (await asked(registry, POLICE, after="x")).status_code == 422


async def test_files_have_the_same_duties_and_the_calendar_no_number(registry: Service) -> None:
    lines = list(csv.DictReader(io.StringIO((await asked(registry, POLICE, ending=".csv")).text[1:])))
    # No spreadsheet takes a number for a formula
    assert [number_of(line).lstrip("'") for line in lines] == await numbers(registry, POLICE)
    assert "'=HS-4" in {number_of(line) for line in lines}
    answer = await asked(registry, POLICE, ending=".ics")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert [str(event.decoded("dtstart")) for event in events] == [
        "2023-10-12",
        "2024-01-01",
        "2024-12-05",
        "2025-11-01",
    ]
    assert not any(secret in answer.text for secret in (*SECRETS, "HS-"))


async def test_the_unit_and_those_above_it_are_told_and_nobody_else(registry: Service) -> None:
    whole = await numbers(registry, POLICE)
    assert await numbers(registry, ABOVE, unit=POLICE) == whole
    assert await numbers(registry, OTHER) == []
    for unit, role in ((OTHER, "clerk"), ("health:10513", "clerk"), (ABOVE, "official"), (ABOVE, "analyst")):
        for ending in ("", ".csv", ".ics"):
            answer = await asked(registry, unit, role, ending, unit=POLICE)
            assert answer.status_code == 403, (unit, role, ending)
            # And of a unit that there is not the same is said
            nobody = await asked(registry, unit, role, ending, unit="police:10549")
            assert nobody.status_code == 403


async def test_the_page_leads_from_each_line_to_its_record_and_says_the_article(registry: Service) -> None:
    clerk = browser_of(registry, POLICE)
    # Given the desk, which says how much is due and leads to the list
    desk = await clerk.get("/registry/")
    assert "Việc đến hạn: quá hạn 2, sắp đến hạn 1, còn lại 1" in said(desk.text)
    page = await clerk.get(shown(desk.text).links["Việc đến hạn: quá hạn 2, sắp đến hạn 1, còn lại 1"])
    lines = shown(page.text).tables["Việc phải làm, quá hạn trước"]
    assert [line[0].partition(" / ")[0] for line in lines] == await numbers(registry, POLICE)
    assert lines[0][2:4] == ["Quá hạn 417 ngày", "12/10/2023"]
    assert "Luật 73/2021/QH14, Điều 23" in lines[0][4]
    assert "sổ không có ngày đó" in lines[0][4]
    record = await clerk.get(shown(page.text).links[lines[0][0]])
    assert (record.status_code, "HS-1" in said(record.text)) == (200, True)
    # And it is narrowed down, and read as files
    soon = await clerk.get("duties", state="soon", rule="", unit="")
    assert [line[3] for line in shown(soon.text).tables["Việc phải làm, quá hạn trước"]] == ["05/12/2024"]
    table = await clerk.get(shown(soon.text).links["Tải bảng (CSV)"])
    assert table.text.count("registry.user_term") == 1
    assert "BEGIN:VEVENT" in (await clerk.get(shown(soon.text).links["Tải lịch (iCalendar)"])).text
    # And neither page nor desk tells another unit anything
    other = browser_of(registry, OTHER)
    assert (await other.get("duties", unit=POLICE)).status_code == 403
    assert "Việc đến hạn" not in said((await other.get("/registry/")).text)


async def test_who_stands_above_counts_what_is_due_at_each_unit(registry: Service) -> None:
    counts = {"police:10513": [("registry.users_decided", 2, 3)]}
    for unit, role, expected in (
        (POLICE, "clerk", counts),
        (ABOVE, "clerk", counts),
        (ABOVE, "official", counts),
        (OTHER, "clerk", {}),
        (POLICE, "official", {}),
        ("committee:30", "official", {}),
    ):
        answer = await registry.client.get("/v1/duties/units", headers=registry.as_(role, unit, "30"))
        told = answer.json()["units"]
        found = {each["unit"]: [(g["goal"], g["done"], g["all"]) for g in each["goals"]] for each in told}
        assert found == expected, (unit, role)
    # And its desk leads an official to the page, which names the unit and nobody
    official = browser_of(registry, ABOVE, "official")
    desk = await official.get("/registry/")
    page = await official.get(shown(desk.text).links["Việc đến hạn theo đơn vị"])
    (line,) = shown(page.text).tables["Việc đến hạn theo đơn vị"]
    # Users with a decision; overdue, soon, open; overdue of each rule: decision, term, after detox, status
    assert line[1:] == ["2/3 (66%)", "2", "1", "1", "1", "0", "1", "0"]
    assert "HS-" not in page.text
    analyst = registry.as_("analyst", ABOVE, "30")
    assert (await registry.client.get("/v1/duties/units", headers=analyst)).status_code == 403


async def test_what_is_due_is_reckoned_beside_the_event_loop_and_once_as_long_as_nothing_changes(
    registry: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    reckoned, written = [], []

    def reckon(*given: Any) -> Any:
        reckoned.append(threading.current_thread())
        return reckoning.reckon(*given)

    def csv_of(*given: Any) -> str:
        written.append(threading.current_thread())
        return files.csv_of(*given)

    monkeypatch.setattr(reading, "reckon", reckon)
    monkeypatch.setattr(http, "csv_of", csv_of)
    # Given that it was asked for once, by whomever
    before = await numbers(registry, POLICE)
    await asked(registry, ABOVE, ending=".csv", unit=POLICE)
    await browser_of(registry, POLICE).get("/registry/")
    assert len(reckoned) == len(written) == 1
    assert threading.main_thread() not in {*reckoned, *written}
    # When a record is corrected, or another one withdrawn, then it is not told from memory
    decided = {**USERS[0], "decision_no": "1", "decision_date": "11/10/2023"}
    await registry.post_rows("registry", [decided], unit=POLICE)
    assert "registry.user_decision" not in {
        each["rule"] for each in (await asked(registry, POLICE)).json()["duties"]
    }
    await registry.post_rows("registry", [{**decided, "void": "x"}], unit=POLICE)
    assert await numbers(registry, POLICE) == [each for each in before if each != "HS-1"]
    # And another day is another list
    await asked(registry, POLICE, day="2023-10-12")
    assert len(reckoned) == 4


async def test_treatment_and_incidents_tell_what_is_due_of_theirs(desks: Mapping[str, Service]) -> None:
    treatment, incidents = desks["treatment"], desks["incidents"]
    detox = {key: text for key, text in FULL["detox"].items() if not key.startswith(("stage", "end"))}
    detox["recorded_on"] = "06/03/2022"
    assert (await treatment.post_rows("detox", [detox], unit=CAMP))["accepted"] == 1
    found = (await asked(treatment, CAMP)).json()["duties"]
    # 24 months at the most from 5 March 2022, by a decision of before
    assert [(each["rule"], each["until"]) for each in found] == [("treatment.detox_term", "2024-03-05")]
    assert found[0]["mark"] == "M"
    # The one facility that determines has no clinician in the list
    listed = (await asked(treatment, "health:30")).json()["duties"]
    assert [(each["rule"], each["until"], each["state"]) for each in listed] == [
        ("treatment.facility_clinician", None, "open")
    ]
    # Once another unit lists one, it is not told from memory that there is none
    clinician = {**FULL["clinicians"], "facility_code": listed[0]["number"].partition(" / ")[0]}
    clinician["valid_to"] = ""
    assert (await treatment.post_rows("clinicians", [clinician]))["accepted"] == 1
    assert (await asked(treatment, "health:30")).json()["duties"] == []
    fire = {**FULL["fires"], "cause": "under_investigation"}
    assert (await incidents.post_rows("fires", [fire]))["accepted"] == 1
    assert [each["rule"] for each in (await asked(incidents, ABOVE)).json()["duties"]] == [
        "incidents.fire_cause"
    ]


async def test_what_is_settled_is_not_loaded_and_the_list_of_every_day_is_the_same(
    desks: Mapping[str, Service],
) -> None:
    incidents, treatment = desks["incidents"], desks["treatment"]
    case = {
        **FULL["drug_cases"],
        "detected_on": "01/02/2024",
        "prosecuted_on": "",
        "accused": "",
        "administrative_on": "",
    }
    conflict = {**FULL["conflicts"], "detected_on": "01/02/2024", "outcome": ""}
    detox = {key: text for key, text in FULL["detox"].items() if not key.startswith(("stage", "end"))}
    given: tuple[tuple[Service, str, str, list[dict[str, Any]]], ...] = (
        (
            incidents,
            "fires",
            ABOVE,
            [{"cause": "under_investigation"}, {"cause": ""}, {"cause": "electrical"}],
        ),
        (
            incidents,
            "drug_cases",
            POLICE,
            [{}, {"prosecuted_on": "01/06/2024"}, {"administrative_on": "01/06/2024"}],
        ),
        (
            incidents,
            "conflicts",
            POLICE,
            [
                {"status": "in_progress", "status_on": ""},
                {"status": "resolved_stable", "status_on": ""},
                {"status": "resolved_unstable", "status_on": "01/06/2024"},
            ],
        ),
        (treatment, "detox", CAMP, [{}, {"ended_on": "01/06/2024", "end_reason": "completed"}]),
    )
    rows = {"fires": FULL["fires"], "drug_cases": case, "conflicts": conflict, "detox": detox}
    keys = {
        "fires": "incident_no",
        "drug_cases": "case_no",
        "conflicts": "conflict_no",
        "detox": "episode_no",
    }
    loaded: dict[tuple[str, str], int] = {}
    for service, form, unit, each in given:
        sent = [
            {**rows[form], "recorded_on": "01/11/2024", **one, keys[form]: f"S-{number}"}
            for number, one in enumerate(each)
        ]
        taken = await service.post_rows(form, sent, unit=unit)
        assert taken["accepted"] == len(each), taken
        book = INCIDENTS if service is incidents else TREATMENT
        for day in (date(2024, 5, 31), date(2024, 6, 1), date(2024, 12, 2)):
            async with service.platform.uow() as session:
                found = await reading.facts_of(session, replace(book, forms=(form,)), [unit], day)
                whole = await reading.facts_of(
                    session, replace(book, forms=(form,), over="false"), [unit], day
                )
            assert list(book.find(found, day)) == list(book.find(whole, day))
            assert len(whole) == len(each)
            loaded[form, day.isoformat()] = len(found)
    assert {form: [number for (of, _), number in loaded.items() if of == form] for form in rows} == {
        "fires": [1, 1, 1],
        "drug_cases": [3, 1, 1],
        "conflicts": [2, 1, 1],
        "detox": [2, 1, 1],
    }


async def test_a_units_records_are_found_by_the_index_and_not_by_looking_at_all(registry: Service) -> None:
    # Given as many records at other units
    async with registry.platform.uow() as session:
        await session.execute(
            text(
                "INSERT INTO record (record_id, form, unit, key, sequence, content, digest, recorded_at, own_day,"
                " voided, handed_in_at, handed_in_by)"
                " SELECT gen_random_uuid(), form, 'police:' || 20000 + n % 200, key || n, 1, content, digest,"
                " recorded_at, own_day, voided, handed_in_at, handed_in_by"
                " FROM record, generate_series(1, 2000) AS n"
            )
        )
        await session.execute(text("ANALYZE record"))
    plan = await registry.query(
        "EXPLAIN "
        + reading.FACTS.format(over="false").replace("%(forms)s", ":forms").replace("%(units)s", ":units"),
        forms=["registry"],
        units=[POLICE],
    )
    # Then the unit's are found by form and unit
    way = "\n".join(row[0] for row in plan)
    assert "record_key" in way
    assert "Seq Scan" not in way
