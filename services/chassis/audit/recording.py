"""The audit of reads: who asked what, when, what for, and what became of it; kept in hash chains.

Every answer to a read waits until its row is durable: a reader who got an answer is in the audit, also when the
process is killed at any moment, and where the audit cannot be written nothing is answered (503). Rows of requests
that wait at the same time are written in one transaction, so a busy service pays for few. A process keeps to one of
several chains; `proof.audit` says how they are checked.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proof import FIELDS, row_hash
from services.chassis.audit.bursts import Bursts
from services.chassis.audit.parameters import NUMBER_OF_SOMEBODY, kept_parameters
from services.chassis.audit.tables import CHAINS
from services.chassis.persistence import UnitOfWork, raw
from services.chassis.platform import Platform
from services.chassis.problems import passing_problem, respond
from services.chassis.runtime import correlation_id
from services.chassis.security import WINDOW_SECONDS, Principal

_BATCH = 500
_NOT_READS = frozenset({"/v1/progress", "/v1/status"})  # asked again and again, and says nothing of anybody
_NOTED = (
    *("/matches", "/search", "/named", "/erase", "/approvals", "/decision", "/questions"),
    *("/{number}/retry", "/{number}/discard", "/{name}/resume", "/republish", "/rebuild"),
)
# All rows of a batch in one statement: a batch costs little more than a row.
_INSERT = (
    f"INSERT INTO audit ({', '.join((*FIELDS, 'hash'))}) SELECT {', '.join((*FIELDS, 'hash'))}"
    " FROM jsonb_populate_recordset(NULL::audit, %s::jsonb)"
)


@dataclass(slots=True)
class Entry:
    """What a row says before it has its place in a chain."""

    at: datetime
    subject: str
    unit: str
    role: str
    purpose: str
    method: str
    route: str
    parameters: dict[str, str]
    status: int
    identities: int
    watermark: str
    etag: str
    correlation: str


@dataclass(slots=True)
class Audit:
    """Writes rows; one per process."""

    work: UnitOfWork
    chain: int = field(default_factory=lambda: os.getpid() % CHAINS)
    _waiting: list[tuple[Entry, asyncio.Future[None]]] = field(default_factory=list)
    _writer: asyncio.Task[None] | None = None

    async def write(self, entry: Entry) -> None:
        """Return once the row is durable; the database's error where it cannot be."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, written))
        # One writer at a time: what comes while it waits for the disk becomes the next batch.
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._drain(), name="audit")
        await written

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            try:
                await self._append([entry for entry, _ in batch])
            except Exception as error:  # noqa: BLE001  every request that waits gets it
                for _, written in batch:
                    if not written.done():
                        written.set_exception(error)
            else:
                for _, written in batch:
                    if not written.done():
                        written.set_result(None)

    async def _append(self, entries: list[Entry]) -> None:
        async with self.work() as session:
            connection = await raw(session)
            # Locked until the commit: two processes of one chain must not add after the same row.
            head = await (
                await connection.execute(
                    "SELECT seq, hash FROM audit_head WHERE chain = %s FOR UPDATE", (self.chain,)
                )
            ).fetchone()
            assert head is not None
            seq, previous = head
            rows = []
            for entry in entries:
                seq += 1
                row = _row(entry, self.chain, seq)
                previous = row_hash(previous, row)
                rows.append({**row, "hash": previous})
            await connection.execute(_INSERT.encode(), (orjson.dumps(rows).decode(),))
            await connection.execute(
                "UPDATE audit_head SET seq = %s, hash = %s WHERE chain = %s", (seq, previous, self.chain)
            )


class Audited:
    """Around everything else: no answer to a read, refusals and failures included, leaves before its row is written."""

    def __init__(self, app: ASGIApp, platform: Platform) -> None:
        self.app = app
        self._platform = platform
        self._audit = Audit(platform.uow)
        self._bursts = Bursts(self._write_burst, WINDOW_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._may_be_read(scope):
            await self.app(scope, receive, send)
            return
        refused = False

        async def audited(part: Message) -> None:
            nonlocal refused
            repeated = getattr(Request(scope).state, "refusal", None)
            if part["type"] == "http.response.start" and repeated is not None and not repeated.opens_burst:
                self._bursts.add()
            elif part["type"] == "http.response.start" and is_read(scope):
                try:
                    await self._audit.write(_entry(scope, part, self._platform.clock()))
                except Exception as error:
                    away = passing_problem(error)
                    if away is None:
                        raise
                    # The rest of the real answer must not follow, because it is not in the audit.
                    refused = True
                    await respond(Request(scope), away)(scope, receive, send)
            if not refused:
                await send(part)

        await self.app(scope, receive, audited)

    def _may_be_read(self, scope: Scope) -> bool:
        """Return whether the path is one of the API or of the service's pages."""
        return str(scope["path"]).startswith(("/v1/", f"/{self._platform.settings.service}/"))

    async def _write_burst(self, count: int) -> None:
        entry = _refused(count, self._platform.clock())
        await self._audit.write(entry)


def is_read(scope: Scope) -> bool:
    """Return whether a request is a read that the audit has to know of.

    Everything that is looked up, lists held against the registers, and what no event tells of: what operators do, erasures,
    requests for approval and decisions on them, questions about looks; other changes are events and need no second log.
    """
    route = _route(scope)
    if scope["method"] == "GET":
        return route not in _NOT_READS
    return scope["method"] == "POST" and route.endswith(_NOTED)


def _refused(count: int, now: datetime) -> Entry:
    """Return one row for ``count`` refused tokens that have no rows of their own."""
    return Entry(
        at=now,
        subject="",
        unit="",
        role="",
        purpose="",
        method="GET",
        route="*",
        parameters={"refused": str(count)},
        status=401,
        identities=0,
        watermark="",
        etag="",
        correlation="",
    )


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", "unmatched"))


def _entry(scope: Scope, start: Message, now: datetime) -> Entry:
    request = Request(scope)
    caller: Principal | None = getattr(request.state, "principal", None)
    sent = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start.get("headers", ())
    }
    return Entry(
        at=now,
        subject=caller.subject if caller else "",
        unit=caller.unit if caller else "",
        role=caller.role if caller else "",
        # A code of the province's list: `only_listed_purposes` has refused everything else.
        purpose=str(getattr(request.state, "purpose", "")),
        method=scope["method"],
        route=_route(scope),
        parameters=kept_parameters(request, start["status"]) | getattr(request.state, "audited", {}),
        status=start["status"],
        identities=getattr(request.state, "identities", 0),
        watermark=sent.get("khopso-watermark", ""),
        etag=sent.get("etag", ""),
        correlation=cleaned(correlation_id.get() or ""),
    )


def cleaned(text: str) -> str:
    """Return what somebody wrote without control characters and without numbers that could be somebody's."""
    printable = "".join(letter for letter in text if letter.isprintable())
    return NUMBER_OF_SOMEBODY.sub("…", printable)


def _row(entry: Entry, chain: int, seq: int) -> dict[str, Any]:
    """Return the row that is hashed: instants are texts in UTC with microseconds, the same when read from the database."""
    found = {name: getattr(entry, name) for name in FIELDS if name not in ("chain", "seq")}
    return {"chain": chain, "seq": seq, **found, "at": instant(entry.at)}


def instant(moment: datetime) -> str:
    """Return an instant as the text that rows contain."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def listed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the table as it is given out and checked."""
    return {**row, "at": instant(row["at"])}
