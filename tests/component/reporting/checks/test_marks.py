"""Marks on lists of checks: who has a line, whether it is done, beside what the check finds; seen with the line alone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy.backup import dump, load
from deploy.embedded.postgres import PostgresServer
from services.chassis.persistence import raw
from services.chassis.platform import Platform
from services.reporting.app import compose
from services.reporting.facts import fetch, generations
from tests.component.reporting.checks.office import AS_OF, CALLERS, PATH, PURPOSE, Office, opened
from tests.component.reporting.checks.support import on_methadone, same
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import CHI_LINH, NOW, PASSWORD, ROLE, Log, fold, listed, reporting_settings


@pytest.fixture
async def office(platform: Platform) -> AsyncIterator[Office]:
    async with opened(platform) as made:
        yield made


async def test_a_mark_says_who_when_and_what_and_the_line_keeps_its_history(office: Office) -> None:
    # Given a line of the list, without a mark
    (one,) = await office.lines(area="288")
    assert one["mark"] is None
    # When the province's official assigns it to the district, and the district says that it is done
    given = await office.mark(one["subject"], "assigned", to_unit="health:288", on="2024-05-20")
    assert (given.status_code, given.json()["outcome"]) == (200, "marked")
    done = await office.mark(one["subject"], "done", "district", note="đã gửi Mẫu 11", asked={"area": "288"})
    assert done.status_code == 200, done.text
    # Then the line says it, beside the truth that the check still finds it
    (one,) = await office.lines("district", area="288")
    mark = one["mark"]
    assert (mark["state"], mark["found"], mark["to_unit"]) == ("done", True, "health:288")
    assert (mark["by"], mark["by_unit"], mark["note"]) == ("binh.district", "health:288", "đã gửi Mẫu 11")
    # And both marks are there, each with its own person and day
    history = (await office.marked())[one["subject"]]["history"]
    assert [(one["mark"], one["by"], one["on"]) for one in history] == [
        ("assigned", "an.health", "2024-05-20"),
        ("done", "binh.district", "2024-06-01"),
    ]


async def test_the_same_mark_said_again_changes_nothing(office: Office) -> None:
    line = (await office.lines(area="288"))[0]["subject"]
    await office.mark(line, "disputed")
    again = await office.mark(line, "disputed")
    assert (again.json()["outcome"], again.json()["mark"]["marks"]) == ("unchanged", 1)


async def test_of_two_who_assign_one_line_to_different_people_the_second_is_told_who_has_it(
    office: Office,
) -> None:
    # Given two officials who have read a line without a mark
    line = (await office.lines(area="288"))[0]["subject"]
    # When both assign it at the same time, each to somebody else, and say what they saw
    first, second = await asyncio.gather(
        office.mark(line, "assigned", to_unit="health:288", seen="none"),
        office.mark(line, "assigned", "colleague", to_person="binh.district", seen="none"),
    )
    # Then one has marked it, and the other is told what stands
    won, lost = sorted((first, second), key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code) == (200, 409)
    stands = won.json()["mark"]
    (fault,) = lost.json()["errors"]
    assert (lost.json()["rule"], fault["rule"], fault["value"]) == (
        "mark_line_changed",
        "mark_seen_other",
        "none",
    )
    for told in (stands["to_unit"] or stands["to_person"], stands["by"], stands["id"]):
        assert told in fault["message"]["vi"]
    assert (await office.marked())[line]["mark"]["marks"] == 1
    # And who has read it again can mark it, as can whoever does not say what they saw
    again = await office.mark(line, "disputed", seen=stands["id"])
    assert (again.status_code, again.json()["mark"]["state"]) == (200, "disputed")
    assert (await office.mark(line, "done")).status_code == 200


async def test_a_request_that_is_sent_again_is_no_conflict_with_itself(office: Office) -> None:
    line = (await office.lines(area="288"))[0]["subject"]
    await office.mark(line, "done", seen="none")
    again = await office.mark(line, "done", seen="none")
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")


async def test_a_note_is_no_state_that_another_must_have_seen(office: Office) -> None:
    # Given a line that somebody has only noted something on
    line = (await office.lines(area="288"))[0]["subject"]
    await office.mark(line, "note", "colleague", note="gọi lại")
    # Then whoever saw it without a mark can assign it
    assert (await office.mark(line, "assigned", to_unit="health:288", seen="none")).status_code == 200


@pytest.mark.parametrize("wanted", ["open", "mine", "done"])
async def test_a_list_narrowed_by_marks_runs_the_check_once(
    office: Office, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    # Given a list with a line that is done
    await office.mark((await office.lines(area="288"))[0]["subject"], "done")
    ran: list[str] = []

    async def counted(connection: Any, statement: Any) -> Any:
        ran.append(statement.name)
        return await fetch(connection, statement)

    monkeypatch.setattr("services.reporting.checks.queries.fetch", counted)
    # When it is asked for by marks
    lines = await office.lines(marked=wanted)
    # Then its findings are counted once and listed once
    assert sorted(ran) == ["counting", "listing"]
    assert len(lines) == {"open": 1, "mine": 0, "done": 1}[wanted]


async def test_a_page_of_open_lines_is_full_however_many_are_done(office: Office) -> None:
    # Given the first line of a list done
    first, second = sorted(one["subject"] for one in await office.lines())
    await office.mark(first, "done")
    # Then a page of one line has the next
    assert [one["subject"] for one in await office.lines(marked="open", limit="1")] == [second]


async def test_a_list_can_be_narrowed_to_what_is_open_or_ones_own(office: Office) -> None:
    # Given one line done and one assigned to the district of the other
    by_area = {one["records"][0]["area"]: one["subject"] for one in await office.lines()}
    chi = by_area.pop(CHI_LINH)
    (an,) = by_area.values()
    await office.mark(chi, "done")
    await office.mark(an, "assigned", to_unit="health:288")
    # Then each word shows its lines, and the check's own count stays what it is
    for wanted, lines in (
        ("open", [an]),
        ("done", [chi]),
        ("assigned", [an]),
        ("mine", []),
        ("disputed", []),
    ):
        assert [one["subject"] for one in await office.lines(marked=wanted)] == lines, wanted
    assert [one["subject"] for one in await office.lines("district", area="288", marked="mine")] == [an]
    answer = await office.client.get(
        PATH, params={**AS_OF, "marked": "open"}, headers=bearer("health", **PURPOSE)
    )
    assert answer.json()["count"] == 2
    wrong = await office.client.get(PATH, params={"marked": "all"}, headers=bearer("health", **PURPOSE))
    assert (wrong.status_code, wrong.json()["errors"][0]["rule"]) == (422, "mark_wanted")


async def test_a_line_that_vanished_is_settled_and_keeps_its_marks(office: Office) -> None:
    # Given a line that was marked done though it was still wrong
    line = (await office.lines(area="288"))[0]["subject"]
    await office.mark(line, "done", note="đã lập hồ sơ")
    assert (await office.marked())[line]["mark"]["found"] is True
    # When the police list the patient
    log = Log()
    listed(log, "an", "addict", date(2023, 1, 1))
    await fold(office.platform, log.messages)
    # Then the list has the line no more, and what was marked is there, with the record that was behind it
    assert line not in [one["subject"] for one in await office.lines()]
    settled = (await office.marked())[line]
    assert (settled["mark"]["state"], settled["mark"]["found"]) == ("done", False)
    assert len(settled["records"]) == 1
    # And it can be marked no more
    refused = await office.mark(line, "open")
    assert (refused.status_code, refused.json()["rule"]) == (404, "mark_line_unknown")


async def test_a_mark_stays_with_its_record_when_a_link_names_the_person_anew(office: Office) -> None:
    # Given a marked line of a person
    line = (await office.lines(area="288"))[0]["subject"]
    await office.mark(line, "disputed", note="không phải người này")
    # When the person is found to be somebody whose name is another reference
    log = Log()
    on_methadone(log, "aa first", date(2023, 2, 1))
    same(log, "aa first", "an")
    await fold(office.platform, log.messages)
    # Then the mark is on the line that has the record now
    marked = [one for one in await office.lines(area="288") if one["mark"]]
    assert [one["mark"]["state"] for one in marked] == ["disputed"]
    assert [line["mark"]["found"] for line in (await office.marked(area="288")).values()] == [True]


@pytest.mark.parametrize(
    ("who", "asked", "status"),
    [
        ("clerk", {}, 403),
        ("police", {}, 403),
        ("committee", {}, 403),
        ("analyst", {}, 403),
        ("admin", {}, 403),
        ("operator", {}, 403),
        ("district", {}, 403),
        ("other district", {"area": "288"}, 403),
        ("other district", {"area": "290"}, 404),
    ],
)
async def test_who_does_not_read_a_line_neither_marks_it_nor_reads_its_marks(
    office: Office, who: str, asked: dict[str, str], status: int
) -> None:
    # Given a marked line of district 288
    line = (await office.lines(area="288"))[0]["subject"]
    await office.mark(line, "done", note="việc riêng của y tế")
    # When somebody who is not shown the line asks for it
    tried = await office.mark(line, "open", who, asked=asked)
    answer = await office.client.get(f"{PATH}/marks", params=AS_OF | asked, headers=bearer(who, **PURPOSE))
    plain = await office.client.get(PATH, params=AS_OF | asked, headers=bearer(who, **PURPOSE))
    # Then nothing of it is told, and nothing was marked
    assert tried.status_code == status
    assert answer.status_code in (200, 403)
    assert "việc riêng" not in tried.text + answer.text + plain.text
    assert line not in tried.text + answer.text + plain.text
    assert (await office.marked())[line]["mark"]["marks"] == 1


async def test_without_a_purpose_nothing_is_marked_or_shown(office: Office) -> None:
    line = (await office.lines(area="288"))[0]["subject"]
    tried = await office.mark(line, "done", headers={})
    assert (tried.status_code, tried.json()["rule"]) == (400, "purpose_missing")
    answer = await office.client.get(f"{PATH}/marks", params=AS_OF, headers=bearer("health"))
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("mark", "given", "rule"),
    [
        ("note", {}, "mark_needs_note"),
        ("assigned", {}, "mark_needs_whom"),
        ("assigned", {"to_unit": "health:288", "to_person": "x"}, "mark_needs_whom"),
        ("done", {"to_unit": "health:288"}, "mark_whom_unfit"),
        ("assigned", {"to_unit": "police:"}, "unit"),
        ("assigned", {"to_unit": "police:288"}, "mark_unit_of_others"),
        ("assigned", {"to_unit": "KHONG-CO"}, "mark_unit_of_others"),
        ("done", {"on": "2024-06-02"}, "mark_in_future"),
        ("note", {"note": "CCCD 030 090 001 234"}, "mark_identity_number"),
        ("assigned", {"to_person": "030090001234"}, "mark_identity_number"),
        ("note", {"note": "hai\ndòng"}, "shape.string_pattern_mismatch"),
        ("note", {"note": "030 - / - 201 - / - 001234"}, "mark_identity_number"),
        ("done", {"seen": "maybe"}, "shape.uuid_parsing"),
        ("note", {"note": "x" * 501}, "shape.string_too_long"),
        ("note", {"note": "a\u202eb"}, "text_unusable"),
    ],
)
async def test_a_mark_that_cannot_stand_is_refused_and_says_why(
    office: Office, mark: str, given: dict[str, Any], rule: str
) -> None:
    line = (await office.lines(area="288"))[0]["subject"]
    answer = await office.mark(line, mark, **given)
    assert answer.status_code == 422
    assert rule in [fault["rule"] for fault in answer.json()["errors"]], answer.text
    if rule == "mark_identity_number":
        assert "1234" not in answer.text
    assert await office.marked() == {}


async def test_marks_are_known_from_when_they_were_told(office: Office) -> None:
    # Given a line marked today, for a day of last month
    line = (await office.lines(area="288"))[0]["subject"]
    await office.mark(line, "done", on="2024-05-01")
    # When the list is asked as known now and as known yesterday
    office.clock.now = NOW + timedelta(days=1)
    yesterday = (NOW - timedelta(days=1)).isoformat()
    # Then yesterday's knowledge has no mark
    assert (await office.marked())[line]["mark"]["state"] == "done"
    assert await office.marked(known_at=yesterday) == {}


async def test_marks_are_never_changed_and_notes_are_unreadable_in_the_database(office: Office) -> None:
    # Given a mark with a note
    line = (await office.lines(area="288"))[0]["subject"]
    await office.mark(line, "done", note="bí mật nghiệp vụ")
    async with office.platform.uow() as session:
        connection = await raw(session)
        cursor = await connection.execute("SELECT sealed FROM line_note")
        (sealed,) = [bytes(row[0]) for row in await cursor.fetchall()]
        # Then the note is encrypted
        assert "bí mật".encode() not in sealed
    for change in ("UPDATE line_mark SET kind = 'open'", "DELETE FROM line_mark", "TRUNCATE line_mark"):
        # And whoever changes a mark is refused by the database
        with pytest.raises(psycopg.errors.RestrictViolation):
            async with office.platform.uow() as session:
                await (await raw(session)).execute(change)


async def test_marks_outlive_a_rebuild_of_the_tables_and_are_in_a_backup(
    office: Office, server: PostgresServer, tmp_path: Path
) -> None:
    # Given a marked line
    line = (await office.lines(area="288"))[0]["subject"]
    await office.mark(line, "done", note="đã gửi Mẫu 11")
    before = await office.marked()
    # When the tables are made anew from the log
    async with office.platform.uow() as session:
        number = await generations.ask(session, NOW, "test")
        await generations.begin(session, number, NOW)
    await fold(office.platform, office.log.messages, generation=number)
    async with office.platform.uow() as session:
        await generations.add_indexes(await raw(session), number)
        await generations.switch(session, 1, number, NOW)
    # Then the mark is on its line as before
    assert await office.marked() == before
    # And a backup holds it with its note, and gives both back
    file = tmp_path / "reporting.dump"
    kept = dump(office.platform.settings.database_url.get_secret_value(), file, NOW).rows
    assert (kept["public.line_mark"], kept["public.line_note"]) == (1, 1)
    restored = server.ensure_service(ROLE, PASSWORD, "marks_restored")
    assert load(server.admin_url("marks_restored"), file) == kept
    made = Platform.of(reporting_settings(restored))
    try:
        async with client_of(known_to(made, CALLERS, NOW), compose) as client:
            answer = await client.get(f"{PATH}/marks", params=AS_OF, headers=bearer("health", **PURPOSE))
        assert {one["subject"]: one for one in answer.json()["lines"]} == before
    finally:
        await made.close()


async def test_a_change_of_the_field_key_encrypts_notes_anew(office: Office, platform: Platform) -> None:
    # Given a note under the first key, and a service that has a second one
    line = (await office.lines(area="288"))[0]["subject"]
    await office.mark(line, "note", note="gọi lại thứ hai")
    keys = platform.settings.field_keys.get_secret_value()
    both = keys[:-1] + ',"k2":"' + "QUJD" * 10 + 'QUI="}'
    settings = reporting_settings(
        platform.settings.database_url.get_secret_value(), field_keys=both, field_key_current="k2"
    )
    renewed = replace(known_to(platform, CALLERS, NOW), settings=settings)
    async with client_of(renewed, compose) as client:
        before = (await client.get("/v1/keys/fields", headers=bearer("operator"))).json()
        # When the operator rotates
        turned = (await client.post("/v1/keys/fields/rotate", json={}, headers=bearer("operator"))).json()
        after = (await client.get("/v1/keys/fields", headers=bearer("operator"))).json()
        marks = await client.get(f"{PATH}/marks", params=AS_OF, headers=bearer("health", **PURPOSE))
    # Then the note is under the second key, and readable
    assert (before["identities"], turned["rewritten"], after["identities"]) == ({"k1": 1}, 1, {"k2": 1})
    assert marks.json()["lines"][0]["mark"]["note"] == "gọi lại thứ hai"
