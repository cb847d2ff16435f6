"""Field keys are rotated: every identity is encrypted anew, whenever the rotation was killed, and stays readable."""

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from services.chassis.persistence import migrations
from services.chassis.platform import Platform
from services.chassis.security import FieldCipher
from services.chassis.service import http_app
from services.registry.app import compose
from tests.support.platform import environment_of, platform_for, settings_for
from tests.support.tokens import Issuer

OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
BOTH = {"field_keys": json.dumps({"2025": OLD, "2026": NEW}), "field_key_current": "2026"}
RECORDS, VERSIONS = 300, 100
# Rotates in small batches and says so after each one, as `khopso keys rotate` does over HTTP.
_ROTATING = """
import asyncio
from services.chassis.platform import Platform
from services.chassis.runtime.settings import ServiceSettings, load_settings
from services.registers import rotation
from services.registers.secrets import Vault

async def main():
    platform = Platform.of(load_settings(ServiceSettings))
    vault = Vault(platform.cipher, platform.digest_key)
    while True:
        async with platform.uow() as session:
            done = await rotation.rotate(session, vault, 7)
        print(done, flush=True)

asyncio.run(main())
"""


@pytest.fixture
async def platform(new_database: Callable[[str], str]) -> AsyncIterator[Platform]:
    """Registry with identities under the key of 2025, replaced hand-ins too; the key of 2026 is the current one."""
    url = new_database("registry")
    migrations.upgrade(settings_for(url, service="registry"), "services.registry")
    made = platform_for(url, service="registry", **BOTH)
    before = FieldCipher({"2025": base64.b64decode(OLD)}, "2025")
    async with made.uow() as session:
        for number in range(1, RECORDS + 1):
            record = UUID(int=number)
            identity = before.encrypt(f'{{"full_name": "P{number}"}}'.encode(), b"record:" + record.bytes)
            row = {"id": record, "n": str(number), "identity": identity}
            await session.execute(text(_RECORD), row)
            if number <= VERSIONS:
                await session.execute(text(_VERSION), row)
    yield made
    await made.close()


_RECORD = (
    "INSERT INTO record (record_id, form, unit, key, sequence, content, identity, digest, recorded_at, own_day, voided,"
    " handed_in_at, handed_in_by) VALUES (:id, 'registry', 'police:288', :n, 2, '{}', :identity, 'd', now(),"
    " '2026-01-01', false, now(), 'somebody')"
)
_VERSION = (
    "INSERT INTO record_version (record_id, sequence, content, identity, digest, recorded_at, own_day, voided,"
    " handed_in_at, handed_in_by) VALUES (:id, 1, '{}', :identity, 'd', now(), '2026-01-01', false, now(), 'somebody')"
)


async def test_a_rotation_that_is_killed_goes_on_where_it_was_and_loses_nothing(platform: Platform) -> None:
    # Given a rotation that is killed without warning after some batches
    await asyncio.to_thread(killed_after, platform, 5)
    # When an operator asks for it again, over HTTP
    async with operator(platform) as client:
        middle = (await client.get("/v1/keys/fields")).json()
        assert middle["current"] == "2026"
        assert middle["identities"]["2026"] >= 35
        assert middle["identities"]["2025"] > 0
        assert await readable(platform) == RECORDS + VERSIONS
        batches: list[int] = []
        while not batches or batches[-1]:
            answer = await client.post("/v1/keys/fields/rotate", json={"limit": 64})
            batches.append(answer.json()["rewritten"])
        # Then only the rest was left, and everything is under the current key
        assert sum(batches) == middle["identities"]["2025"]
        after = (await client.get("/v1/keys/fields")).json()
    assert after["identities"] == {"2026": RECORDS + VERSIONS}
    # And the old key may go
    alone = replace(platform, cipher=FieldCipher({"2026": base64.b64decode(NEW)}, "2026"))
    assert await readable(alone) == RECORDS + VERSIONS


async def test_an_identity_whose_key_is_gone_is_left_as_it_is_and_said(platform: Platform) -> None:
    alone = replace(platform, cipher=FieldCipher({"2026": base64.b64decode(NEW)}, "2026"))
    async with operator(alone) as client:
        refused = await client.post("/v1/keys/fields/rotate", json={})
        assert (refused.status_code, refused.json()["rule"]) == (409, "field_key_missing")
    assert await readable(platform) == RECORDS + VERSIONS


async def test_only_administrators_rotate_keys(platform: Platform) -> None:
    async with operator(platform, role="official") as client:
        assert (await client.get("/v1/keys/fields")).status_code == 403
        assert (await client.post("/v1/keys/fields/rotate", json={})).status_code == 403


def killed_after(platform: Platform, batches: int) -> None:
    """Rotate in a process of its own that is killed as soon as it has said so many batches."""
    process = subprocess.Popen(
        [sys.executable, "-c", _ROTATING],
        env=environment_of(platform.settings) | {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for _ in range(batches):
        assert process.stdout.readline().strip() == "7"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=20)
    process.stdout.close()


def operator(platform: Platform, role: str = "admin") -> httpx.AsyncClient:
    """A client of registry with this role."""
    issuer = Issuer()
    served = replace(platform, verifier=issuer.verifier())
    transport = httpx.ASGITransport(http_app(served, compose(served)))
    token = issuer.token(role=role, sub="ops")
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)


async def readable(platform: Platform) -> int:
    """How many identities are as they were handed in; each must be readable."""
    async with platform.uow() as session:
        rows = [
            *await session.execute(text("SELECT record_id, identity FROM record")),
            *await session.execute(text("SELECT record_id, identity FROM record_version")),
        ]
    found = [platform.cipher.decrypt(bytes(sealed), b"record:" + record.bytes) for record, sealed in rows]
    return sum(
        each == f'{{"full_name": "P{record.int}"}}'.encode()
        for each, (record, _) in zip(found, rows, strict=True)
    )
