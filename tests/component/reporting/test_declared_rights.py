"""Trial D2: anybody declared any agency's number for the whole province. A unit declares for its own agency and area."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from deploy.embedded.postgres import PostgresServer
from services.registers import rights
from services.reporting.app import compose
from tests.support.clock import late_in_2024
from tests.support.keepers import clerk
from tests.support.registers import Service, emptied, running

PAPER = {"source": "Báo cáo số 12/BC-CA ngày 05/12/2023"}


@pytest.fixture(scope="module")
async def module_service(postgres: PostgresServer) -> AsyncIterator[Service]:
    url = postgres.ensure_service("reporting_declared", "secret")
    async with running("reporting", compose, url, late_in_2024()) as service:
        yield service


@pytest.fixture
async def reporting(module_service: Service) -> Service:
    return await emptied(module_service)


def declared(agency: str, area: str, **more: str) -> dict[str, Any]:
    """The number of drug users that an agency says an area has."""
    return {
        "agency": agency,
        "figure": "registry.users",
        "area_code": area,
        "as_of": "14/12/2023",
        "value": "7",
        **more,
    }


@pytest.mark.parametrize(
    ("unit", "row", "status"),
    [
        ("police:30", declared("police", "30"), 201),
        ("police:288", declared("police", "288"), 201),
        ("police:288", declared("police", "10513"), 201),
        ("police:288", declared("police", "30"), 403),
        ("police:288", declared("police", "290"), 403),
        ("police:30", declared("health", "30"), 403),
        ("police:30", declared("health", "30", **PAPER), 403),
        ("TYT-10513", declared("police", "30"), 403),
        ("TYT-10513", declared("police", "30", **PAPER), 403),
        ("TYT-10513", declared("health", "30"), 403),
        ("health:10513", declared("health", "10513"), 201),
        ("health:10513", declared("health", "30"), 403),
        ("committee:30", declared("police", "30"), 403),
        ("committee:30", declared("police", "30", **PAPER), 201),
        ("committee:10513", declared("police", "30", **PAPER), 403),
        ("committee:10513", declared("police", "10513", **PAPER), 201),
    ],
)
async def test_a_unit_declares_for_its_own_agency_and_area(
    reporting: Service, unit: str, row: dict[str, Any], status: int
) -> None:
    answer = await reporting.post_row("declared", row, **clerk(unit))
    assert answer.status_code == status, answer.text
    if status == 403:
        assert answer.json()["rule"] == "unit_scope"
    assert len(await reporting.events()) == (status == 201)


@pytest.mark.parametrize(
    "source",
    [
        "x",
        "Số liệu công an",
        "BC 12/2023",
        "Báo cáo số 12/BC-CAT",
        "ngày 05/12/2023",
        "Báo cáo số 12/BC-CAT ngày 31/02/2023",
        "Báo cáo số 12/BC-CAT ngày 05/12/2099",
        "Báo cáo số ../BC-CAT ngày 05/12/2023",
        "Báo cáo số １２/BC-CAT ngày 05/12/2023",
    ],
)
async def test_a_committee_that_names_no_paper_is_told_how_one_is_named(
    reporting: Service, source: str
) -> None:
    row = declared("police", "30", source=source)
    answer = await reporting.post_row("declared", row, **clerk("committee:30"))
    faults = {fault["rule"]: fault for fault in answer.json()["errors"]}
    assert (answer.status_code, set(faults)) == (403, {"unit_scope", "paper_unnamed"})
    assert faults["paper_unnamed"]["field"] == "source"
    assert "12/BC-CAT" in faults["paper_unnamed"]["message"]["vi"]
    assert await reporting.events() == []


@pytest.mark.parametrize(
    "source",
    [
        "Công văn số 123/UBND-NC, ngày 5 tháng 12 năm 2023 của UBND",
        "Quyết định 367/QĐ-SYT ngày 5/12/2023",
        "số 7a/bc-đcđ 05-12-2023",
    ],
)
async def test_a_committee_names_a_paper_by_its_number_and_day_as_offices_write_them(
    reporting: Service, source: str
) -> None:
    row = declared("police", "30", source=source)
    assert (await reporting.post_row("declared", row, **clerk("committee:30"))).status_code == 201


async def test_a_unit_that_could_not_declare_with_a_paper_is_not_told_to_name_one(reporting: Service) -> None:
    answer = await reporting.post_row("declared", declared("health", "30", source="x"), **clerk("police:30"))
    assert {fault["rule"] for fault in answer.json()["errors"]} == {"unit_scope"}


async def test_a_number_cannot_be_declared_under_another_unit_s_name(reporting: Service) -> None:
    row = {**declared("police", "288"), "unit_code": "police:288"}
    assert (await reporting.post_row("declared", row, **clerk("police:30"))).status_code == 403


@pytest.mark.parametrize("role", ["official", "analyst", "admin", "operator"])
async def test_numbers_are_declared_by_clerks(reporting: Service, role: str) -> None:
    answer = await reporting.post_row(
        "declared", declared("police", "30"), role=role, unit="police:30", area="30"
    )
    assert answer.status_code == 403


async def test_a_declared_number_is_read_by_its_unit_and_those_above_it(reporting: Service) -> None:
    for unit, agency in (("police:288", "police"), ("health:30", "health")):
        area = unit.partition(":")[2]
        assert (
            await reporting.post_row("declared", declared(agency, area), **clerk(unit))
        ).status_code == 201

    async def reads(unit: str, role: str = "clerk") -> list[str]:
        headers = reporting.as_(role, unit, "30")
        answer = await reporting.client.get("/v1/forms/declared/records", headers=headers)
        return [record["unit"] for record in answer.json().get("records", ())]

    assert await reads("police:30") == await reads("police:288") == ["police:288"]
    assert await reads("health:30") == ["health:30"]
    for unit, role in (("police:290", "clerk"), ("health:288", "clerk"), ("committee:30", "analyst")):
        assert await reads(unit, role) == []


async def test_no_text_is_searched_for_a_paper_on_which_no_right_depends(
    reporting: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a station whose rows say at length what is nearly a paper, in a column that nobody reads for its sake
    searched: list[str] = []

    def note(form: str, text: str, day: date) -> bool:
        searched.append(text)
        return False

    monkeypatch.setattr(rights, "names_paper", note)
    rows = [
        {"row": number, "values": declared("police", "30", source="1/" + "a." * 249)} for number in (2, 3)
    ]
    # When it hands them in
    headers = reporting.as_(**clerk("TYT-10513"))
    answer = await reporting.client.post("/v1/forms/declared/records", json={"rows": rows}, headers=headers)
    # Then every row is refused, and none was searched
    assert {fault["rule"] for fault in answer.json()["refused"]} == {"unit_scope"}
    assert searched == []


@pytest.mark.parametrize(
    "source", ["1/a 01/01/0001", "số 3/b, nhà 12 phố Ga" + " ." * 40 + " sinh 01/01/1950"]
)
async def test_an_address_and_a_day_far_from_it_are_no_paper(reporting: Service, source: str) -> None:
    headers = reporting.as_(**clerk("committee:30"))
    row = declared("police", "30", source=source)
    answer = await reporting.client.post("/v1/forms/declared", json=row, headers=headers)
    assert answer.status_code == 403, answer.text
