"""Outcomes that only their unit can read: `submissions.outcomes` is one topic that all units' software reads."""

from collections.abc import Mapping
from typing import Annotated, Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import AfterValidator

from contracts.events.submissions import Outcome

CURVE = "P-256"
_MEMBERS = ("kty", "crv", "x", "y")
_PROTECTED = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}


def reply_key(given: Mapping[str, Any]) -> ECKey:
    """Return the public key that a submission names for its outcome.

    Raises:
        ValueError: it is no EC key of the curve P-256.
    """
    try:
        # Of the key itself: a member beside it, such as its use, would make it refuse later, when the rows are taken.
        key = ECKey.import_key({name: given[name] for name in _MEMBERS})
    except (JoseError, ValueError, TypeError, KeyError):
        raise ValueError("no EC key") from None
    if key.curve_name != CURVE:
        raise ValueError("another curve")
    return key


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    reply_key(given)
    return given


ReplyKey = Annotated[dict[str, Any], AfterValidator(_checked)]
"""A public key as a submission names it: a JWK that `reply_key` can read."""


def sealed(outcome: Outcome, key: ECKey) -> Outcome:
    """Return what everybody on the topic may know of an outcome: whose submission it is of, and the rest encrypted to its unit."""
    inside = outcome.model_dump_json(exclude_none=True).encode()
    token = jwe.encrypt_compact(_PROTECTED, inside, key)
    return Outcome(submission=outcome.submission, service=outcome.service, jwe=token)
