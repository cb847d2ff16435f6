"""A fresh sign-in: who has one, and what a caller without one is told (RFC 9470)."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import APIRouter, Depends

from services.chassis.http import create_app, require_fresh_sign_in
from services.chassis.security import Principal, has_fresh_sign_in
from tests.support.platform import platform_for
from tests.support.tokens import Issuer

NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)
AT = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("signed_in_at", "fresh"),
    [(AT, True), (AT - 900, True), (AT - 901, False), (None, False), (AT + 5, True), (AT + 60, False)],
)
def test_a_sign_in_is_fresh_for_its_time_and_never_from_the_future(
    signed_in_at: int | None, fresh: bool
) -> None:
    caller = Principal("committee:30", "30", "official", "somebody", signed_in_at)
    assert has_fresh_sign_in(caller, NOW, 900) is fresh


async def test_an_old_sign_in_is_asked_for_again_with_the_age_that_is_allowed() -> None:
    router, issuer = APIRouter(), Issuer()

    @router.post("/v1/close", dependencies=[Depends(require_fresh_sign_in)])
    async def close() -> dict[str, bool]:
        return {"closed": True}

    platform = platform_for("postgresql://u:p@127.0.0.1:1/db", step_up_seconds=600)
    app = create_app(replace(platform, verifier=issuer.verifier()), routers=[router])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        now = int(time.time())
        for signed_in_at, status in ((now, 200), (now - 700, 401), (None, 401)):
            token = issuer.token(auth_time=signed_in_at)
            answer = await client.post("/v1/close", headers={"authorization": f"Bearer {token}"})
            assert answer.status_code == status
            if status == 401:
                assert answer.json()["rule"] == "step_up_required"
                assert (
                    answer.headers["www-authenticate"]
                    == 'Bearer error="insufficient_user_authentication", max_age=600'
                )
