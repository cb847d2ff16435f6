"""What HTTP promises about data queries: formats by Accept, HEAD, entity tags, compression, faults in one form."""

import gzip
from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import HAI_DUONG, NOW, Log, fold

CALLERS = {"committee": Principal("committee:30", "30", "official", "b")}
CASES = "/v1/data/drug_cases.detected?startPeriod=2023&by=area"


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    log = Log()
    log.write(
        "drug_cases", "1", commune=HAI_DUONG, detected_on=date(2023, 1, 10), offence="trade", subjects=1
    )
    await fold(platform, log.messages)
    async with client_of(known_to(platform, CALLERS, NOW), compose) as made:
        made.headers.update(bearer("committee"))
        yield made


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("application/json;q=0.2, text/csv", "text/csv; charset=utf-8"),
        ("text/csv;q=0, application/json", "application/json"),
        ("application/vnd.sdmx.data+csv;version=2.0.0", "application/vnd.sdmx.data+csv;version=2.0.0"),
        (
            "application/vnd.sdmx.data+csv; version=2.0.0, */*;q=0.1",
            "application/vnd.sdmx.data+csv;version=2.0.0",
        ),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("application/adx+xml", "application/adx+xml"),
        ("APPLICATION/JSON", "application/json"),
    ],
)
async def test_the_answer_has_the_type_that_was_wanted_most(
    client: httpx.AsyncClient, accept: str, kind: str
) -> None:
    answer = await client.get(CASES, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "accept",
    [
        "application/vnd.sdmx.data+json;version=2.0.0",
        "application/vnd.sdmx.data+csv;version=1.0.0",
        "application/xml",
        "application/json;q=0",
    ],
)
async def test_what_there_is_not_is_refused_and_what_there_is_named(
    client: httpx.AsyncClient, accept: str
) -> None:
    answer = await client.get(CASES, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (406, "application/problem+json")
    assert "application/vnd.sdmx.data+csv" in answer.json()["message"]["en"]


async def test_the_format_named_in_the_address_wins(client: httpx.AsyncClient) -> None:
    answer = await client.get(CASES + "&format=adx", headers={"Accept": "application/json"})
    assert answer.headers["Content-Type"] == "application/adx+xml"


async def test_head_is_get_without_the_body(client: httpx.AsyncClient) -> None:
    for path in (CASES, "/v1/figures", "/v1/figures/fires.cases?from=2023-01-01&to=2023-12-31", "/live"):
        got, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        for name in ("Content-Type", "Content-Length", "ETag"):
            assert head.headers.get(name) == got.headers.get(name), (path, name)


@pytest.mark.parametrize("path", [CASES, "/v1/figures/fires.cases?from=2023-01-01&to=2023-12-31"])
async def test_a_tag_is_known_again_in_every_way_that_it_may_be_sent(
    client: httpx.AsyncClient, path: str
) -> None:
    tag = (await client.get(path)).headers["ETag"]
    for sent in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = await client.get(path, headers={"If-None-Match": sent})
        assert (again.status_code, again.headers["ETag"], again.content) == (304, tag, b""), sent
    assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_large_pages_are_compressed_for_who_takes_it(client: httpx.AsyncClient) -> None:
    path = CASES.replace("by=area", "by=commune")
    plain = await client.get(path, headers={"Accept-Encoding": "identity", "Accept": "text/csv"})
    async with client.stream(
        "GET", path, headers={"Accept-Encoding": "gzip", "Accept": "text/csv"}
    ) as answer:
        sent = b"".join([part async for part in answer.aiter_raw()])
    assert "Content-Encoding" not in plain.headers
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(sent) == plain.content
    assert len(sent) * 5 < len(plain.content)


async def test_nothing_is_offered_to_scripts_of_other_origins(client: httpx.AsyncClient) -> None:
    answer = await client.get(CASES, headers={"Origin": "https://elsewhere.invalid"})
    asked = await client.options(CASES, headers={"Origin": "https://elsewhere.invalid"})
    assert not [
        name for found in (answer, asked) for name in found.headers if name.startswith("access-control")
    ]
    assert asked.status_code == 405


async def test_half_years_are_said_and_asked_as_sdmx_writes_them(client: httpx.AsyncClient) -> None:
    path = "/v1/data/drug_cases.detected"
    for given in (
        {"startPeriod": "2023", "frequency": "S"},
        {"startPeriod": "2023-S1", "endPeriod": "2023-H2"},
    ):
        lines = (await client.get(path, params=given, headers={"Accept": "text/csv"})).text.splitlines()
        assert [line.split(",")[8:10] for line in lines[1:]] == [["S", "2023-S1"], ["S", "2023-S2"]]
    months = (await client.get(path, params={"startPeriod": "2023-M02", "endPeriod": "2023-A1"})).json()
    assert [seen["period"] for seen in months["observations"]][::10] == ["2023-02", "2023-12"]


async def test_an_unknown_figure_is_answered_with_the_likeliest_ones(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/data/drug_cases.detekted?startPeriod=2023")
    assert answer.status_code == 404
    assert "drug_cases.detected" in answer.json()["errors"][0]["message"]["en"]
