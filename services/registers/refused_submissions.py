"""Answers to submissions that cannot be applied: the sender gets one where the submission can be identified.

What others send may be broken in any way. The answer needs an id, and a unit or a key to send it by; both are looked
for in whatever can still be read: in JSON with a byte order mark, in JSON that is cut off, in another encoding, in the
headers of CloudEvents' binary mode. Nothing else of the message is repeated, since it may be personal data in clear.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from contracts.events.submissions import Outcome, RowFault
from services.chassis.kafka import Undelivered

_LONGEST = 200  # of a name in the envelope (`contracts.envelope.Name`)
_MOST = 100  # submissions answered of one message: CloudEvents may be sent as a list
_ID = re.compile(r'"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?[0-9]+)')
_SOURCE = re.compile(r'"source"\s*:\s*("(?:[^"\\]|\\.)*")')
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Said:
    """What can be read of a broken submission. ``id`` is as it was sent; ``to`` is whom to answer."""

    id: str
    source: str
    to: str
    document: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """Return the id without what PostgreSQL cannot store."""
        return storable(self.id)


def said_by(letter: Undelivered) -> Iterator[Said]:
    """Yield the submissions that a message holds whose ids can be read; usually one."""
    headers = {name.lower(): (value or b"").decode(errors="replace") for name, value in letter.raw_headers}
    for document in _documents(letter.value or b"")[:_MOST]:
        found = _name(document.get("id")) or _name(headers.get("ce_id"))
        if found:
            source = _name(document.get("source")) or _name(headers.get("ce_source"))
            to = _key(letter.key) or storable(source) or "unknown"
            yield Said(_encodable(found)[:_LONGEST], source, to[:_LONGEST], document)


def refusal(said: Said, service: str, letter: Undelivered, faults: Sequence[RowFault] = ()) -> Outcome:
    """Return the outcome of a submission of which no row was taken: ``error`` says why, in one word."""
    error = letter.reason.replace("-", "_")
    return Outcome(submission=said.id, service=service, error=error, refused=tuple(faults))


def identity_of(said: Said, letter: Undelivered) -> str:
    """Return an identity that differs between messages even where they name the same source and id.

    Not source and id alone: the answer to a broken message must not be taken for that to the whole one sent after it.
    """
    parts = (said.id, letter.key, letter.value, letter.raw_headers)
    return f"refused {sha256(repr(parts).encode()).hexdigest()}"


def storable(text: str) -> str:
    """Return a text without what PostgreSQL cannot store, each such character replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def _documents(value: bytes) -> list[dict[str, Any]]:
    """Return the JSON objects that can be read from a message's value; at least an empty one."""
    partial: dict[str, Any] = {}
    for text in _readings(value):
        found = _loosely(text)
        if isinstance(found, str):  # somebody's software wrote its JSON as a JSON text
            found = _loosely(found)
        documents = found if isinstance(found, list) else [found]
        objects = [one for one in documents if isinstance(one, dict)]
        if objects:
            return objects
        parts = (("id", _ID.search(text)), ("source", _SOURCE.search(text)))
        partial = partial or {name: _loosely(met[1]) for name, met in parts if met}
    return [partial]


def _readings(value: bytes) -> Iterator[str]:
    """Yield the bytes decoded as text: as UTF-8, then as UTF-16 or UTF-32 where they look like it."""
    yield value.decode(errors="replace")
    detected = json.detect_encoding(value)
    if not detected.startswith("utf-8"):
        yield value.decode(detected, errors="replace")


def _loosely(text: str) -> Any:
    """Return the first JSON value in a text, ignoring what comes before and after it; None where there is none."""
    try:
        # Not strict: control characters inside a text are read as they are.
        found, _ = json.JSONDecoder(strict=False).raw_decode(text.lstrip("\ufeff\x00 \t\r\n"))
    except (ValueError, RecursionError):
        return None
    return found


def _key(key: bytes | None) -> str:
    """Return the record's key as text; "" where it is none."""
    try:
        return storable((key or b"").decode())
    except UnicodeDecodeError:
        return ""


def _name(found: object) -> str:
    """Return a name as text; a number counts as a name whose quotes were forgotten. "" for anything else."""
    if isinstance(found, bool) or not isinstance(found, (str, int, float)):
        return ""
    try:
        return str(found)
    except ValueError:  # a whole number of thousands of digits
        return ""


def _encodable(text: str) -> str:
    """Return the text with "?" for each lone surrogate, which JSON escapes may hold and UTF-8 cannot."""
    return text.encode(errors="replace").decode()
