"""The audit of reads as anyone can check it offline: rows in hash chains, and heads that say how long each chain was.

Row n of a chain has ``hash`` = SHA-256(hash of row n-1 ‖ canonical row), hashes as hexadecimal text, the row in its
canonical form (RFC 8785) without ``hash``. Row 1 follows ``GENESIS``. A chain whose end was cut off still holds
together, so heads are exported, signed where the office has a key, and every later chain must run through them.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from proof.canonical_json import NotCanonicalError, canonical
from proof.closing import PublicKey, Sign, signed

HEAD_FORMAT = "khopso.audit-head.v1"
GENESIS = "0" * 64
FIELDS = (
    "chain",
    "seq",
    "at",
    "subject",
    "unit",
    "role",
    "purpose",
    "method",
    "route",
    "parameters",
    "status",
    "identities",
    "watermark",
    "etag",
    "correlation",
)
"""What a row says: where in which chain, when, who, what for, what was asked and what became of it.

``status`` is the HTTP status (401 and 403: refused); ``identities`` the number of persons whose identity was given out.
"""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a chain does not hold. ``rule`` names a text of the catalogue."""

    rule: str
    chain: int
    seq: int


def row_hash(previous: str, row: Row) -> str:
    """Return the hash of a row that follows the one whose hash is ``previous``."""
    return sha256(previous.encode() + canonical({name: row[name] for name in FIELDS})).hexdigest()


def check_rows(rows: Iterable[Row], heads: Sequence[Row] = ()) -> Iterator[Broken]:
    """Yield every place where chains do not hold, in order; ``rows`` of one chain in the order of ``seq``.

    ``heads`` (of one or more exports) must be rows of the chains as they are now: else an end was cut off or redone.
    """
    last: dict[int, tuple[int, str]] = {}
    wanted: dict[tuple[int, int], str] = {(head["chain"], head["seq"]): head["hash"] for head in heads}
    for row in rows:
        chain, seq = row["chain"], row["seq"]
        before, previous = last.get(chain, (0, GENESIS))
        if seq != before + 1:
            yield Broken("audit_row_missing", chain, before + 1)
        elif not _follows(previous, row):
            yield Broken("audit_row_changed", chain, seq)
        # Going on from what the row says names each damaged row once.
        last[chain] = (seq, row["hash"])
        expected = wanted.pop((chain, seq), None)
        if expected is not None and expected != row["hash"]:
            yield Broken("audit_head_differs", chain, seq)
    for chain, seq in sorted(wanted):
        if seq > 0:
            yield Broken("audit_cut_off", chain, last.get(chain, (0, GENESIS))[0] + 1)


def _follows(previous: str, row: Row) -> bool:
    try:
        return bool(row_hash(previous, row) == row["hash"])
    # A damaged row must become a finding of its place; an exception would hide all the rows after it.
    except (NotCanonicalError, KeyError):
        return False


def head_of(
    service: str, at: str, chains: Sequence[Row], key_id: str | None, sign: Sign | None
) -> dict[str, Any]:
    """Return the heads of a service's chains as a document, signed where there is a key."""
    head: dict[str, Any] = {
        "format": HEAD_FORMAT,
        "service": service,
        "at": at,
        "chains": [dict(chain) for chain in chains],
        "key_id": key_id,
    }
    return {**head, "signature": None if sign is None else b64encode(sign(canonical(head))).decode()}


def is_signed(head: Mapping[str, Any], key: PublicKey) -> bool:
    """Return whether the office's key signed the heads."""
    try:
        content = {name: value for name, value in head.items() if name != "signature"}
        return signed(canonical(content), head["signature"], key)
    except (KeyError, ValueError):
        return False
