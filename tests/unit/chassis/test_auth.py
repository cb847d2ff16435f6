"""Tokens and what their bearers may do."""

import base64
import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from services.chassis.security.auth import (
    NotAuthenticatedError,
    Principal,
    principal_of,
)
from services.chassis.security.published_keys import IssuerUnreachableError
from tests.support.tokens import AUDIENCE, ISSUER, Issuer


async def test_a_good_token_names_the_caller() -> None:
    issuer = Issuer()
    principal = await issuer.verifier().verify(issuer.token(unit="K01", area="10513", role="official"))
    assert principal == Principal(unit="K01", area="10513", role="official", subject="somebody")


@pytest.mark.parametrize(
    ("claims", "rule"),
    [
        ({"exp": int(time.time()) - 60}, "token_expired"),
        ({"exp": None}, "token_claims"),
        ({"iss": "https://elsewhere.test"}, "token_claims"),
        ({"aud": "another-system"}, "token_claims"),
        ({"aud": None}, "token_claims"),
        ({"sub": None}, "token_claims"),
        ({"unit": None}, "token_claims"),
        ({"unit": ""}, "token_claims"),
        ({"unit": ["police:288"]}, "token_claims"),
        ({"role": "root"}, "token_claims"),
        ({"role": None}, "token_claims"),
        ({"area": 30}, "token_claims"),
        ({"iat": None}, "token_claims"),
        ({"jti": None}, "token_claims"),
        ({"jti": ""}, "token_claims"),
        ({"jti": "j" * 129}, "token_claims"),
        ({"jti": "a b"}, "token_claims"),
        ({"iat": "yesterday"}, "token_claims"),
        ({"auth_time": "yesterday"}, "token_claims"),
        ({"auth_time": True}, "token_claims"),
        ({"exp": int(time.time()) + 10 * 365 * 86_400}, "token_lifetime"),
        ({"iat": int(time.time()) - 86_400}, "token_lifetime"),
    ],
)
async def test_a_token_with_wrong_claims_is_refused(claims: dict[str, Any], rule: str) -> None:
    issuer = Issuer()
    with pytest.raises(NotAuthenticatedError) as refused:
        await issuer.verifier().verify(issuer.token(**claims))
    assert refused.value.rule == rule


async def test_forged_tokens_are_refused() -> None:
    issuer = Issuer()
    verifier = issuer.verifier()
    good = issuer.token()
    head, body, signature = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    admin = base64.urlsafe_b64encode(json.dumps(claims | {"role": "admin"}).encode()).rstrip(b"=").decode()
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    stranger = ECKey.generate_key("P-256", parameters={"kid": "one"})
    public = json.dumps(issuer.key.as_dict(private=False)).encode()
    forged = [
        f"{head}.{admin}.{signature}",
        f"{none}.{body}.",
        f"{head}.{body}.",
        jwt.encode({"alg": "ES256", "kid": "one"}, claims, stranger),
        jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(public)),
        "not a token",
        "a.b.c",
        "",
    ]
    for token in forged:
        with pytest.raises(NotAuthenticatedError):
            await verifier.verify(token)


async def test_keys_are_fetched_once_and_again_for_an_unknown_key() -> None:
    issuer = Issuer()
    clock = [1_000_000_000.0 * 2]
    verifier = issuer.verifier(now=lambda: clock[0])
    for _ in range(3):
        await verifier.verify(issuer.token(iat=int(clock[0]), exp=int(clock[0]) + 600))
    assert issuer.asked == 1
    clock[0] += 6
    issuer.rotate("two")
    await verifier.verify(issuer.token(iat=int(clock[0]), exp=int(clock[0]) + 600))
    assert issuer.asked == 2


async def test_strange_keys_do_not_make_us_ask_the_issuer_all_the_time() -> None:
    issuer = Issuer()
    clock = [2_000_000_000.0]
    verifier = issuer.verifier(now=lambda: clock[0])
    await verifier.verify(issuer.token(iat=int(clock[0]), exp=int(clock[0]) + 600))
    stranger = ECKey.generate_key("P-256", parameters={"kid": "strange"})
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "s", "exp": int(clock[0]) + 600}
    for _ in range(20):
        with pytest.raises(NotAuthenticatedError):
            await verifier.verify(jwt.encode({"alg": "ES256", "kid": "strange"}, claims, stranger))
    assert issuer.asked <= 2


async def test_while_the_issuer_is_away_known_keys_stay_good_and_without_any_nobody_is_let_in() -> None:
    issuer = Issuer()
    clock = [2_000_000_000.0]
    verifier = issuer.verifier(now=lambda: clock[0])
    token = issuer.token(iat=int(clock[0]), exp=int(clock[0]) + 10_000)
    await verifier.verify(token)
    issuer.away = True
    clock[0] += 5_000
    await verifier.verify(token)
    with pytest.raises(IssuerUnreachableError):
        await issuer.verifier().verify(token)


@pytest.mark.parametrize(
    ("claim", "role"), [("admin", "admin"), ("administrator", "admin"), ("operator", "operator")]
)
async def test_roles_by_the_names_that_issuers_give_them(claim: str, role: str) -> None:
    issuer = Issuer()
    assert (await issuer.verifier().verify(issuer.token(role=claim))).role == role


@pytest.mark.parametrize("claim", ["sub", "unit", "area", "jti"])
@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "\x1b[2J", "\u202eevil", "\ud800"])
def test_claims_that_no_database_can_hold_or_that_mislead_a_reader_are_refused(claim: str, text: str) -> None:
    claims = {"sub": "Nguyễn Văn Mẫu", "unit": "police:30", "area": "30", "jti": "j-1", "role": "clerk"}
    assert principal_of(claims).subject == "Nguyễn Văn Mẫu"
    with pytest.raises(NotAuthenticatedError, match="token_claims"):
        principal_of(claims | {claim: text})
