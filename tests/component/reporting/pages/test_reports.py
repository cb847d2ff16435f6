"""The room of reports: what waits, a report with its figures and texts, sent up and decided on a page."""

from collections.abc import AsyncIterator, Mapping
from datetime import date

import httpx
import pytest

from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from services.reporting.documents.composing import usecases
from services.reporting.pages.reports.report_list import edition_name, span_name
from tests.component.reporting.pages.conftest import PEOPLE
from tests.support.callers import bearer, client_of, known_to
from tests.support.packs import COMMUNE, COMMUNE_UID, DISTRICT
from tests.support.page_tables import Shown, shown
from tests.support.reporting import NOW, Log, fold
from texts import message

ROOM = "/reporting/reports"
OFFICES = {
    "writer": Principal(f"committee:{COMMUNE}", COMMUNE, "clerk", "viết"),
    "official": Principal(f"committee:{COMMUNE}", COMMUNE, "official", "ký"),
    "above": Principal(f"committee:{DISTRICT}", DISTRICT, "official", "duyệt"),
    "beside above": Principal(f"committee:{DISTRICT}", DISTRICT, "clerk", "xem"),
}
TEXTS = {
    "remarks": "Ổn định.\n- Không có tụ điểm",
    "causes": "Thiếu cán bộ.",
    "directions": "",
    "recommendations": "",
}
WAITING = message("page.reports.waiting").vi


class Room:
    """The pages, as somebody sees and sends them."""

    def __init__(self, client: httpx.AsyncClient, year: str = "2023") -> None:
        self.client = client
        self.named = {"area": COMMUNE, "year": year}

    async def get(self, path: str, who: str, **given: str) -> httpx.Response:
        headers = bearer(who, Accept="text/html", **{"Accept-Language": "vi"})
        return await self.client.get(path, params=given or None, headers=headers)

    async def look(self, path: str, who: str, **given: str) -> Shown:
        answer = await self.get(path, who, **given)
        assert answer.status_code == 200, answer.text
        return shown(answer.text)

    async def press(self, who: str, act: str, seen: str, **typed: str) -> httpx.Response:
        headers = bearer(who, Accept="text/html", **{"Accept-Language": "vi"})
        data: Mapping[str, str] = {**self.named, "act": act, "seen": seen, **typed}
        return await self.client.post(f"{ROOM}/annual", data=data, headers=headers)


@pytest.fixture(scope="module")
async def client(service: tuple[httpx.AsyncClient, Platform, Log]) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(known_to(service[1], {**PEOPLE, **OFFICES}, NOW), compose, timeout=60) as there:
        yield there


async def test_a_report_is_found_written_sent_up_returned_and_approved_on_pages(
    client: httpx.AsyncClient,
) -> None:
    room = Room(client)
    # Given a commune's official, who finds the report by area and period
    listed = await room.look(ROOM, "official", area=COMMUNE, calendar="civil", period="2023")
    assert listed.tables[WAITING] == [[message("page.reports.none_waiting").vi]]
    href = next(href for href in listed.links.values() if "/reports/annual" in href and "year=2023" in href)
    page = await room.look(href, "official")
    # The figures stand beside the fields
    assert "12" in page.text
    assert page.inputs["seen"] == "0"
    # When it is written, and sent up twice by a double click
    saved = await room.press("writer", "written", "0", **TEXTS)
    assert saved.status_code == 303
    assert (
        message("page.report.done.written").vi in (await room.look(saved.headers["location"], "writer")).text
    )
    for _ in range(2):
        sent = await room.press("official", "submitted", "1", **TEXTS | {"directions": "Rà soát."})
        assert sent.status_code == 303, sent.text
    page = await room.look(sent.headers["location"], "official")
    history = page.tables[message("page.report.history").vi]
    assert [row[0] for row in history] == [
        message(f"report.act.{act}").vi for act in ("submitted", "written", "written")
    ]
    # Then it waits for the level above: at home, and in the list
    notice = message("page.reports.waiting_count", count="1").vi
    assert notice in (await room.look("/reporting/", "above")).text
    (row,) = (await room.look(ROOM, "above")).tables[WAITING]
    assert row[3] == message("page.reports.why.decide").vi
    decided = await room.look(href, "above")
    assert "Thiếu cán bộ." in decided.text
    # Which returns it, but not without saying why
    refused = await room.press("above", "returned", "3")
    assert refused.status_code == 422
    assert message("report_reason_needed").vi in refused.text
    assert (await room.press("above", "returned", "3", reason="Nêu rõ hơn")).status_code == 303
    mended = await room.look(href, "official")
    assert "Nêu rõ hơn" in mended.text
    assert (await room.press("official", "submitted", "4", **TEXTS)).status_code == 303
    assert (await room.press("above", "approved", "6")).status_code == 303
    assert '<form method="post" action="/reporting/reports' not in (await room.get(href, "official")).text


async def test_who_is_not_first_keeps_what_was_typed_and_sees_what_stands(client: httpx.AsyncClient) -> None:
    room = Room(client, "2022")
    await room.press("writer", "written", "0", remarks="Lời của người trước")
    late = await room.press("official", "written", "0", remarks="Lời của người sau")
    assert late.status_code == 409
    assert "Lời của người trước" in late.text
    assert "Lời của người sau" in late.text
    # Saving again is on what stands now
    again = shown(late.text)
    assert (
        await room.press("official", "written", again.inputs["seen"], remarks="Cả hai")
    ).status_code == 303


async def test_a_report_that_waits_for_records_is_saved_and_says_so(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def behind(_: Platform) -> None:
        raise Problem(409, "closing_behind", topics="incidents.fires (3)")

    # Given records that wait to be applied
    monkeypatch.setattr(usecases, "check_up_to_date", behind)
    room = Room(client, "2019")
    # When the report is sent up
    answer = await room.press("official", "submitted", "0", **TEXTS)
    # Then it is not sent, what was written is saved and still in the fields, and the page says what to do
    assert answer.status_code == 409
    assert message("page.report.behind").vi in answer.text
    page = await room.look(f"{ROOM}/annual", "official", **room.named)
    assert page.inputs["seen"] == "1"
    assert TEXTS["causes"] in page.text
    # And who neither works on it nor decides on it sees its figures, and nothing of what was written
    other = await room.look(f"{ROOM}/annual", "beside above", **room.named)
    assert TEXTS["causes"] not in other.text
    assert message("page.reports.not_sent").vi in other.text


async def test_the_page_of_what_was_sent_shows_the_figures_that_it_was_sent_with(
    client: httpx.AsyncClient, service: tuple[httpx.AsyncClient, Platform, Log]
) -> None:
    room = Room(client, "2020")
    history = message("page.report.history").vi

    async def figures() -> dict[str, list[list[str]]]:
        page = await room.look(f"{ROOM}/annual", "official", **room.named)
        return {caption: rows for caption, rows in page.tables.items() if caption != history}

    # Given a report that was sent, and a case of its year that arrives later
    assert (await room.press("official", "submitted", "0", **TEXTS)).status_code == 303
    sent = await figures()
    late = Log().write(
        "drug_cases",
        "a late one",
        recorded=NOW.date(),
        commune=COMMUNE_UID,
        detected_on=date(2020, 6, 1),
        offence="trade",
        subjects=1,
    )
    await fold(service[1], [late])
    # Then the page has it only when the report is taken back
    assert await figures() == sent
    assert (await room.press("official", "recalled", "2", reason="Bổ sung")).status_code == 303
    assert await figures() != sent


async def test_what_was_typed_into_a_report_that_was_sent_meanwhile_is_there_to_be_copied(
    client: httpx.AsyncClient,
) -> None:
    room = Room(client, "2018")
    await room.press("writer", "written", "0", remarks="Đã lưu")
    await room.press("official", "submitted", "1", remarks="Đã lưu")
    late = await room.press("writer", "written", "1", remarks="Gõ muộn")
    assert late.status_code == 409
    assert "readonly>Gõ muộn</textarea>" in late.text
    told = shown(late.text).text
    assert message("page.report.lost").vi in told
    assert message("page.report.conflict_lost", told="").vi.removeprefix(". ") in told


async def test_a_fault_stands_at_its_field_and_strangers_are_refused(client: httpx.AsyncClient) -> None:
    room = Room(client, "2021")
    faulty = await room.press("official", "written", "0", remarks="Anh A, số 030090001234", causes="Giữ lại")
    assert faulty.status_code == 422
    assert 'href="#remarks"' in faulty.text
    assert "Giữ lại" in faulty.text
    for who in ("analyst", "health", "operator"):
        assert (await room.get(f"{ROOM}/annual", who, **room.named)).status_code == 403
        assert (await room.press(who, "written", "0", **TEXTS)).status_code == 403
        listed = await room.look(ROOM, who)
        assert not any("/reports/annual" in href for href in listed.links.values())


async def test_the_file_of_a_report_is_had_from_its_page(client: httpx.AsyncClient) -> None:
    room = Room(client)
    page = await room.look(f"{ROOM}/annual", "committee", area="30", year="2023")
    href = page.links[message("page.report.file", format="DOCX").vi]
    file = await room.get(href, "committee")
    assert file.status_code == 200
    assert file.content.startswith(b"PK")
    assert file.headers["cache-control"] == "no-store"


def test_a_closed_edition_is_called_by_its_period_its_calendar_and_its_number() -> None:
    named = edition_name({"calendar": "civil", "period": "2023", "edition": 2})
    assert named.en.endswith(", closed, edition 2")
    assert named.vi.startswith(span_name("civil 2023").vi)
