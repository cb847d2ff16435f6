"""A mark belongs to one line: to no other of the same records, to its person under any name, to the areas that saw it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from reference import area_book
from services.chassis.platform import Platform
from tests.component.reporting.checks.office import Office, opened
from tests.component.reporting.checks.support import on_methadone, same
from tests.support.reporting import CHI_LINH, NOW, Log, fold, listed

YEAR = {"period_from": date(2023, 1, 1), "period_to": date(2023, 12, 14)}
DECLARED = "/v1/checks/declared.contradiction"


@pytest.fixture
async def office(platform: Platform) -> AsyncIterator[Office]:
    async with opened(platform) as made:
        yield made


async def test_a_mark_on_one_contradiction_leaves_others_of_the_same_declaration_open(office: Office) -> None:
    # Given a district whose cases are not the sum of their levels, and a province whose cases are not those of its districts
    log = Log()

    def declared(figure: str, area: str, value: str) -> None:
        given: dict[str, Any] = {"agency": "police", "figure": figure, "area": area, "value": value, **YEAR}
        log.write("declared", f"{figure} {area}", unit="police:30", declared_on=date(2023, 12, 20), **given)

    districts = [area.uid for area in area_book().children("30@2008", date(2023, 12, 14))]
    for uid in districts:
        declared("conflicts.detected", uid, "10")
    for level, value in (("1", "5"), ("2", "3"), ("3", "1")):
        declared(f"conflicts.level.{level}", districts[0], value)
    declared("conflicts.detected", "30@2008", str(10 * len(districts) - 1))
    await fold(office.platform, log.messages)
    lines = {one["about"]["rule"]: one for one in await office.lines("committee", DECLARED)}
    sums, parts = lines["check.areas_sum"], lines["table.parts_sum"]
    shared = [{record["record"] for record in one["records"]} for one in (sums, parts)]
    assert shared[0] & shared[1]
    # When the one is marked done
    done = await office.mark(sums["subject"], "done", "committee", path=DECLARED)
    assert done.status_code == 200, done.text
    # Then the other is open, and has no mark
    there = await office.lines("committee", DECLARED, marked="open")
    assert [(one["subject"], one["mark"]) for one in there] == [(parts["subject"], None)]
    there = await office.lines("committee", DECLARED, marked="done")
    assert [one["subject"] for one in there] == [sums["subject"]]


async def renamed(office: Office) -> tuple[str, str]:
    """Mark An's line done; then a link finds An to be somebody under another name. Return both names."""
    before = (await office.lines(area="288"))[0]["subject"]
    await office.mark(before, "assigned", to_unit="health:288")
    await office.mark(before, "done")
    on_methadone(office.log, "aa first", date(2023, 2, 1))
    same(office.log, "aa first", "an")
    await fold(office.platform, office.log.messages)
    (line,) = await office.lines(area="288")
    assert line["subject"] != before
    return before, line["subject"]


async def test_a_line_opened_again_under_its_persons_new_name_is_open_in_every_list(office: Office) -> None:
    # Given a line that was done before a link renamed its person
    _, line = await renamed(office)
    assert [one["subject"] for one in await office.lines(area="288", marked="done")] == [line]
    # When it is opened again under the new name
    office.clock.now = NOW + timedelta(hours=1)
    await office.mark(line, "open")
    # Then the line and each list say so
    (one,) = await office.lines(area="288")
    assert (one["mark"]["state"], one["mark"]["to_unit"]) == ("open", "health:288")
    for wanted, lines in (("open", [line]), ("mine", [line]), ("done", [])):
        found = await office.lines("district", area="288", marked=wanted)
        assert [one["subject"] for one in found] == lines, wanted


async def test_a_line_with_marks_under_two_names_is_on_one_page_once(office: Office) -> None:
    # Given marks under both names of a person, and a marked line of somebody else
    before, line = await renamed(office)
    await office.mark(line, "open")
    other = next(one["subject"] for one in await office.lines() if one["subject"] != line)
    await office.mark(other, "done")
    # When the marked lines are asked for one by one
    pages: list[str] = []
    while page := await office.marked(limit="1", after=pages[-1] if pages else ""):
        pages += page
    # Then each is there once, also after both are settled
    assert pages == sorted([line, other])
    for who in ("an", "chi"):
        listed(office.log, who, "addict", date(2023, 1, 1))
    await fold(office.platform, office.log.messages)
    settled = await office.marked()
    assert before not in settled
    assert sorted(settled) == sorted([line, other])
    assert [len(settled[subject]["history"]) for subject in (line, other)] == [3, 1]
    assert not any(one["mark"]["found"] for one in settled.values())


async def test_after_a_link_is_taken_back_a_mark_on_one_person_says_nothing_of_the_other(
    office: Office,
) -> None:
    # Given two patients who are one person by a link, whose line was marked, and are two again
    _, joined = await renamed(office)
    await office.mark(joined, "open")
    office.log.link("an", "aa first", known=date(2024, 5, 1), unlink=True)
    await fold(office.platform, office.log.messages)
    one, other = [line["subject"] for line in await office.lines(area="288")]
    office.clock.now = NOW + timedelta(hours=1)
    # When the one that the marks did not name is done
    apart = one if other == joined else other
    await office.mark(apart, "done")
    # Then the other is as it was
    assert [line["subject"] for line in await office.lines(area="288", marked="open")] == [joined]
    assert [line["subject"] for line in await office.lines(area="288", marked="done")] == [apart]


async def test_a_line_that_moved_shows_the_marks_of_its_new_area_to_that_area_alone(office: Office) -> None:
    # Given a line marked in district 288, whose patient is found to live in Chí Linh, where it is marked too
    (one,) = await office.lines(area="288")
    line = one["subject"]
    await office.mark(line, "disputed", "district", asked={"area": "288"}, note="đã chuyển đi")
    on_methadone(office.log, "an", date(2023, 3, 1), commune=CHI_LINH)
    await fold(office.platform, office.log.messages)
    done = await office.mark(line, "done", "other district", asked={"area": "290"}, note="việc riêng của 290")
    assert done.status_code == 200, done.text
    # Then district 288 is told neither that it is settled nor what the other district notes
    assert await office.marked("district", area="288") == {}
    assert (await office.marked("other district", area="290"))[line]["mark"]["found"] is True
    # When the police list the patient, and the line is found nowhere
    listed(office.log, "an", "addict", date(2023, 1, 1))
    await fold(office.platform, office.log.messages)
    # Then it is settled for both, each with its own marks, and for the province with all
    for who, area, notes in (
        ("district", "288", ["đã chuyển đi"]),
        ("other district", "290", ["việc riêng của 290"]),
        ("health", "30", ["đã chuyển đi", "việc riêng của 290"]),
    ):
        settled = (await office.marked(who, area=area))[line]
        assert settled["mark"]["found"] is False
        assert [mark["note"] for mark in settled["history"]] == notes, who


@pytest.mark.parametrize(
    ("unit", "fault"),
    [
        ("health:288", None),
        ("health:30", None),
        ("health:10513", None),
        ("health:290", "mark_unit_of_elsewhere"),
        ("health:10546", "mark_unit_of_elsewhere"),
        ("police:288", "mark_unit_of_others"),
    ],
)
async def test_a_line_is_assigned_to_units_that_see_it(office: Office, unit: str, fault: str | None) -> None:
    line = (await office.lines(area="288"))[0]["subject"]
    answer = await office.mark(line, "assigned", to_unit=unit)
    assert [one["rule"] for one in answer.json().get("errors", ())] == ([fault] if fault else [])
    assert answer.status_code == (422 if fault else 200)


@pytest.mark.parametrize(
    ("mark", "given"),
    [
        ("assigned", {"to_unit": "health:288", "on": "2024-05-20"}),
        ("done", {"note": "đã gửi Mẫu 11"}),
        ("disputed", {"on": "2024-05-20", "note": "không phải người này"}),
        ("note", {"note": "gọi lại thứ hai"}),
        ("note", {"note": "gọi lại thứ hai", "on": "2024-05-20"}),
    ],
)
async def test_a_request_sent_again_changes_nothing_and_another_day_or_note_does(
    office: Office, mark: str, given: dict[str, Any]
) -> None:
    # Given a line that is done since yesterday, and a mark on it
    line = (await office.lines(area="288"))[0]["subject"]
    await office.mark(line, "done", on="2024-05-31")
    office.clock.now = NOW + timedelta(minutes=1)
    first = await office.mark(line, mark, **given)
    assert first.json()["outcome"] == "marked", first.text
    # When the request is sent again, it changes nothing
    again = await office.mark(line, mark, **given)
    assert (again.json()["outcome"], again.json()["mark"]["marks"]) == ("unchanged", 2)
    # When it is said of another day, or with another note, it is a mark of its own
    for changed in ({"on": "2024-05-21"}, {"note": "ghi chú khác"}):
        other = await office.mark(line, mark, **given | changed)
        assert other.json()["outcome"] == "marked", changed


async def test_of_marks_made_at_once_each_knows_those_before_it(office: Office) -> None:
    line = (await office.lines(area="288"))[0]["subject"]
    # When the same is said six times at once
    answers = await asyncio.gather(*(office.mark(line, "assigned", to_unit="health:288") for _ in range(6)))
    # Then it was marked once
    assert Counter(answer.json()["outcome"] for answer in answers) == {"marked": 1, "unchanged": 5}
    # When two officials take the line at once
    taken = await asyncio.gather(
        office.mark(line, "assigned", to_person="an.health"),
        office.mark(line, "assigned", "colleague", to_person="dung.health"),
    )
    # Then the second is told that it has the line after the other
    assert sorted(answer.json()["mark"]["marks"] for answer in taken) == [2, 3]
    last = next(answer.json()["mark"] for answer in taken if answer.json()["mark"]["marks"] == 3)
    (one,) = await office.lines(area="288")
    assert one["mark"]["to_person"] == last["to_person"]


async def test_the_list_of_an_earlier_instant_is_read_and_not_marked(office: Office) -> None:
    line = (await office.lines(area="288", known_at="2024-05-01"))[0]["subject"]
    answer = await office.mark(line, "done", asked={"known_at": "2024-05-01"})
    assert (answer.status_code, [fault["rule"] for fault in answer.json()["errors"]]) == (
        422,
        ["mark_known_earlier"],
    )
