"""Reports completed by their officials over HTTP: texts kept as versions, sent up, returned, approved, and printed."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, date, datetime
from typing import Any

import docx
import httpx
import pytest
from pypdf import PdfReader

from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from services.reporting.documents.composing import usecases
from tests.component.reporting.documents.world import CALLERS, HAI_DUONG, NOW
from tests.support.callers import bearer, client_of, known_to
from tests.support.packs import COMMUNE, DISTRICT, OTHER_COMMUNE
from tests.support.reporting import Log, fold
from texts import message

PEOPLE = {
    **CALLERS,
    "writer": Principal(f"committee:{COMMUNE}", COMMUNE, "clerk", "viết"),
    "official": Principal(f"committee:{COMMUNE}", COMMUNE, "official", "ký"),
    "above": Principal(f"committee:{DISTRICT}", DISTRICT, "official", "duyệt"),
    "clerk above": Principal(f"committee:{DISTRICT}", DISTRICT, "clerk", "xem"),
    "beside": Principal(f"committee:{OTHER_COMMUNE}", OTHER_COMMUNE, "official", "bên"),
    "police": Principal(f"police:{COMMUNE}", COMMUNE, "official", "công an"),
    "analyst": Principal("committee:30", "30", "analyst", "e"),
}
TEXTS = {
    "remarks": "Tình hình ổn định.\n- Không phát sinh điểm phức tạp",
    "causes": "Chưa có cán bộ chuyên trách.",
    "directions": "Rà soát danh sách hằng tháng.",
    "recommendations": "Đề nghị cấp test.",
}


@pytest.fixture(scope="module")
async def client(there: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(known_to(there, PEOPLE, NOW), compose, timeout=60) as made:
        yield made


class Report:
    """One report of the commune, of a year of its own for each test."""

    def __init__(self, client: httpx.AsyncClient, year: int) -> None:
        self.client = client
        self.params = {"area": COMMUNE, "year": str(year)}

    async def read(self, who: str = "official", **more: str) -> httpx.Response:
        path = "/v1/reports/annual/composition"
        return await self.client.get(path, params=self.params | more, headers=bearer(who))

    async def does(self, who: str, act: str, seen: int, **more: Any) -> httpx.Response:
        path, body = "/v1/reports/annual/composition", {"act": act, "seen": seen, **more}
        return await self.client.post(path, params=self.params, json=body, headers=bearer(who))

    async def file(self, kind: str, who: str = "official", **more: str) -> httpx.Response:
        path = f"/v1/reports/annual.{kind}"
        return await self.client.get(path, params=self.params | more, headers=bearer(who))


async def done(asked: Any) -> dict[str, Any]:
    answer = await asked
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def waits(client: httpx.AsyncClient, who: str, report: Report) -> list[str]:
    answer = await client.get("/v1/compositions", headers=bearer(who))
    span = f"year {report.params['year']}"
    return [one["why"] for one in answer.json()["reports"] if one["span"] == span]


async def test_a_report_goes_up_comes_back_with_a_reason_and_is_approved_and_waits_for_whoever_is_to_act(
    client: httpx.AsyncClient,
) -> None:
    report = Report(client, 2023)
    # Given texts that a clerk has begun, and an official sends up
    begun = await done(report.does("writer", "written", 0, **TEXTS))
    assert (begun["state"], begun["may"]) == ("draft", ["written"])
    assert await waits(client, "writer", report) == ["finish"]
    sent = await done(report.does("official", "submitted", 1))
    assert (sent["state"], sent["may"]) == ("submitted", ["recalled"])
    assert sent["steps"][-1]["known_at"]
    # Then it waits for the level above, and nobody changes it meanwhile
    assert await waits(client, "above", report) == ["decide"]
    assert await waits(client, "official", report) == []
    frozen = await report.does("official", "written", 2, remarks="khác")
    assert (frozen.status_code, frozen.json()["rule"]) == (409, "report_state")
    # When it is returned: not without a reason
    missing = await report.does("above", "returned", 2)
    assert [fault["rule"] for fault in missing.json()["errors"]] == ["report_reason_needed"]
    returned = await done(report.does("above", "returned", 2, reason="Nêu rõ nguyên nhân"))
    assert returned["steps"][-1]["reason"] == "Nêu rõ nguyên nhân"
    assert await waits(client, "official", report) == ["mend"]
    # Then it is mended, sent again and approved, and nothing follows
    await done(report.does("official", "written", 3, **TEXTS | {"causes": "Thiếu cán bộ."}))
    await done(report.does("official", "submitted", 4))
    approved = await done(report.does("above", "approved", 5))
    assert (approved["state"], approved["may"], approved["causes"]) == ("approved", [], "Thiếu cán bộ.")
    assert [step["act"] for step in approved["steps"]] == [
        "written", "submitted", "returned", "written", "submitted", "approved",
    ]  # fmt: skip
    assert await waits(client, "above", report) == []


async def test_only_the_office_of_the_area_writes_only_the_next_level_decides_and_others_read_nothing(
    client: httpx.AsyncClient,
) -> None:
    report = Report(client, 2022)
    await done(report.does("official", "written", 0, **TEXTS))
    readers = {who: (await report.read(who)).status_code for who in PEOPLE}
    within = {"writer", "official", "above", "clerk above", "committee"}
    assert {who for who, status in readers.items() if status == 200} == within
    assert set(readers.values()) == {200, 403}
    # Of what is not sent only those read anything who write it or will decide on it
    drafts = {"writer", "official", "above"}
    assert {who for who in within if TEXTS["causes"] in (await report.read(who)).text} == drafts
    assert {who for who in within if (await done(report.read(who)))["steps"]} == drafts
    for act, those in (
        ("written", {"writer", "official"}),
        ("submitted", {"official"}),
        ("approved", {"above"}),
        ("returned", {"above"}),
    ):
        # Of what was seen too late (409) and of a missing reason (422) whoever has the right is told
        found = {who: (await report.does(who, act, 9)).status_code for who in PEOPLE}
        assert {who for who, status in found.items() if status in (409, 422)} == those, act
        assert set(found.values()) <= {403, 409, 422}
    # What is not sent is printed for whoever may write it alone, and then for whoever reads it
    assert await printed(report, PEOPLE) == {"writer", "official"}
    await done(report.does("official", "submitted", 1))
    assert await printed(report, PEOPLE) == within
    assert {who for who in within if TEXTS["causes"] in (await report.read(who)).text} == within
    # What is taken back is a draft again
    await done(report.does("official", "recalled", 2, reason="Bổ sung"))
    assert {who for who in within if TEXTS["causes"] in (await report.read(who)).text} == drafts


async def printed(report: Report, people: Iterable[str]) -> set[str]:
    return {who for who in people if TEXTS["causes"] in (await report.file("json", who)).text}


async def test_a_report_is_sent_when_the_last_day_that_it_counts_is_over(client: httpx.AsyncClient) -> None:
    report = Report(client, NOW.year)
    await done(report.does("official", "written", 0, **TEXTS))
    early = await report.does("official", "submitted", 1)
    assert early.status_code == 422
    assert [(one["field"], one["rule"]) for one in early.json()["errors"]] == [("act", "report_not_over")]
    assert (await report.read()).json()["state"] == "draft"


async def test_of_two_who_write_at_once_one_is_told_who_was_faster_and_a_double_click_is_one_step(
    client: httpx.AsyncClient,
) -> None:
    report = Report(client, 2021)
    answers = await asyncio.gather(
        *(report.does(who, "written", 0, remarks=who) for who in ("writer", "official"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    first, late = sorted(answers, key=lambda answer: answer.status_code)
    by = first.json()["steps"][0]["by"]
    assert by in late.json()["errors"][0]["message"]["vi"]
    who = next(name for name, person in PEOPLE.items() if person.subject == by)
    again = await done(report.does(who, "written", 0, remarks=who))
    assert (again["outcome"], again["seen"]) == ("unchanged", 1)


async def test_a_number_of_a_person_is_refused_and_not_repeated(client: httpx.AsyncClient) -> None:
    answer = await Report(client, 2020).does("official", "written", 0, remarks="Anh A 030090001234")
    assert [(one["field"], one["rule"]) for one in answer.json()["errors"]] == [
        ("remarks", "report_identity_number")
    ]
    assert "030090001234" not in answer.text


async def test_texts_are_printed_in_their_places_in_every_format_and_change_the_entity_tag(
    client: httpx.AsyncClient,
) -> None:
    report = Report(client, 2019)
    before = (await report.file("docx")).headers["etag"]
    await done(report.does("official", "written", 0, **TEXTS))
    file = await report.file("docx")
    assert file.headers["etag"] != before
    headings = [message(f"report.part.{name}") for name in TEXTS]
    draft = [message("report.draft", part=heading).vi for heading in headings]

    async def lines() -> list[str]:
        content = (await report.file("docx")).content
        return [one.text for one in docx.Document(io.BytesIO(content)).paragraphs]

    def found(said: list[str]) -> list[str]:
        known = (*draft, *(heading.vi for heading in headings), "Ghi chú về số liệu")
        return [line.partition(" ")[2] for line in said if line.partition(" ")[2] in known]

    # What is not sent is called a draft at each heading
    assert found(await lines()) == [*draft, "Ghi chú về số liệu"]
    provenance = {one["name"]: one["text"] for one in (await report.file("json")).json()["provenance"]}
    assert message("report.state.draft").vi in provenance[message("report.texts").vi]
    await done(report.does("official", "submitted", 1))
    sent = await lines()
    assert found(sent) == [*(heading.vi for heading in headings), "Ghi chú về số liệu"]
    assert "-\u00a0Không phát sinh điểm phức tạp" in sent
    # In the PDF each stands behind its heading
    pdf = "\n".join(
        page.extract_text() for page in PdfReader(io.BytesIO((await report.file("pdf")).content)).pages
    )
    places = [
        pdf.index(text) for text in ("Tình hình ổn định", "Chưa có cán bộ", "Rà soát", "Đề nghị cấp test")
    ]
    assert places == sorted(places)


async def test_a_report_is_read_again_with_the_figures_that_it_was_sent_with(
    there: Platform, client: httpx.AsyncClient
) -> None:
    report = Report(client, 2018)
    sent = (await done(report.does("official", "submitted", 0)))["steps"][-1]
    # When a case of that year arrives later
    at = date(2018, 6, 1)
    late = Log().write(
        "drug_cases",
        "a late one",
        recorded=date(2024, 1, 10),
        commune=HAI_DUONG,
        detected_on=at,
        offence="trade",
        subjects=1,
    )
    await fold(there, [late])

    async def detected(**more: str) -> int:
        cells = (await report.file("json", **more)).json()["cells"]
        (found,) = {
            one["value"]
            for one in cells
            if one["figure"] == "drug_cases.detected" and not one["by"] and one["to"] == "2018-12-31"
        }
        return int(found)

    # Then the report as it stands has it, and as it was sent it has not
    assert (await detected(), await detected(known_at=sent["known_at"])) == (1, 0)


@pytest.mark.hai_duong("its districts and their offices end in July 2025")
async def test_a_report_that_an_office_sent_before_it_ended_is_decided_by_the_level_above(
    there: Platform, client: httpx.AsyncClient
) -> None:
    report = Report(client, 2016)
    report.params["area"] = DISTRICT
    await done(report.does("above", "submitted", 0))
    async with client_of(known_to(there, PEOPLE, datetime(2025, 8, 1, 2, tzinfo=UTC)), compose) as later:
        report.client = later
        assert await waits(later, "committee", report) == ["decide"]
        assert (await done(report.does("committee", "approved", 1)))["state"] == "approved"


async def test_the_reports_that_wait_come_in_pages_each_once(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given more drafts than a page has, read in chunks that are smaller than that
    monkeypatch.setattr(usecases, "PAGE", 2)
    monkeypatch.setattr(usecases, "_CHUNK", 3)
    years = [str(year) for year in range(2005, 2010)]
    for year in years:
        await done(Report(client, int(year)).does("writer", "written", 0, remarks="x"))
    # When they are read page by page
    seen: list[str] = []
    after = None
    while True:
        given: dict[str, str] = {} if after is None else {"after": after}
        page = await done(client.get("/v1/compositions", params=given, headers=bearer("writer")))
        seen += [one["span"] for one in page["reports"]]
        assert len(page["reports"]) <= 2
        after = page["next"]
        if after is None:
            break
    # Then each comes once, the latest first
    assert [span for span in seen if span.removeprefix("year ") in years] == [
        f"year {year}" for year in reversed(years)
    ]
    assert len(seen) == len(set(seen))
    wrong = await client.get("/v1/compositions", params={"after": "x_y"}, headers=bearer("writer"))
    assert [(one["field"], one["rule"]) for one in wrong.json()["errors"]] == [("after", "shape")]


async def test_the_committees_report_has_the_numbers_that_health_and_police_both_declared(
    there: Platform, client: httpx.AsyncClient
) -> None:
    report = Report(client, 2017)
    log, last = Log(), date(2017, 12, 31)

    def declare(agency: str, figure: str, value: str, day: date, first: date | None = None) -> None:
        dates: dict[str, Any] = {"as_of": day} if first is None else {"period_from": first, "period_to": day}
        log.write(
            "declared",
            f"{agency} {figure} {day} {first}",
            unit="committee:30",
            recorded=date(2018, 1, 5),
            occurred=date(2018, 1, 5),
            agency=agency,
            figure=figure,
            area=HAI_DUONG,
            value=value,
            **dates,
        )

    # Given a stock that both declared, each for a day of its own and once far from the report's; one of police alone
    declare("police", "registry.addicts_with_file", "4", date(2017, 12, 14))
    declare("health", "registry.addicts_with_file", "6", date(2017, 12, 19))
    declare("health", "registry.addicts_with_file", "9", date(2017, 6, 19))
    declare("police", "registry.users", "3", date(2017, 12, 14))
    # And a ratio
    declare("police", "registry.users_with_decision_pct", "78.3", date(2017, 12, 14))
    declare("health", "registry.users_with_decision_pct", "80", date(2017, 12, 14))
    # And a flow of the same year, said by its first day or not, besides one of December; and one of different periods
    declare("police", "drug_cases.detected", "5", last)
    declare("police", "drug_cases.detected", "1", last, date(2017, 12, 1))
    declare("health", "drug_cases.detected", "7", last, date(2017, 1, 1))
    declare("police", "fires.cases", "5", last)
    declare("health", "fires.cases", "1", last, date(2017, 12, 1))
    await fold(there, log.messages)

    async def rows(who: str) -> list[list[str]]:
        made = await report.file("json", who)
        assert made.status_code == 200, made.text
        tables = [one for one in made.json()["body"] if one.get("key") == "two-numbers"]
        return [[cell["shown"] for cell in row["cells"][3:]] for one in tables for row in one["rows"]]

    # Then the committee's report has the two numbers with their days, their difference, and that of the registers
    cases = ["01/01–31/12/2017", "7", "5", "+2", "0"]
    assert await rows("official") == [
        ["19/12/2017; 14/12/2017", "6", "4", "+2", "0"],
        ["14/12/2017", "80", "78,3", "+1,7", "–"],
        cases,
    ]
    # And whoever is not told exact numbers of persons has none of those
    assert await rows("analyst") == [cases]
