"""Every read is in the audit before its answer is out; the chain shows every later hand on it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest
import rfc8785

from proof import PublicKey, canonical
from proof.audit import FIELDS, check_rows, is_signed, row_hash
from services.chassis.persistence.session import Database, UnitOfWork
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.chassis.service import ServiceApp
from services.reporting.app import compose
from tests.support.callers import bearer, client_of, known_to
from tests.support.closings import KEY, private_pem
from tests.support.reporting import NOW, reporting_settings
from tests.support.sample_pages import sample_router

CALLERS = {
    "admin": Principal("committee:30", "30", "admin", "admin-1"),
    "committee": Principal("committee:30", "30", "official", "official-1"),
    "police": Principal("police:288", "288", "clerk", "clerk-1"),
}
OFFICE = PublicKey((KEY.public_key(),))
FIGURE = "/v1/figures/registry.users"


def signing(platform: Platform) -> Platform:
    settings = reporting_settings(
        platform.settings.database_url.get_secret_value(),
        audit_signing_key=private_pem(),
        audit_signing_key_id="audit-t",
    )
    return known_to(platform, CALLERS, NOW, settings=settings)


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(signing(platform), compose) as made:
        yield made


async def rows_of(client: httpx.AsyncClient, limit: int = 2_000) -> list[dict[str, Any]]:
    """Every row of every chain."""
    found: list[dict[str, Any]] = []
    chains, chain = 1, 0
    while chain < chains:
        after: int | None = 0
        while after is not None:
            page = (
                await client.get(
                    "/v1/audit",
                    params={"chain": chain, "after": after, "limit": limit},
                    headers=bearer("admin"),
                )
            ).json()
            found += page["rows"]
            after, chains = page["next"], page["chains"]
        chain += 1
    return found


async def reads(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """The rows but for those of reading the audit itself."""
    return [row for row in await rows_of(client) if not row["route"].startswith("/v1/audit")]


async def test_reads_of_pages_are_in_the_audit_refusals_included(platform: Platform) -> None:
    def with_pages(parts: Platform) -> ServiceApp:
        return replace(compose(parts), pages=[sample_router("reporting")])

    async with client_of(signing(platform), with_pages) as client:
        # When a browser asks for a page, for one that there is not, and without a token
        shown = await client.get("/reporting/", headers=bearer("police", accept="text/html"))
        await client.get("/reporting/missing", headers=bearer("police", accept="text/html"))
        await client.get("/reporting/other", headers={"accept": "text/html"})
        rows = await reads(client)
    # Then each is there, with who asked and what became of it
    assert shown.status_code == 200
    assert [(row["route"], row["subject"], row["status"]) for row in rows] == [
        ("/reporting/", "clerk-1", 200),
        ("/reporting/missing", "clerk-1", 404),
        ("/reporting/other", "", 401),
    ]


async def test_every_query_is_in_the_audit_with_who_what_for_and_what_became_of_it(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get(
        FIGURE,
        params={"area": "288", "as_of": "2023-02-01"},
        headers=bearer("police", **{"Khopso-Purpose": "reconciliation"}),
    )
    (row,) = await reads(client)
    assert row | {"hash": "", "chain": 0, "correlation": ""} == {
        "chain": 0,
        "seq": 1,
        "at": NOW.isoformat(timespec="microseconds"),
        "subject": "clerk-1",
        "unit": "police:288",
        "role": "clerk",
        "purpose": "",
        "method": "GET",
        "route": "/v1/figures/{code}",
        "parameters": {"code": "registry.users", "area": "288", "as_of": "2023-02-01"},
        "status": 200,
        "identities": 0,
        "watermark": answer.headers["Khopso-Watermark"],
        "etag": answer.headers["ETag"],
        "correlation": "",
        "hash": "",
    } | {"purpose": row["purpose"]}
    assert row["purpose"] == "reconciliation"
    assert row["correlation"] == answer.headers["x-correlation-id"]


async def test_refused_reads_are_in_the_audit_too(client: httpx.AsyncClient) -> None:
    await client.get(FIGURE, headers=bearer("nobody"))
    await client.get(FIGURE, params={"area": "30"}, headers=bearer("police"))
    await client.get(f"{FIGURE}?by=nothing", headers=bearer("admin"))
    await client.get("/v1/nothing", headers=bearer("admin"))
    await client.get("/v1/audit", headers=bearer("police"))
    found = {(row["subject"], row["route"], row["status"]) for row in await rows_of(client)}
    assert {
        ("", "/v1/figures/{code}", 401),
        ("clerk-1", "/v1/figures/{code}", 403),
        ("admin-1", "/v1/figures/{code}", 422),
        ("", "unmatched", 404),
        ("clerk-1", "/v1/audit", 403),
    } <= found


async def test_what_could_name_a_person_is_not_kept(client: httpx.AsyncClient) -> None:
    given = {"area": "Nguyễn Văn An", "as_of": "030093001234", "name=Văn": "x", "by": "sex"}
    await client.get(FIGURE, params=given, headers=bearer("admin"))
    await client.get(FIGURE, headers=bearer("admin", **{"Khopso-Purpose": quote("tìm 030093001234")}))
    row, refused = sorted(await reads(client), key=lambda one: one["seq"])
    assert (refused["status"], refused["purpose"]) == (422, "")
    text = json.dumps(row, ensure_ascii=False)
    assert "Nguy" not in text
    assert "030093001234" not in text
    assert row["parameters"]["by"] == "sex"


async def test_there_are_as_many_rows_as_requests_under_load(client: httpx.AsyncClient) -> None:
    days = [f"2023-0{month}-{day:02}" for month in range(1, 7) for day in range(1, 21)]
    answers = await asyncio.gather(
        *(client.get(FIGURE, params={"as_of": day}, headers=bearer("committee")) for day in days)
    )
    found = await reads(client)
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(row["parameters"]["as_of"] for row in found) == days
    assert {row["correlation"] for row in found} == {answer.headers["x-correlation-id"] for answer in answers}
    assert not list(check_rows(await rows_of(client)))


async def test_two_processes_in_one_chain_keep_it_whole(platform: Platform) -> None:
    there = signing(platform)
    databases = [Database(there.settings.database_url.get_secret_value()) for _ in range(2)]
    parts = [replace(there, database=database, uow=UnitOfWork(database)) for database in databases]
    clients = [client_of(part, compose) for part in parts]
    await asyncio.gather(
        *(
            clients[number % 2].get(FIGURE, params={"as_of": "2023-02-01"}, headers=bearer("committee"))
            for number in range(60)
        )
    )
    found = await reads(clients[0])
    assert (len(found), list(check_rows(await rows_of(clients[1])))) == (60, [])
    for client, database in zip(clients, databases, strict=True):
        await client.aclose()
        await database.close()


async def test_nothing_is_answered_where_the_audit_cannot_be_written(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    async with await platform.database.connect() as holder:
        await holder.execute("ALTER TABLE audit_head RENAME TO audit_head_away")
        with pytest.raises(Exception, match="audit_head"):
            await client.get("/v1/figures", headers=bearer("admin"))
        await holder.execute("ALTER TABLE audit_head_away RENAME TO audit_head")
    assert (await client.get("/v1/figures", headers=bearer("admin"))).status_code == 200


async def test_rows_can_be_added_and_never_changed(platform: Platform, client: httpx.AsyncClient) -> None:
    await client.get(FIGURE, headers=bearer("admin"))
    for statement in ("UPDATE audit SET subject = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        async with await platform.database.connect() as connection:
            with pytest.raises(psycopg.errors.RestrictViolation):
                await connection.execute(statement.encode())
    assert len(await reads(client)) == 1


async def chained(client: httpx.AsyncClient, count: int = 12) -> list[dict[str, Any]]:
    for day in range(1, count + 1):
        await client.get(FIGURE, params={"as_of": f"2023-02-{day:02}"}, headers=bearer("admin"))
    return [row for row in await rows_of(client) if row["seq"] <= count]


async def test_any_change_of_any_part_of_any_row_is_found_at_that_row(client: httpx.AsyncClient) -> None:
    rows = await chained(client)
    for place in range(len(rows)):
        for name in (*FIELDS, "hash"):
            forged = deepcopy(rows)
            value = forged[place][name]
            if isinstance(value, dict):
                forged[place][name] = {**value, "as_of": "2023-03-01"}
            else:
                forged[place][name] = value + 1 if isinstance(value, int) else f"{value}x"
            found = [(broken.rule, broken.seq) for broken in check_rows(forged)]
            assert found, name
            if name not in ("seq", "chain"):
                assert found[0] == ("audit_row_changed", rows[place]["seq"]), name


@pytest.mark.parametrize(
    ("tamper", "rule", "seq"),
    [
        (lambda rows: rows.pop(4), "audit_row_missing", 5),
        (lambda rows: rows.insert(4, {**rows[4], "subject": "other"}), "audit_row_changed", 5),
        (lambda rows: rows.__setitem__(slice(4, 6), [rows[5], rows[4]]), "audit_row_missing", 5),
        (lambda rows: rows.pop(0), "audit_row_missing", 1),
    ],
)
async def test_deleted_inserted_and_exchanged_rows_are_found_at_the_row(
    client: httpx.AsyncClient, tamper: Callable[[list[dict[str, Any]]], object], rule: str, seq: int
) -> None:
    rows = await chained(client)
    assert not list(check_rows(rows))
    tamper(rows)
    first = next(iter(check_rows(rows)))
    assert (first.rule, first.seq) == (rule, seq)


async def test_a_cut_tail_and_a_chain_made_anew_are_found_by_an_exported_head(
    client: httpx.AsyncClient,
) -> None:
    rows = await chained(client)
    head = (await client.get("/v1/audit/head", headers=bearer("admin"))).json()
    rows = await rows_of(client)
    assert is_signed(head, OFFICE)
    assert not is_signed({**head, "at": "2020-01-01"}, OFFICE)
    assert not is_signed({**head, "signature": None}, OFFICE)
    assert not list(check_rows(rows, head["chains"]))
    cut = rows[:6]
    assert not list(check_rows(cut)), "without a head a cut tail cannot be seen"
    assert [(broken.rule, broken.seq) for broken in check_rows(cut, head["chains"])] == [("audit_cut_off", 7)]
    previous = "0" * 64
    for row in rows:
        row["subject"] = "nobody"
        previous = row["hash"] = row_hash(previous, row)
    assert not list(check_rows(rows)), "a chain that is made anew as a whole holds together"
    assert {broken.rule for broken in check_rows(rows, head["chains"])} == {"audit_head_differs"}


async def test_rows_are_hashed_in_their_canonical_form(client: httpx.AsyncClient) -> None:
    for row in await chained(client, 2):
        content = {name: row[name] for name in FIELDS}
        assert canonical(content) == rfc8785.dumps(content)
