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
from services.chassis.security import EPOCH_PATH, HASHES_PATH, MESSAGES_LIMIT, RENEWALS_PATH
from services.linkage import KINDS, LinkageSecret, Message
from services.registry.hashing.allowance import Allowance
from services.registry.hashing.settings import HashingSettings, parse_hashing_keys

log = get_logger(__name__)
_PART_LIMIT = 500  # characters; names have 200 at most
_PARTS_LIMIT = 8


def create_hashing_app(settings: HashingSettings, now: Callable[[], float] = time.monotonic) -> FastAPI:
    """Return the application; ``now`` is a clock that only goes forward (seconds).

    ``POST /v1/hashes`` hashes messages. While the secret is being rotated it answers 503, and ``POST /v1/renewals``
    returns the hashes of messages under the former secret and the next one. ``GET /v1/epoch`` says which it is.
    """
    metrics = Metrics("hashing")
    app = create_internal_app(settings, metrics)
    desk = _Desk(settings, metrics, now)
    secret = LinkageSecret(settings.linkage_secret.get_secret_value().encode())
    following = settings.linkage_secret_next
    renewed = None if following is None else LinkageSecret(following.get_secret_value().encode())
    metrics.hashing_rotating.set(int(renewed is not None))

    @app.get(EPOCH_PATH)
    async def epoch(request: Request) -> Response:
        desk.caller(request)
        return _json({"epoch": settings.linkage_epoch, "rotating": renewed is not None})

    @app.post(HASHES_PATH)
    async def hashes(request: Request) -> Response:
        caller = desk.caller(request)
        if renewed is not None:
            # Keys under the former secret would come too late to be renewed, and the next one is not in force yet.
            raise Problem(503, "hashing_rotating", headers={"Retry-After": "60"})
        messages = desk.granted(desk.hashes, caller, await request.body())
        made = [secret.hash(*message) for message in messages]
        metrics.hashes.labels(caller).inc(len(made))
        return _json({"hashes": made})

    @app.post(RENEWALS_PATH)
    async def renewals(request: Request) -> Response:
        caller = desk.caller(request)
        if renewed is None:
            raise Problem(409, "hashing_not_rotating")
        messages = desk.granted(desk.renewals, caller, await request.body())
        made = [(secret.hash(*message), renewed.hash(*message)) for message in messages]
        metrics.hashing_renewed.labels(caller).inc(len(made))
        return _json({"pairs": made})

    return app


class _Desk:
    """Knows who may ask, and for how much; says in the log how many were asked for, never what."""

    def __init__(self, settings: HashingSettings, metrics: Metrics, now: Callable[[], float]) -> None:
        self._keys = parse_hashing_keys(settings.hashing_keys)
        self._metrics = metrics
        self.hashes = Allowance(settings.hashing_daily_limit, now)
        self.renewals = Allowance(settings.hashing_renewals_limit, now)

    def caller(self, request: Request) -> str:
        """Return who asks; Problem 401 for one without a key that is known."""
        caller = _caller(self._keys, request.headers.get("authorization", ""))
        if caller is None:
            self._metrics.hashing_refused.labels("unknown", "key").inc()
            log.warning("hashes refused", reason="key")
            raise Problem(401, "hashing_key", headers={"WWW-Authenticate": "Bearer"})
        return caller

    def granted(self, allowance: Allowance, caller: str, body: bytes) -> list[Message]:
        """Return the messages of a request that the allowance covers; Problem 422 or 429."""
        messages = _messages(body)
        if not allowance.take(caller, len(messages)):
            self._metrics.hashing_refused.labels(caller, "limit").inc()
            log.error("hashes refused", reason="limit", caller=caller, hashes=len(messages))
            raise Problem(429, "hashing_limit", headers={"Retry-After": "3600"})
        kinds = dict(Counter(message[0] for message in messages))
        word = "hashed" if allowance is self.hashes else "renewed"
        log.info(word, caller=caller, hashes=len(messages), kinds=kinds)
        return messages


def _json(document: dict[str, Any]) -> Response:
    return Response(orjson.dumps(document), media_type="application/json")


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
    if not isinstance(message, list) or not 2 <= len(message) <= _PARTS_LIMIT or message[0] not in KINDS:
        return False
    for part in message:
        # A separator within a part would make one message of two different ones.
        if not isinstance(part, str) or len(part) > _PART_LIMIT or "\x1f" in part:
            return False
    return True
