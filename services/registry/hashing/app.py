"""The hashing process: hashes messages under the province's secret for the services that link persons, and does nothing else.

It stores nothing and logs who asked for how many hashes of which kind, never what was hashed.
"""

import hmac
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response

from services.chassis.http import Problem, create_internal_app
from services.chassis.runtime import Metrics, get_logger
from services.chassis.security import HASHES_PATH, MESSAGES_LIMIT
from services.linkage import KINDS, LinkageSecret, Message
from services.registry.hashing.allowance import Allowance
from services.registry.hashing.settings import HashingSettings, parse_hashing_keys

log = get_logger(__name__)
_PART_LIMIT = 500  # characters; names have 200 at most
_PARTS_LIMIT = 8


def create_hashing_app(settings: HashingSettings, now: Callable[[], float] = time.monotonic) -> FastAPI:
    """Return the application with its one route, ``POST /v1/hashes``; ``now`` is a clock that only goes forward (seconds)."""
    metrics = Metrics("hashing")
    app = create_internal_app(settings, metrics)
    keys = parse_hashing_keys(settings.hashing_keys)
    secret = LinkageSecret(settings.linkage_secret.get_secret_value().encode())
    allowance = Allowance(settings.hashing_daily_limit, now)

    @app.post(HASHES_PATH)
    async def hashes(request: Request) -> Response:
        caller = _caller(keys, request.headers.get("authorization", ""))
        if caller is None:
            metrics.hashing_refused.labels("unknown", "key").inc()
            log.warning("hashes refused", reason="key")
            raise Problem(401, "hashing_key", headers={"WWW-Authenticate": "Bearer"})
        messages = _messages(await request.body())
        if not allowance.take(caller, len(messages)):
            metrics.hashing_refused.labels(caller, "limit").inc()
            log.error("hashes refused", reason="limit", caller=caller, hashes=len(messages))
            raise Problem(429, "hashing_limit", headers={"Retry-After": "3600"})
        made = [secret.hash(*message) for message in messages]
        metrics.hashes.labels(caller).inc(len(made))
        log.info(
            "hashed", caller=caller, hashes=len(made), kinds=dict(Counter(message[0] for message in messages))
        )
        return Response(orjson.dumps({"hashes": made}), media_type="application/json")

    return app


def _caller(keys: dict[str, str], authorization: str) -> str | None:
    """Return the name of the caller whose key the header has; every key is compared, in constant time."""
    given = authorization.removeprefix("Bearer ").encode()
    found = [name for name, key in keys.items() if hmac.compare_digest(key.encode(), given)]
    return found[0] if found else None


def _messages(body: bytes) -> list[Message]:
    """Return the messages of a request; Problem 422 that repeats nothing of it."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        given = None
    found = given.get("messages") if isinstance(given, dict) else None
    if not isinstance(found, list) or len(found) > MESSAGES_LIMIT or not all(map(_is_message, found)):
        raise Problem(422, "hashing_messages", most=MESSAGES_LIMIT)
    return [tuple(message) for message in found]


def _is_message(message: Any) -> bool:
    return (
        isinstance(message, list)
        and 2 <= len(message) <= _PARTS_LIMIT
        and message[0] in KINDS
        # A separator within a part would make one message of two different ones.
        and all(isinstance(part, str) and len(part) <= _PART_LIMIT and "\x1f" not in part for part in message)
    )
