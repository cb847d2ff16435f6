"""What cannot be taken back asks for a fresh sign-in, whatever else the caller may do."""

from collections.abc import Mapping

import pytest

from tests.support.registers import Service

NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    "path",
    ["/v1/closings", f"/v1/closings/{NOBODY}/editions", f"/v1/closings/{NOBODY}/publications"],
)
async def test_closing_and_publishing_want_a_fresh_sign_in(
    services: Mapping[str, Service], path: str
) -> None:
    # Given an official whose token does not say when he signed in
    reporting = services["reporting"]
    # When he closes, re-issues or publishes
    answer = await reporting.client.post(path, json={}, headers=reporting.as_("official"))
    # Then he is sent to sign in again, before anything is said of what he asked
    assert (answer.status_code, answer.json()["rule"]) == (401, "step_up_required")
    challenge = 'Bearer error="insufficient_user_authentication", max_age=900'
    assert answer.headers["www-authenticate"] == challenge
