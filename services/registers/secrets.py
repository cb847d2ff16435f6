"""Identity at rest: stored encrypted, compared only by digest.

Digests are under the service's own key. Hashed parts of keys are under the province's linkage secret, which only services
with persons hold.
"""

import hmac
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from services.chassis.security import FieldCipher
from services.linkage import LinkageKeys, normalise_name
from services.registers.decide import Digest
from services.registers.plan import plan_of
from services.registers.row import Row

SEPARATOR = "\x1f"


class Vault:
    """Encrypts identities, makes digests of contents and keys of records.

    ``linkage`` is None in a service whose forms hold no identity.
    """

    def __init__(self, cipher: FieldCipher, digest_key: bytes, linkage: LinkageKeys | None = None) -> None:
        self._linkage = linkage
        self._cipher = cipher
        self._digest_key = digest_key

    @property
    def linkage(self) -> LinkageKeys:
        """Return what makes linkage keys; RuntimeError in a service that holds no linkage secret."""
        if self._linkage is None:
            raise RuntimeError("this service holds no linkage secret")
        return self._linkage

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
        return hmac.digest(self._digest_key, text, "sha256")[:16]

    def key(self, row: Row) -> str:
        """Return the record's key within its unit; parts that hold identity are hashed."""
        parts = []
        by_id = row.form.by_id
        for part in plan_of(row.form).key:
            names = next(names for names in part.alternatives if row.has(*names))
            values = [_canonical(row, name) for name in names]
            if any(by_id[name].identity for name in names):
                parts.append(self.linkage.hash("key", row.form.name, *names, *values))
            else:
                parts.append("+".join(values))
        return SEPARATOR.join(parts)


def _canonical(row: Row, name: str) -> str:
    if name in row.areas:
        # The uid, not the code: a code may stand for another commune on another day.
        return row.areas[name]
    value = row.values[name]
    if isinstance(value, date):
        return value.isoformat()
    # A name spelt with other spaces or capitals must find the record that is there, not make a second one.
    return normalise_name(value) if name == "full_name" else str(value)
