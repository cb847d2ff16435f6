"""The small province and its twins, each served from a database of its own, and asked the same by the same callers."""

import io
import re
import zipfile
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import orjson

from deploy.embedded.postgres import PostgresServer
from services.chassis.platform import Platform
from services.reporting.app import compose
from services.reporting.checks.usecases import all_checks
from tests.attack.calls import Call
from tests.attack.parties import exact_for
from tests.attack.readers import READERS, sees
from tests.support.callers import bearer, client_of, known_to
from tests.support.closings import ACCEPTED, private_pem
from tests.support.page_tables import shown
from tests.support.reporting import fold, fresh, reporting_settings
from tests.support.small_province import AGENCIES, FEW_CODE, history, news

NOW = datetime(2024, 6, 1, 2, tzinfo=UTC)
_ANSWERING = 0x8001
_KEPT_HEADERS = ("content-type", "content-disposition", "etag", "khopso-watermark", "link")
# Hashes and signatures are over a secret nonce, correlation ids are drawn: they differ, and tell nothing.
# So do the instants of the database's own clock in the answer of how current a service is, and ids drawn while a call is answered:
# twins are asked less than the province, for some answers of which a trace is kept.
_SEALED = re.compile(
    rb'\b[0-9a-f]{64}\b|[A-Za-z0-9+/]{86}==|"signature":"[^"]*"|"correlationid":"[^"]*"|"(?:at|sent_until|applied_until)":"[^"]*"'
    rb"|\b01900000-0000-7000-8001-[0-9a-f]{12}\b"
)


@dataclass(frozen=True)
class Told:
    """What an answer says: its status, its headers as far as they tell anything, and its text or the parts of its file."""

    status: int
    headers: Mapping[str, str]
    content: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Province:
    """The province, or a twin, as a service that is asked over HTTP."""

    client: httpx.AsyncClient
    platform: Platform
    closings: Mapping[str, str]

    async def ask(self, call: Call, reader: str) -> httpx.Response:
        """The answer to a call."""
        path = call.path
        params = dict(call.params)
        for name, number in self.closings.items():
            path = path.replace(f"{{closing {name}}}", number)
            params = {key: text.replace(f"{{closing {name}}}", number) for key, text in params.items()}
        # Pages read forms, all other routes JSON.
        sent = {"data" if path.startswith("/reporting/") else "json": call.body}
        return await self.client.request(call.method, path, params=params, headers=bearer(reader), **sent)


Provinces = Mapping[str, Province]
"""The province under "", and by agency its twin in which that agency's registers differ."""


@asynccontextmanager
async def served(postgres: PostgresServer, moved: Collection[str]) -> AsyncIterator[Province]:
    """A province with its history, two closings of the year in one commune, and what was recorded after them."""
    _, url = fresh(postgres)
    platform = Platform.of(reporting_settings(url, signing_key=private_pem()))
    ids = _Numbered()
    there = known_to(platform, READERS, NOW, new_id=ids)
    log = history(moved)
    await fold(platform, log.messages)
    async with client_of(there, compose, timeout=120) as client:
        closings = {
            "all": await _closed(client, "official, committee", "all"),
            "police": await _closed(client, "official, committee", "police"),
        }
        before = len(log.messages)
        news(log, moved)
        await fold(platform, log.messages[before:])
        ids.series = _ANSWERING
        yield Province(client, there, closings)
    await platform.close()


@asynccontextmanager
async def provinces(postgres: PostgresServer) -> AsyncIterator[Provinces]:
    """The province and a twin for each agency."""
    async with AsyncExitStack() as stack:
        yield {
            moved: await stack.enter_async_context(served(postgres, {moved} - {""}))
            for moved in ("", *AGENCIES)
        }


async def leaks(there: Provinces, call: Call, readers: Iterable[str]) -> list[str]:
    """Who is told something else where only numbers differ that he may not see: "reader: agency"."""
    found = []
    for reader in readers:
        own = await told(there[""], call, reader)
        for agency in AGENCIES:
            # What adds something is asked of all: the twins must keep as many rows as the province.
            hidden = not _may_see(call, reader, agency)
            if (hidden or call.method != "GET") and own != await told(there[agency], call, reader) and hidden:
                found.append(f"{reader}: {agency}")
    return found


def _may_see(call: Call, reader: str, agency: str) -> bool:
    seen = sees(reader)
    return agency in seen or bool(seen & call.parties)


async def told(there: Province, call: Call, reader: str) -> Told:
    """The answer, comparable with the same answer of a twin."""
    answer = await there.ask(call, reader)
    headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    assert answer.status_code < 500, answer.text
    if call.route == "GET /v1/checks" and answer.status_code == 200:
        return Told(200, {}, (("", _not_theirs(answer.json(), reader)),))
    if call.route in ("GET /reporting/checks", "GET /reporting/closing") and answer.status_code == 200:
        return Told(200, {}, (("", _board_of_others(answer.text, reader)),))
    return Told(answer.status_code, headers, tuple(_parts(answer)))


def _not_theirs(document: dict[str, Any], reader: str) -> bytes:
    """The counts of checks that the reader does not see exactly; of a reader who sees every number all."""
    if sees(reader) == set(AGENCIES):
        return orjson.dumps(document)
    return orjson.dumps([one for one in document["checks"] if not sees(reader) & exact_for(one["rule"])])


def _board_of_others(page: str, reader: str) -> bytes:
    """The rows of a page with checks but those that the reader sees exactly, as in `_not_theirs`; sorted, since they come by number."""
    whole = sees(reader) == set(AGENCIES)
    own = {one.name().vi for one in all_checks() if not whole and sees(reader) & exact_for(one.code)}
    rows = [row for rows in shown(page).tables.values() for row in rows]
    return orjson.dumps(sorted(row for row in rows if row[0] not in own))


def _parts(answer: httpx.Response) -> Iterable[tuple[str, bytes]]:
    if not zipfile.is_zipfile(io.BytesIO(answer.content)):
        return [("", _SEALED.sub(b"#", answer.content))]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        return [(entry, packed.read(entry)) for entry in sorted(packed.namelist())]


async def _closed(client: httpx.AsyncClient, who: str, figures: str) -> str:
    order = {
        "calendar": "civil",
        "period": "2023",
        "figures": figures,
        "area": FEW_CODE,
        "accept_missing": ACCEPTED,
    }
    answer = await client.post("/v1/closings", json=order, headers=bearer(who))
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["id"]
    return number


class _Numbered:
    """Ids by number: those of the closings come in the same order in every province, those drawn later are of another series."""

    def __init__(self) -> None:
        self.series = 0x8000
        self._made = 0

    def __call__(self) -> UUID:
        self._made += 1
        return UUID(int=(0x0190 << 112) | (0x7000 << 64) | (self.series << 48) | self._made)
