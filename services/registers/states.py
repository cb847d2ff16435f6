"""The states of a record: what each hand-in left."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Digest:
    """Keyed digests of the canonical content and identity of a row."""

    content: bytes
    identity: bytes

    @property
    def joined(self) -> bytes:
        """Return the digest as stored: content, then identity, 16 bytes each."""
        return self.content + self.identity

    @property
    def without_identity(self) -> "Digest":
        """Return the digest as it compares by the columns alone that do not say who the person is."""
        return Digest(self.content, b"")

    @classmethod
    def split(cls, joined: bytes) -> "Digest":
        """Return the reverse of `joined`."""
        return cls(joined[:16], joined[16:])


@dataclass(frozen=True, slots=True)
class State:
    """What a record says after a hand-in. ``given`` is the record time that its row named, if any."""

    sequence: int
    digest: Digest
    content: Mapping[str, Any]
    recorded_at: datetime
    given: datetime | None
    own_day: date
    voided: bool

    @property
    def without_identity(self) -> "State":
        """Return the state as it compares by the columns alone that do not say who the person is."""
        return replace(self, digest=self.digest.without_identity)

    def says_the_same(self, digest: Digest, *, voided: bool) -> bool:
        """Return whether it says what such a row says; withdrawals all say the same."""
        return voided == self.voided and (voided or digest == self.digest)
