"""After a closing: late records, corrections, voids, links; every revision with its cause; editions that supersede."""

import asyncio
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from contracts.catalogue import parse_event
from proof import check_chain, check_closing, public_key
from services.chassis.persistence.session import raw
from services.reporting.closing import repository
from services.reporting.closing.usecases import steady
from services.reporting.facts import generations
from services.reporting.facts.late_arrivals import note_read_anew
from tests.component.reporting.closing.conftest import Office
from tests.support.closings import ACCEPTED
from tests.support.reporting import CHI_LINH, A, Log, fold, listed, named, person

SINCE = date(2023, 2, 1)


async def closed(office: Office, log: Log, **order: str) -> dict[str, Any]:
    """Fold what is written, close 2023, and let a month pass."""
    await fold(office.platform, log.messages)
    closing = await office.close(**({"figures": "police"} | order))
    office.clock.advance(timedelta(days=30))
    return closing


def of(found: dict[str, Any], figure: str, by: str | None = None) -> dict[str | None, dict[str, Any]]:
    """The revised cells of a figure in one breakdown, by row."""
    return {c["row"]: c for c in found["cells"] if (c["figure"], c["by"]) == (figure, by)}


def said(cell: dict[str, Any]) -> tuple[Any, Any, list[tuple[str, Any]]]:
    return cell["old"], cell["new"], [(cause["reason"], cause["count"]) for cause in cell["causes"]]


async def test_a_record_that_was_back_filled_after_the_closing_is_a_late_one_whatever_its_record_time(
    office: Office,
) -> None:
    log = Log()
    listed(log, "an", "user", SINCE)
    closing = await closed(office, log)
    late = log.write(
        "registry", "binh", person=person("binh"), **A, status="user", status_from=SINCE, recorded=SINCE
    )
    await fold(office.platform, [late])
    found = await office.revisions(closing, who="police")
    cell = of(found, "registry.users")[None]
    assert said(cell) == (1, 2, [("late_record", 1)])
    (record,) = cell["causes"][0]["records"]
    assert record == {
        "record": str(named("registry police:288 binh")),
        "event": late.document["id"],
        "form": "registry",
        "type": "registered",
        "unit": "police:288",
        "recorded_at": "2023-01-31T17:00:00+00:00",
        "arrived_after_closing": True,
    }
    assert (await office.replay(closing))["equal"]


async def test_only_the_cells_that_changed_are_listed(office: Office) -> None:
    log = Log()
    listed(log, "an", "user", SINCE)
    closing = await closed(office, log)
    assert (await office.revisions(closing))["cells"] == []
    log.write("drug_cases", "d", **A, detected_on=date(2023, 6, 1), offence="trade", subjects=3)
    await fold(office.platform, log.messages[-1:])
    found = await office.revisions(closing)
    changed = {(c["figure"], c["by"], c["row"]): c["difference"] for c in found["cells"]}
    assert changed == {
        (figure, by, row): count
        for figure, count in (
            ("drug_cases.detected", 1),
            ("drug_cases.without_outcome", 1),
            ("drug_cases.subjects", 3),
        )
        for by, row in ((None, None), ("area", "288"), ("commune", "10513"))
    }


async def test_a_correction_a_void_and_a_move_are_told_apart(office: Office) -> None:
    log = Log()
    for who in ("an", "binh", "chi"):
        listed(log, who, "user", SINCE)
    closing = await closed(office, log)
    before = len(log.messages)
    later: dict[str, Any] = {"recorded": date(2024, 6, 20)}
    log.write("registry", f"an {SINCE}", void=True, **later)
    log.write(
        "registry", f"binh {SINCE}", person=person("binh"), **A, status="addict", status_from=SINCE, **later
    )
    moved: dict[str, Any] = {"commune": CHI_LINH, "status": "user", "status_from": SINCE}
    log.write("registry", f"chi {SINCE}", person=person("chi"), **moved, **later)
    await fold(office.platform, log.messages[before:])
    found = await office.revisions(closing)
    assert said(of(found, "registry.users")[None]) == (3, 1, [("void", -1), ("correction", -1)])
    assert said(of(found, "registry.users", "area")["290"]) == (0, 1, [("moved_area", 1)])
    home = of(found, "registry.users", "commune")["10513"]
    assert (home["old"], home["new"]) == (3, 0)
    assert sorted(cause["reason"] for cause in home["causes"]) == ["correction", "moved_area", "void"]
    assert said(of(found, "registry.addicts_with_file")[None]) == (0, 1, [("correction", 1)])


async def test_a_link_and_its_end_move_the_persons_they_join(office: Office) -> None:
    log = Log()
    listed(log, "an", "user", SINCE)
    listed(log, "an again", "user", SINCE, commune=CHI_LINH)
    joined = await closed(office, log)
    log.link("an", "one", known=date(2023, 3, 1))
    log.link("an again", "one", known=date(2023, 3, 1))
    await fold(office.platform, log.messages[-2:])
    found = await office.revisions(joined, who="police")
    assert said(of(found, "registry.users")[None]) == (2, 1, [("link", -1)])
    assert of(found, "registry.users", "area") == {}
    assert {record["form"] for record in of(found, "registry.users")[None]["causes"][0]["records"]} == {
        "person_link"
    }
    apart = await office.close(figures="annual")
    office.clock.advance(timedelta(days=1))
    log.link("an again", "one", known=date(2023, 3, 1), unlink=True)
    await fold(office.platform, log.messages[-1:])
    assert said(of(await office.revisions(apart), "registry.users")[None]) == (1, 2, [("unlink", 1)])
    assert (await office.revisions(joined))["cells"] == []
    for closing in (joined, apart):
        assert (await office.replay(closing))["equal"]


async def test_a_row_that_ends_because_another_begins_names_the_other(office: Office) -> None:
    log = Log()
    listed(log, "an", "user", SINCE)
    closing = await closed(office, log)
    listed(log, "an", "addict", date(2023, 9, 1))
    await fold(office.platform, log.messages[-1:])
    found = await office.revisions(closing, who="police")
    gone = of(found, "registry.users")[None]
    assert said(gone) == (1, 0, [("related_record", -1)])
    assert [record["event"] for record in gone["causes"][0]["records"]] == [log.messages[-1].document["id"]]


async def test_a_ratio_tells_what_changed_its_parts(office: Office) -> None:
    log = Log()
    listed(log, "an", "user", SINCE, has_decision=True, decision_date=SINCE)
    closing = await closed(office, log)
    listed(log, "binh", "user", SINCE)
    await fold(office.platform, log.messages[-1:])
    cell = of(await office.revisions(closing), "registry.users_with_decision_pct")[None]
    assert (cell["old"], cell["new"], cell["additive"], cell["difference"]) == ("100", "50", False, None)
    assert cell["parts"] == {"numerator": {"old": 1, "new": 1}, "denominator": {"old": 1, "new": 2}}
    assert [(cause["figure"], cause["count"]) for cause in cell["causes"]] == [("registry.users", 1)]


async def test_communes_and_targets_are_revised_too(office: Office) -> None:
    log = Log()
    period = {"period_from": date(2023, 1, 1), "period_to": date(2023, 12, 31)}
    goal: dict[str, Any] = {"figure": "detox.compulsory_admitted", "area": "30@2008", **period}
    log.write("targets", "t", unit="committee:30", value="120", **goal)
    closing = await closed(office, log, figures="annual")
    log.write("targets", "t", unit="committee:30", value="125", recorded=date(2024, 6, 5), **goal)
    log.write("places", "p", commune=CHI_LINH, kind="hot_spot", place="p", valid_from=date(2023, 5, 1))
    await fold(office.platform, log.messages[-2:])
    found = await office.revisions(closing)
    assert said(of(found, "detox.compulsory_target")[None]) == (120, 125, [("correction", 5)])
    assert said(of(found, "areas.with_drug_problem")[None]) == (0, 1, [("late_record", 1)])
    assert said(of(found, "areas.without_drug_problem", "area")["290"])[2] == [("late_record", -1)]


async def test_a_target_of_an_old_district_is_revised_in_its_row_of_the_regions_of_2025(
    office: Office,
) -> None:
    log = Log()
    period = {"period_from": date(2025, 1, 1), "period_to": date(2025, 12, 31)}
    goal: dict[str, Any] = {"figure": "detox.compulsory_admitted", "area": "288@2008", **period}
    log.write("targets", "t", unit="committee:30", value="40", **goal)
    await fold(office.platform, log.messages)
    office.clock.advance(timedelta(days=700))
    closing = await office.close(who="successor", period="2025", figures="police", area="31")
    office.clock.advance(timedelta(days=30))
    late = log.write("targets", "t", unit="committee:30", value="45", recorded=date(2026, 3, 1), **goal)
    await fold(office.platform, [late])
    found = await office.revisions(closing, who="police of 2025")
    cell = of(found, "detox.compulsory_target", "region")["288"]
    assert said(cell) == (40, 45, [("correction", 5)])
    assert [record["event"] for record in cell["causes"][0]["records"]] == [late.document["id"]]


async def test_records_are_shown_to_those_entitled_and_counts_to_all_who_may_read(office: Office) -> None:
    log = Log()
    closing = await closed(office, log)
    listed(log, "an", "user", SINCE)
    await fold(office.platform, log.messages)
    for who, shows in (("official", False), ("police", True), ("clerk", False)):
        answer = await office.get(f"/{closing['id']}/revisions", who=who)
        cell = of(answer.json(), "registry.users")[None]
        assert (cell["causes"][0]["records"] is not None, "records_hidden" in cell) == (shows, not shows)
        assert (cell["causes"][0]["count"], cell["causes"][0]["events"]) == (1, 1)


async def test_revisions_as_known_earlier_leave_out_what_was_recorded_later(office: Office) -> None:
    log = Log()
    closing = await closed(office, log)
    listed(log, "an", "user", SINCE, recorded=date(2024, 6, 10))
    listed(log, "binh", "user", SINCE, recorded=date(2024, 6, 20))
    await fold(office.platform, log.messages)
    at = {
        known: (await office.revisions(closing, known_at=known))["cells"]
        for known in ("2024-06-09", "2024-06-15")
    }
    assert at["2024-06-09"] == []
    assert {c["new"] for c in at["2024-06-15"] if (c["figure"], c["by"]) == ("registry.users", None)} == {1}
    early = await office.get(f"/{closing['id']}/revisions", known_at="2024-05-01")
    assert early.json()["errors"][0]["rule"] == "closing_known_before_closing"


async def test_a_new_edition_supersedes_and_states_what_changed_and_both_stay(office: Office) -> None:
    log = Log()
    listed(log, "an", "user", SINCE)
    first = await closed(office, log)
    refused = await office.post(f"/{first['id']}/editions", {})
    assert (refused.status_code, refused.json()["rule"]) == (409, "closing_unrevised")
    listed(log, "binh", "user", SINCE)
    await fold(office.platform, log.messages)
    second = (await office.post(f"/{first['id']}/editions", {"note": "sửa"})).json()
    assert (second["edition"], second["supersedes"], second["previous_hash"]) == (
        2,
        first["id"],
        first["entry_hash"],
    )
    stated = {(r["figure"], r["by"], r["row"]): (r["old"], r["new"]) for r in second["revisions"]}
    assert stated["registry.users", None, None] == (1, 2)
    key = public_key((await office.get("/key")).json()["public_key"].encode())
    for edition in (first, second):
        assert check_closing(edition, key) == []
        assert (await office.get(f"/{edition['id']}")).json() == edition
        assert (await office.replay(edition))["equal"]
    assert check_chain((await office.get("/chain")).json(), key) == []
    stale = await office.post(f"/{first['id']}/editions", {})
    assert (stale.status_code, stale.json()["rule"]) == (409, "closing_superseded")
    again = await office.post("", {"calendar": "civil", "period": "2023", "figures": "police"})
    assert "edition 2" in again.json()["message"]["en"]
    assert (await office.revisions(first))["superseded_by"] == second["id"]
    assert (await office.revisions(second))["cells"] == []


async def test_noted_revisions_are_kept_and_told_once(office: Office) -> None:
    log = Log()
    closing = await closed(office, log)
    listed(log, "an", "user", SINCE)
    await fold(office.platform, log.messages)
    path = f"/{closing['id']}/revisions"
    noted = (await office.post(path)).json()
    assert noted["revision"] == 1
    again = await office.post(path)
    assert (again.status_code, again.json()["rule"]) == (409, "closing_nothing_new")
    assert (await office.post(path, who="clerk")).status_code == 403
    async with office.platform.uow() as session:
        rows = await session.execute(text("SELECT topic, payload FROM outbox ORDER BY id"))
        events = [
            (parse_event(topic, payload), orjson.loads(payload)["data"]) for topic, payload in rows.all()
        ]
    assert [(event.type, event.sequence) for event, _ in events] == [
        ("reporting.period.closed.v1", 1),
        ("reporting.period.revised.v1", 2),
    ]
    assert (events[1][1]["cells"], events[1][1]["list_hash"]) == (len(noted["cells"]), noted["list_hash"])


async def test_of_two_officials_who_do_the_same_at_once_one_does_it_and_the_other_is_told(
    office: Office,
) -> None:
    log = Log()
    order = {"calendar": "civil", "period": "2023", "figures": "police", "accept_missing": ACCEPTED}
    made = await asyncio.gather(*(office.post("", order) for _ in range(3)))
    assert sorted(answer.status_code for answer in made) == [201, 409, 409]
    closing = next(answer.json() for answer in made if answer.status_code == 201)
    office.clock.advance(timedelta(days=30))
    listed(log, "an", "user", SINCE)
    await fold(office.platform, log.messages)
    path = f"/{closing['id']}"
    noted = await asyncio.gather(*(office.post(f"{path}/revisions") for _ in range(3)))
    assert sorted(answer.status_code for answer in noted) == [201, 409, 409]
    again, late = await asyncio.gather(office.post(f"{path}/editions", {}), office.post(f"{path}/revisions"))
    assert (again.status_code, late.status_code) == (201, 409)
    async with office.platform.uow() as session:
        told = await session.execute(text("SELECT sequence FROM outbox ORDER BY sequence"))
        assert told.scalars().all() == [1, 2, 3]


async def test_while_an_official_takes_note_of_revisions_facts_are_folded_but_nothing_is_closed(
    office: Office,
) -> None:
    log = Log()
    listed(log, "an", "user", SINCE)
    async with steady(office.platform, repository.hold_chain):
        await asyncio.wait_for(fold(office.platform, log.messages), 30)
        closing = asyncio.create_task(office.close(figures="police"))
        done, _ = await asyncio.wait([closing], timeout=1)
        assert not done
    counted = {cell["figure"]: cell["value"] for cell in (await closing)["cells"] if cell["by"] is None}
    assert counted["registry.users"] == 1


@pytest.mark.parametrize("anew", [False, True], ids=["everything was read before", "one message only now"])
async def test_a_rebuild_leaves_closings_as_they_were(office: Office, anew: bool) -> None:
    """Also where the new program reads a message that lay dead when the period was closed: that is a late fact."""
    log = Log()
    for number in range(5):
        listed(log, f"p{number}", "user", SINCE)
    log.link("p0", "one", known=date(2023, 3, 1))
    log.link("p1", "one", known=date(2023, 3, 1))
    dead = log.messages[2:3] if anew else []
    await fold(office.platform, [message for message in log.messages if message not in dead])
    closing = await office.close(figures="police")
    heard = len(log.messages)
    listed(log, "late", "user", SINCE)
    await fold(office.platform, log.messages[heard:])
    async with office.platform.uow() as session:
        connection = await raw(session)
        number = await generations.ask(session, office.clock(), "test")
        await generations.begin(session, number, office.clock())
    await fold(office.platform, list(reversed(log.messages)), batch=3, generation=number)
    async with office.platform.uow() as session:
        connection = await raw(session)
        await generations.add_indexes(connection, number)
        await note_read_anew(connection, 1, number)
        await generations.switch(session, 1, number, office.clock())
    assert await office.replay(closing) | {"cells": 0} == {
        "id": closing["id"],
        "equal": True,
        "content_hash": closing["content_hash"],
        "replayed_hash": closing["content_hash"],
        "cells": 0,
        "area_book_changed": False,
        "different": [],
    }
    cell = of(await office.revisions(closing), "registry.users")[None]
    assert said(cell) == ((3, 5, [("late_record", 2)]) if anew else (4, 5, [("late_record", 1)]))


async def test_an_event_that_loses_to_a_later_twin_stays_what_the_closing_counted(office: Office) -> None:
    """Two events of one record and sequence, as after a restored backup: the smaller id wins whenever it comes."""
    log = Log()
    for who in ("an", "binh"):
        given = {"person": person(who), **A, "status_from": SINCE, "sequence": 1}
        log.write("registry", "r", status="user", **given)
    first, second = sorted(log.messages, key=lambda message: message.document["id"])
    await fold(office.platform, [second])
    closing = await office.close(figures="police")
    await fold(office.platform, [first, second])
    assert (await office.replay(closing))["equal"]
    counted = {cell["figure"]: cell["value"] for cell in closing["cells"] if cell["by"] is None}
    assert counted["registry.users"] == 1
    log.write("registry", "r", void=True, sequence=1, recorded=date(2023, 3, 1))
    await fold(office.platform, log.messages[-1:])
    assert (await office.replay(closing))["equal"]
