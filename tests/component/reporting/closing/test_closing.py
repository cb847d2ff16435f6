"""Closing: frozen, hashed, chained, signed, told; nothing changes what is closed; bad orders get clear answers."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import psycopg
import pytest
from sqlalchemy import text

from contracts.catalogue import parse_event
from proof import (
    GENESIS,
    canonical,
    chain_of,
    check_chain,
    check_closing,
    digest,
    link_of,
    public_key,
)
from proof.publication import check_publication
from reference.figures import FIGURES
from reference.pack.areas import area_book
from services.chassis.persistence.session import database_error
from tests.component.reporting.closing.conftest import Office
from tests.support.closings import ACCEPTED
from tests.support.reporting import CHI_LINH, A, Log, ask, fold, listed


def story() -> Log:
    """Two users and an addict, a fire and a drug case in 2023."""
    log = Log()
    listed(log, "an", "user", date(2023, 2, 1))
    listed(log, "binh", "addict", date(2023, 3, 1), presence="community")
    listed(log, "chi", "user", date(2023, 4, 1), commune=CHI_LINH)
    log.write(
        "fires",
        "f1",
        commune=A["commune"],
        alarm_at=datetime(2023, 5, 1, 3, tzinfo=UTC),
        place="dwelling",
        damage_vnd=150_000_000,
        counts_as_case=True,
    )
    case: dict[str, Any] = {"offence": "trade", "subjects": 2, "seized_grams": "1.25"}
    log.write("drug_cases", "d1", **A, detected_on=date(2023, 6, 1), **case)
    return log


def value(closing: dict[str, Any], figure: str, row: str | None = None, by: str | None = None) -> object:
    (cell,) = [
        c for c in closing["cells"] if c["figure"] == figure and c["row"] == row and by in (None, c["by"])
    ]
    return cell["value"]


async def test_a_closing_holds_every_figure_of_the_area_its_districts_and_its_communes(
    office: Office,
) -> None:
    await fold(office.platform, story().messages)
    closing = await office.close(note="thử", name="Trần Thị Thử")
    book = area_book()
    day = date(2023, 12, 31)
    expected = {
        (code, by, row)
        for code in FIGURES
        for by, rows in (
            (None, [None]),
            ("area", [area.code for area in book.children("30@2008", day)]),
            ("commune", [area.code for area in book.communes("30@2008", day)]),
        )
        for row in rows
        if code != "detox.compulsory_target" or row is None
    }
    assert {(c["figure"], c["by"], c["row"]) for c in closing["cells"]} == expected
    assert (len(book.children("30@2008", day)), len(book.communes("30@2008", day))) == (12, 235)
    assert value(closing, "registry.users") == 2
    assert value(closing, "registry.users", "10546") == 1
    assert value(closing, "registry.users", "290", "area") == 1
    assert value(closing, "registry.users", "10513") == 1
    assert value(closing, "drug_cases.seized_grams") == "1.25"
    assert value(closing, "fires.damage_vnd") == 150_000_000
    (ratio,) = [
        c for c in closing["cells"] if c["figure"] == "registry.users_with_decision_pct" and c["by"] is None
    ]
    assert (ratio["numerator"], ratio["denominator"], ratio["value"]) == (0, 2, "0")
    assert closing["official"] == {"subject": "b", "unit": "committee:30", "name": "Trần Thị Thử"}
    assert (closing["from"], closing["to"], closing["known_at"]) == (
        "2023-01-01",
        "2023-12-31",
        office.clock().isoformat(),
    )


async def test_closed_figures_are_those_that_were_asked_at_the_same_instant(office: Office) -> None:
    await fold(office.platform, story().messages)
    closing = await office.close()
    for code in ("registry.users", "methadone.active", "areas.with_drug_problem"):
        answer = await ask(
            office.platform, code, as_of="2023-12-31", known_at=closing["known_at"], by="commune"
        )
        closed = {
            c["row"]: c["value"] for c in closing["cells"] if c["figure"] == code and c["by"] == "commune"
        }
        assert closed == {row["commune"]: row["value"] for row in answer["rows"]}
        assert value(closing, code) == answer["value"]


async def test_a_calendar_of_one_agency_closes_that_agencys_figures_of_a_wider_set(office: Office) -> None:
    await fold(office.platform, story().messages)
    last = date(2023, 12, 14)
    # Given the police's year, closed with the figures of the committee's annual report
    closing = await office.close(who="police", calendar="police", figures="annual")
    codes = {cell["figure"] for cell in closing["cells"]}
    # Then it holds figures of the police and no other, the police read it whole, and it replays equal
    assert codes
    assert {FIGURES[code].owner_on(last) for code in codes} == {"police"}
    assert not any(code.startswith(("methadone.", "determination.")) for code in codes)
    assert (await office.get(f"/{closing['id']}", who="police")).status_code == 200
    assert (await office.replay(closing))["equal"]


async def test_a_closing_proves_itself_and_follows_the_one_before(office: Office) -> None:
    await fold(office.platform, story().messages)
    one = await office.close()
    two = await office.close(period="2023-Q1", calendar="health", figures="health", who="health")
    key = public_key((await office.get("/key")).json()["public_key"].encode())
    assert check_closing(one, key) == check_closing(two, key) == []
    assert (one["previous_hash"], two["previous_hash"]) == (GENESIS, one["entry_hash"])
    chain = (await office.get("/chain", who="analyst")).json()
    assert check_chain(chain, key) == []
    assert chain == chain_of([link_of(one), link_of(two)])
    served = (await office.get(f"/{one['id']}")).content
    assert served == canonical(one)


async def test_nothing_changes_a_closed_figure(office: Office) -> None:
    log = story()
    await fold(office.platform, log.messages)
    closing = await office.close()
    before = (await office.get(f"/{closing['id']}")).content
    office.clock.advance(timedelta(days=9))
    listed(log, "dung", "user", date(2023, 2, 2))
    log.write("registry", f"an {date(2023, 2, 1)}", void=True, recorded=date(2023, 2, 2))
    await fold(office.platform, log.messages)
    assert (await office.get(f"/{closing['id']}")).content == before


@pytest.mark.parametrize("table", ["closing", "closing_revision", "late_arrival"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET {}"])
async def test_the_database_refuses_to_change_what_is_closed(
    office: Office, table: str, statement: str
) -> None:
    column = {"closing": "note", "closing_revision": "cells", "late_arrival": "after_closing"}[table]
    column = "cells" if column == "note" else column
    with pytest.raises(Exception, match="only ever added") as raised:
        async with office.platform.uow() as session:
            await session.execute(text(statement.format(table, f"{column} = 0")))
    assert isinstance(database_error(raised.value), psycopg.errors.RestrictViolation)


async def test_closing_twice_is_refused_and_names_the_edition(office: Office) -> None:
    first = await office.close(figures="health")
    again = await office.post("", {"calendar": "civil", "period": "2023", "figures": "health"})
    assert (again.status_code, again.json()["rule"]) == (409, "closing_exists")
    assert first["id"] in again.json()["message"]["en"]
    assert "edition 1" in again.json()["message"]["en"]


@pytest.mark.parametrize(
    ("order", "status", "rule"),
    [
        ({"period": "2024"}, 422, "closing_not_over"),
        ({"period": "2023-Q9"}, 422, "period_unknown"),
        ({"calendar": "lunar"}, 422, "calendar_unknown"),
        ({"figures": "everything"}, 422, "closing_set_unknown"),
        ({"figures": "labour", "period": "2026"}, 422, "closing_set_empty"),
        ({"known_at": "2024-07-01"}, 422, "known_at_in_future"),
        ({"known_at": "2023-12-30"}, 422, "closing_known_before_end"),
        ({"known_at": "soon"}, 422, "known_at"),
        ({"area": "999"}, 404, "area_unknown"),
        ({"name": "a\x00b"}, 422, "text_unusable"),
        ({"note": "\x1b[2J"}, 422, "text_unusable"),
    ],
    ids=str,
)
async def test_a_bad_order_gets_a_clear_answer(
    office: Office, order: dict[str, str], status: int, rule: str
) -> None:
    answer = await office.post(
        "", {"calendar": "civil", "period": "2023", "figures": "health", "accept_missing": ACCEPTED} | order
    )
    problem = answer.json()
    assert (
        answer.status_code,
        {problem["rule"]} | {fault["rule"] for fault in problem["errors"]} >= {rule},
    ) == (
        status,
        True,
    ), problem


@pytest.mark.parametrize(
    ("who", "order", "status"),
    [
        ("official", {}, 201),
        ("official", {"calendar": "committee", "figures": "annual"}, 201),
        ("official", {"calendar": "health"}, 403),
        ("admin", {}, 403),
        ("clerk", {}, 403),
        ("analyst", {}, 403),
        ("health", {"calendar": "health"}, 201),
        ("health", {}, 403),
        ("health", {"calendar": "police"}, 403),
        ("health", {"calendar": "health", "figures": "police"}, 403),
        ("police", {"calendar": "police", "figures": "police"}, 201),
        ("police", {"figures": "police"}, 403),
        # Of the annual report's figures a calendar closes its own agency's.
        ("police", {"calendar": "police", "figures": "annual"}, 201),
        ("successor", {}, 201),
        ("district", {"calendar": "police", "figures": "police", "area": "288"}, 201),
        ("district", {"calendar": "police", "figures": "police", "area": "290"}, 403),
        ("district", {"calendar": "police", "figures": "police"}, 403),
    ],
)
async def test_officials_of_the_calendars_owner_close_figures_that_they_see_in_their_own_area(
    office: Office, who: str, order: dict[str, str], status: int
) -> None:
    given = {"calendar": "civil", "period": "2023", "figures": "health", "accept_missing": ACCEPTED} | order
    answer = await office.post("", given, who=who)
    assert answer.status_code == status
    if status == 403 and "area" not in order and who != "district":
        assert "this right is held by an official" in answer.json()["message"]["en"] or "exact" in answer.text


@pytest.mark.parametrize("path", ["/editions", "/publications", "/revisions"])
async def test_what_is_done_to_a_closing_is_its_calendars_officials_and_no_administrators(
    office: Office, path: str
) -> None:
    # Given a period of health's calendar that health has closed
    closing = await office.close(who="health", calendar="health", figures="health")
    body = {"file": "a.pdf", "sha256": "0" * 64} if path == "/publications" else {}
    # When those who are not its calendar's officials do something to it, then they are refused
    for who in ("official", "admin", "clerk", "police", "analyst"):
        assert (await office.post(f"/{closing['id']}{path}", body, who=who)).status_code == 403, who
    # And health's official is answered otherwise: there is nothing to revise, or it is published
    answer = await office.post(f"/{closing['id']}{path}", body, who="health")
    assert answer.status_code == (201 if path == "/publications" else 409)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("admin", 403),
        ("official", 200),
        ("clerk", 200),
        ("health", 200),
        ("successor", 200),
        ("police", 403),
        ("analyst", 403),
        ("district", 403),
    ],
)
async def test_closed_figures_are_shown_to_those_who_may_see_them_exactly(
    office: Office, who: str, status: int
) -> None:
    closing = await office.close(figures="health")
    for path in ("", "/replay", "/revisions"):
        assert (await office.get(f"/{closing['id']}{path}", who=who)).status_code == status
    assert (await office.get("", who=who)).json()["closings"][0]["content_hash"] == closing["content_hash"]


async def test_without_a_key_of_the_office_nothing_is_closed(keyless: Office) -> None:
    answer = await keyless.post("", {"calendar": "civil", "period": "2023", "figures": "health"})
    assert (answer.status_code, answer.json()["rule"]) == (503, "closing_no_key")
    assert (await keyless.get()).json() == {"closings": []}


async def test_a_closing_is_told_to_those_who_follow(office: Office) -> None:
    closing = await office.close(figures="health")
    async with office.platform.uow() as session:
        rows = await session.execute(text("SELECT topic, subject, sequence, payload FROM outbox ORDER BY id"))
        ((topic, subject, sequence, payload),) = rows.all()
    event = parse_event(topic, payload)
    assert (topic, event.type, subject, sequence) == (
        "reporting.closings",
        "reporting.period.closed.v1",
        closing["id"],
        1,
    )
    told = orjson.loads(payload)["data"]
    assert told["content_hash"] == closing["content_hash"]
    assert told["cells"] == len(closing["cells"])
    assert "cells" not in {name for name, held in told.items() if isinstance(held, list)}


async def test_an_earlier_instant_of_knowledge_can_be_closed(office: Office) -> None:
    log = story()
    listed(log, "em", "user", date(2023, 12, 1), recorded=date(2024, 2, 1))
    await fold(office.platform, log.messages)
    early = await office.close(known_at="2024-01-31")
    assert value(early, "registry.users") == 2
    revised = await office.revisions(early)
    (total,) = [c for c in revised["cells"] if (c["figure"], c["by"]) == ("registry.users", None)]
    assert (total["old"], total["new"], [cause["reason"] for cause in total["causes"]]) == (
        2,
        3,
        ["late_record"],
    )


async def test_an_unknown_closing_is_not_found(office: Office) -> None:
    missing = "0189d3a0-0000-7000-8000-000000000001"
    for path in ("", "/replay", "/revisions"):
        assert (await office.get(f"/{missing}{path}")).status_code == 404
    assert (await office.post(f"/{missing}/editions", {})).status_code == 404
    assert (await office.get("/no-id")).status_code == 422


async def test_what_is_folded_while_a_period_is_closed_is_in_it_whole_or_not_at_all(office: Office) -> None:
    log = Log()
    for number in range(60):
        listed(log, f"p{number}", "user", date(2023, 2, 1))
        log.link(f"p{number}", f"t{number // 2}", known=date(2023, 2, 1))
    folding = [fold(office.platform, log.messages[at::6], batch=3) for at in range(6)]
    closing, *_ = await asyncio.gather(office.close(figures="police"), *folding)
    replayed = (await office.get(f"/{closing['id']}/replay")).json()
    assert (replayed["equal"], replayed["different"]) == (True, [])
    now = await ask(office.platform, "registry.users", as_of="2023-12-31")
    assert now["value"] == 30
    revised = (await office.get(f"/{closing['id']}/revisions")).json()["cells"]
    totals = [c["new"] for c in revised if (c["figure"], c["by"]) == ("registry.users", None)]
    assert (totals or [value(closing, "registry.users")]) == [30]


async def test_closings_made_at_once_follow_one_another(office: Office) -> None:
    sets = ("health", "police", "fires-conflicts", "labour", "annual")
    await asyncio.gather(*(office.close(figures=figures) for figures in sets))
    key = public_key((await office.get("/key")).json()["public_key"].encode())
    chain = (await office.get("/chain")).json()
    assert (check_chain(chain, key), chain["length"]) == ([], 5)


async def test_a_published_file_is_signed_with_its_closing(office: Office) -> None:
    closing = await office.close(figures="health")
    given = {"file": "health.pdf", "sha256": digest(b"%PDF")}
    made = await office.post(f"/{closing['id']}/publications", given)
    key = public_key((await office.get("/key")).json()["public_key"].encode())
    assert made.status_code == 201
    assert check_publication(made.json(), b"%PDF", key) == []
    assert [one.rule for one in check_publication(made.json(), b"%PDG", key)] == [
        "closing_published_file_changed"
    ]
    assert (await office.post(f"/{closing['id']}/publications", given, who="clerk")).status_code == 403
    bad = {"file": "x", "sha256": "no hash"}
    assert (await office.post(f"/{closing['id']}/publications", bad)).status_code == 422
