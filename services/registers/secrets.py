"""Identity at rest: stored encrypted, compared only by digest under the service's own key."""

import hmac
from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID

import orjson

from services.chassis.security import FieldCipher
from services.registers.blind_index import BlindIndex
from services.registers.states import Digest


class Vault:
    """Encrypts identities, makes digests of contents, hashes parts of records' keys and makes the tokens of ``blind``."""

    def __init__(self, cipher: FieldCipher, digest_key: bytes) -> None:
        self._cipher = cipher
        # Copied for each text: to begin with the key anew would cost as much again.
        self._begun = hmac.new(digest_key, digestmod="sha256")
        self.blind = BlindIndex(cipher.keys_for("blind index"), cipher.current)

    def seal(self, record_id: UUID, identity: dict[str, Any]) -> bytes | None:
        """Return the identity encrypted and tied to its record; None where the form has none."""
        if not identity:
            return None
        # Tied to the record's id: an identity copied to another record cannot be decrypted there.
        return self._cipher.encrypt(orjson.dumps(identity), b"record:" + record_id.bytes)

    @property
    def current_key(self) -> str:
        """Return the id of the field key for new identities."""
        return self._cipher.current

    @property
    def sealed_head(self) -> bytes:
        """Return the bytes with which identities under the current field key begin, and no others."""
        return self._cipher.head

    def reseal(self, record_id: UUID, sealed: bytes) -> bytes:
        """Return an identity encrypted anew under the current key; DecryptionFailedError as for `unseal`."""
        place = b"record:" + record_id.bytes
        return self._cipher.encrypt(self._cipher.decrypt(sealed, place), place)

    def unseal(self, record_id: UUID, sealed: bytes) -> dict[str, Any]:
        """Return the identity columns of a record; DecryptionFailed where bytes and record do not fit."""
        found: dict[str, Any] = orjson.loads(self._cipher.decrypt(sealed, b"record:" + record_id.bytes))
        return found

    def digest(self, content: dict[str, Any], identity: dict[str, Any]) -> Digest:
        """Return the digests of the row's content and identity; the same row has the same digests."""
        return Digest(self._short(content), self._short(identity))

    def _short(self, values: dict[str, Any]) -> bytes:
        # Sorted: the columns in another order are still the same row.
        text = orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
        # Under a key: without it anyone with the table could try out names and numbers until a digest fits.
        return self._made(text)[:16]

    def hash(self, *parts: str) -> str:
        """Return the HMAC-SHA-256 of the parts under the digest key, as base64url; the first says what they are."""
        # Contents are hashed as JSON, which begins with a brace: no part list is the text of one.
        return urlsafe_b64encode(self._made("\x1f".join(parts).encode())).rstrip(b"=").decode()

    def _made(self, text: bytes) -> bytes:
        made = self._begun.copy()
        made.update(text)
        return made.digest()
