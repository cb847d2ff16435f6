"""Messages as subscribers get them, and the exceptions by which a subscriber says that it cannot apply one."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from services.chassis.runtime import TRACEPARENT

MARKER_TYPE = "khopso.log.started.v1"
_LAST_MS = 253_402_300_799_000  # the end of the year 9999; a stranger may write any timestamp
_VERSIONED = re.compile(r"(?P<name>.+)\.v(?P<version>[1-9][0-9]*)")


class Retryable(Exception):  # noqa: N818 - a verdict on a message
    """The message may be applied later. It is tried again with growing pauses; after the last try it is a dead letter."""


class Waiting(Retryable):
    """The message is right, but needs something that is not available now: it is tried again without limit.

    Unlike any other `Retryable` it never becomes a dead letter. The pauses grow up to the longest one of the settings.
    """


class Permanent(Exception):  # noqa: N818 - a verdict on a message
    """The message can never be applied: it becomes a dead letter at once.

    ``reason`` is a short word for metrics and people, without any value of the message. ``delivered`` names the
    message where the subscriber knows it; otherwise the batch is halved until it is found.
    """

    def __init__(self, reason: str, delivered: "Delivered | None" = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.delivered = delivered


@dataclass(slots=True, eq=False)
class Delivered:
    """One message as it came from the log.

    ``document`` is the value read as JSON. ``headers`` are readable as far as they go; ``raw_headers`` are as they came.
    ``logged_at`` is when the broker took the message in, by the broker's own clock; None where the topic leaves the
    timestamp to the sender, who can write any. Nobody changes a message, but it is not a frozen dataclass: making one of those takes as long as reading the message.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: dict[str, str]
    timestamp: datetime
    document: dict[str, Any] = field(repr=False)
    raw_headers: tuple[tuple[str, bytes | None], ...] = field(default=(), repr=False)
    logged_at: datetime | None = None

    @property
    def type(self) -> str:
        """Return the CloudEvents type ("" where the document has none)."""
        found = self.document.get("type")
        return found if isinstance(found, str) else ""

    @property
    def id(self) -> str:
        """Return the CloudEvents id ("" where the document has none)."""
        found = self.document.get("id")
        return found if isinstance(found, str) else ""

    @property
    def traceparent(self) -> str | None:
        """Return the W3C trace context that it carries: CloudEvents' extension attribute, else the Kafka header."""
        found = self.document.get(TRACEPARENT, self.headers.get(TRACEPARENT))
        return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True, eq=False)
class Undelivered:
    """A message that no subscriber gets, with the reason; bytes and headers as they came."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    raw_headers: tuple[tuple[str, bytes | None], ...]
    timestamp: datetime
    reason: str
    error: str

    @property
    def source(self) -> str:
        """Return the sender that the message names: the CloudEvents source, else the key."""
        try:
            document = orjson.loads(self.value or b"")
        except orjson.JSONDecodeError:
            document = None
        said = document.get("source") if isinstance(document, dict) else None
        return said if isinstance(said, str) and said else (self.key or b"").decode(errors="replace")


def receive(
    topic: str,
    partition: int,
    offset: int,
    key: bytes | None,
    value: bytes | None,
    headers: Collection[tuple[str, bytes | None]],
    timestamp_ms: int,
    known_types: Collection[str] | None = None,
    *,
    mend_headers: bool = False,
    broker_time: bool = False,
) -> Delivered | Undelivered:
    """Return one record as a message to deliver, or as one that cannot be delivered, with the reason. Never raises.
    With ``known_types`` a type outside them is refused: ``future-version`` where another version of it is known,
    else ``unknown-type``. With ``mend_headers`` unreadable headers are read as far as they go instead of refused.
    ``broker_time``: the timestamp is the broker's (`LogAppendTime`), not the sender's.
    """
    at = datetime.fromtimestamp(min(max(timestamp_ms, 0), _LAST_MS) / 1000, UTC)
    kept = tuple(headers)

    def refused(reason: str, error: str = "khopso.Permanent") -> Undelivered:
        return Undelivered(topic, partition, offset, key, value, kept, at, reason, error)

    if value is None:
        return refused("null-body")
    if not mend_headers and not _readable(kept):
        return refused("unreadable-header", "UnicodeDecodeError")
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError:
        return refused("bad-json", "JSONDecodeError")
    if not isinstance(document, dict):
        return refused("not-an-object")
    wrong = None if known_types is None else wrong_type(document.get("type"), known_types)
    if wrong:
        return refused(wrong)
    # Undecodable bytes are replaced here only; ``raw_headers`` keeps the original ones.
    readable = {name: (content or b"").decode(errors="replace") for name, content in kept}
    return Delivered(
        topic, partition, offset, key, value, readable, at, document, kept, at if broker_time else None
    )


def _readable(headers: Collection[tuple[str, bytes | None]]) -> bool:
    try:
        for _, content in headers:
            if content is None:
                return False
            content.decode()
    except UnicodeDecodeError:
        return False
    return True


def wrong_type(found: object, known_types: Collection[str]) -> str | None:
    """Return why a consumer that knows these types cannot apply this one; None when it can (markers always pass)."""
    if not isinstance(found, str):
        return "no-type"
    if found in known_types or found == MARKER_TYPE:
        return None
    named = _VERSIONED.fullmatch(found)
    # Two reasons for operators: a known type in an unknown version, or a type that is not known at all.
    if named and any(known.startswith(f"{named['name']}.v") for known in known_types):
        return "future-version"
    return "unknown-type"
