"""The embedded stack's OpenID Connect provider: one client, codes that are good once, PKCE, loopback alone."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from deploy.embedded.issuer import Issuer
from deploy.embedded.people import people
from deploy.embedded.provider import (
    ACCESS_SECONDS,
    CODE_SECONDS,
    NotLoopbackError,
    Provider,
)
from deploy.embedded.state import CLIENT_ID
from deploy.key_server import Asked, KeyServer, Reply
from deploy.ports import free_ports

URL, CLIENT = "http://127.0.0.1:20001", "http://127.0.0.1:20002"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
WHO = "official.commune_police"
REQUEST = {
    "client_id": CLIENT_ID,
    "redirect_uri": f"{CLIENT}/callback",
    "response_type": "code",
    "scope": "openid",
    "state": "the-state",
    "nonce": "the-nonce",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


class Flow:
    """A provider with a clock that the test moves."""

    def __init__(self, key: Path) -> None:
        self.now = 1_700_000_000.0
        self.issuer = Issuer(key, lambda: self.now)
        self.provider = Provider(self.issuer, URL, CLIENT, lambda: self.now)

    def get(self, path: str, **fields: str) -> Reply:
        return self.provider.answer(Asked("GET", path, tuple(fields.items())))

    def authorize(self, **changed: str | None) -> Reply:
        given = {**REQUEST, "person": WHO, **changed}
        return self.get("/authorize", **{name: value for name, value in given.items() if value is not None})

    def code(self) -> str:
        return sent_back(self.authorize())["code"]

    def token(self, **fields: str) -> Reply:
        return self.provider.answer(
            Asked("POST", "/token", tuple({"client_id": CLIENT_ID, **fields}.items()))
        )

    def redeem(self, code: str, **changed: str) -> Reply:
        given = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
        return self.token(**{**given, "redirect_uri": REQUEST["redirect_uri"], **changed})

    def refresh(self, token: str) -> Reply:
        return self.token(grant_type="refresh_token", refresh_token=token)

    def claims(self, token: str) -> dict[str, Any]:
        keys = KeySet.import_key_set(self.issuer.public_jwks())  # type: ignore[arg-type]
        return jwt.decode(token, keys, algorithms=["ES256"]).claims


def sent_back(reply: Reply) -> dict[str, str]:
    """What the browser brings to the client."""
    assert reply.status == 303
    address = reply.headers["Location"]
    assert address.startswith(f"{CLIENT}/callback?")
    return dict(parse_qsl(urlsplit(address).query))


def document(reply: Reply) -> Any:
    return json.loads(reply.body)


@pytest.fixture
def flow(tmp_path: Path) -> Flow:
    return Flow(tmp_path / "key.json")


def test_whoever_was_chosen_gets_tokens_that_name_unit_role_and_when_he_signed_in(flow: Flow) -> None:
    back = sent_back(flow.authorize())
    assert back["state"] == "the-state"
    reply = flow.redeem(back["code"])
    made = document(reply)
    assert reply.headers["Cache-Control"] == "no-store"
    # The identity token is for the client and of this sign-in; the access token is for the services.
    identity, access = flow.claims(made["id_token"]), flow.claims(made["access_token"])
    person = people()[WHO]
    assert (identity["iss"], identity["aud"], identity["nonce"]) == (URL, CLIENT_ID, "the-nonce")
    assert (access["unit"], access["role"], access["area"]) == (person.unit, person.role, person.area)
    assert identity["sub"] == access["sub"] == person.subject
    assert identity["auth_time"] == access["auth_time"] == int(flow.now)
    assert access["exp"] - access["iat"] == made["expires_in"] == ACCESS_SECONDS


def test_the_page_offers_every_office_and_each_link_keeps_the_request(flow: Flow) -> None:
    page = flow.authorize(person=None).body.decode()
    for person in people().values():
        assert person.unit in page
    assert page.count("state=the-state") == page.count("person=") == len(people())
    assert "<script" not in page


def test_what_a_request_holds_is_no_markup_of_the_page(flow: Flow) -> None:
    page = flow.authorize(person=None, state='"><script>alert(1)</script>').body.decode()
    assert "<script" not in page


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://elsewhere.example/callback"},
        {"redirect_uri": f"{CLIENT}/callback/"},
        {"redirect_uri": f"{CLIENT}/callback?more=1"},
        {"redirect_uri": f"{CLIENT}.elsewhere.example/callback"},
        {"redirect_uri": None},
        {"client_id": "another"},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_exactly_the_clients(
    flow: Flow, changed: dict[str, str | None]
) -> None:
    reply = flow.authorize(**changed)
    assert (reply.status, "Location" in reply.headers) == (400, False)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "email"}, "invalid_scope"),
        ({"person": None, "prompt": "none"}, "login_required"),
        ({"person": "nobody"}, "access_denied"),
    ],
)
def test_a_request_that_is_not_as_it_must_be_gets_an_error_and_no_code(
    flow: Flow, changed: dict[str, str | None], error: str
) -> None:
    back = sent_back(flow.authorize(**changed))
    assert back["error"] == error
    assert "code" not in back


def test_no_parameter_comes_twice(flow: Flow) -> None:
    fields = (*REQUEST.items(), ("redirect_uri", "https://elsewhere.example"))
    assert flow.provider.answer(Asked("GET", "/authorize", fields)).status == 400


@pytest.mark.parametrize(
    "changed",
    [{"code_verifier": "w" * 64}, {"code_verifier": ""}, {"redirect_uri": "https://elsewhere.example"}],
)
def test_a_code_without_its_verifier_or_address_is_refused_and_is_worth_nothing_afterwards(
    flow: Flow, changed: dict[str, str]
) -> None:
    code = flow.code()
    assert document(flow.redeem(code, **changed)) == {"error": "invalid_grant"}
    assert flow.redeem(code).status == 400


def test_a_code_that_comes_twice_ends_what_came_from_it(flow: Flow) -> None:
    code = flow.code()
    refresh = document(flow.redeem(code))["refresh_token"]
    assert flow.redeem(code).status == 400
    assert flow.refresh(refresh).status == 400


def test_a_code_is_good_for_a_minute(flow: Flow) -> None:
    in_time, late = flow.code(), flow.code()
    flow.now += CODE_SECONDS - 1
    assert flow.redeem(in_time).status == 200
    flow.now += 1
    assert flow.redeem(late).status == 400


def test_a_refresh_token_is_good_once_and_keeps_the_moment_of_the_sign_in(flow: Flow) -> None:
    first = document(flow.redeem(flow.code()))
    signed_in = flow.claims(first["access_token"])["auth_time"]
    flow.now += 900
    second = document(flow.refresh(first["refresh_token"]))
    assert flow.claims(second["access_token"])["auth_time"] == signed_in
    # Used again, it was stolen from somebody: the whole sign-in ends.
    assert flow.refresh(first["refresh_token"]).status == 400
    assert flow.refresh(second["refresh_token"]).status == 400


def test_signing_out_ends_the_refresh_tokens_and_leads_back(flow: Flow) -> None:
    made = document(flow.redeem(flow.code()))
    back = f"{CLIENT}/signed-out"
    reply = flow.get("/end-session", id_token_hint=made["id_token"], post_logout_redirect_uri=back)
    assert (reply.status, reply.headers["Location"]) == (303, back)
    assert flow.refresh(made["refresh_token"]).status == 400
    elsewhere = flow.get("/end-session", post_logout_redirect_uri="https://elsewhere.example")
    assert (elsewhere.status, "Location" in elsewhere.headers) == (400, False)


@pytest.mark.parametrize(
    "client", ["https://khopso.example", "http://192.168.1.5:80", "http://127.0.0.1.example"]
)
def test_it_does_not_start_for_a_client_on_another_machine(tmp_path: Path, client: str) -> None:
    with pytest.raises(NotLoopbackError):
        Provider(Issuer(tmp_path / "key.json"), URL, client)


@pytest.fixture
def served(flow: Flow) -> Iterator[str]:
    port = free_ports(1)[0]
    server = KeyServer(flow.issuer.public_jwks(), port, flow.provider.answer)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


def test_it_answers_under_the_name_of_this_machine_alone(served: str) -> None:
    with httpx.Client(trust_env=False) as client:
        assert client.get(f"{served}/.well-known/openid-configuration").json()["issuer"] == URL
        assert client.get(f"{served}/jwks.json", headers={"Host": "elsewhere.example"}).status_code == 421
        assert client.post(f"{served}/token", data={"client_id": "another"}).status_code == 401
        assert client.post(f"{served}/token", content=b"x" * 40_000).status_code == 413
        assert client.get(f"{served}/secrets.json").status_code == 404
