"""A revoked token holds no longer, in any process of the service; other tokens of the same person do."""

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module

import httpx

from services.chassis.persistence import revoked
from services.chassis.security import Revocations
from services.chassis.service import http_app
from tests.support.registers import Service
from tests.support.tokens import Issuer


async def test_a_revoked_token_is_refused_by_every_process(services: Mapping[str, Service]) -> None:
    service, issuer = services["treatment"], Issuer()

    async def load() -> list[str]:
        async with service.platform.uow() as session:
            return [str(row["id"]) for row in await revoked(session, service.platform.clock())]

    def process() -> httpx.AsyncClient:
        verifier = issuer.verifier(revocations=Revocations(load, lambda _: False, reread_seconds=0))
        platform = replace(service.platform, verifier=verifier)
        compose = import_module("services.treatment.app").compose
        transport = httpx.ASGITransport(http_app(platform, compose(platform), ["api"]))
        return httpx.AsyncClient(transport=transport, base_url="http://service")

    lost, other = issuer.token(jti="lost-1"), issuer.token(jti="kept-1")
    admin = {"authorization": f"Bearer {issuer.token(role='admin')}"}
    async with process() as one, process() as two:
        for client in (one, two):
            assert (
                await client.get("/v1/forms", headers={"authorization": f"Bearer {lost}"})
            ).status_code == 200
        clerk = await one.post(
            "/v1/revoked-tokens", json={"token": "lost-1"}, headers={"authorization": f"Bearer {other}"}
        )
        assert clerk.status_code == 403
        done = await one.post("/v1/revoked-tokens", json={"token": "lost-1"}, headers=admin)
        assert done.status_code == 201
        again = await two.post("/v1/revoked-tokens", json={"token": "lost-1"}, headers=admin)
        assert again.status_code == 201
        for client in (one, two):
            refused = await client.get("/v1/forms", headers={"authorization": f"Bearer {lost}"})
            assert (refused.status_code, refused.json()["rule"]) == (401, "token_revoked")
            kept = await client.get("/v1/forms", headers={"authorization": f"Bearer {other}"})
            assert kept.status_code == 200
        listed = (await two.get("/v1/revoked-tokens", headers=admin)).json()
        # The database is shared: the routes that are asked at random in other tests revoke tokens, too.
        assert {row["id"] for row in listed} & {"lost-1", "kept-1"} == {"lost-1"}


async def test_a_revocation_ends_when_the_token_would_have(services: Mapping[str, Service]) -> None:
    service = services["incidents"]
    for until in ("2000-01-01T00:00:00Z", "2999-01-01T00:00:00Z"):
        answer = await service.client.post(
            "/v1/revoked-tokens", json={"token": "x", "until": until}, headers=service.as_()
        )
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "revoked_until")
