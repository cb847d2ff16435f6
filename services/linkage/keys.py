"""Linkage keys: keyed hashes of normalised identity, by which records of one human being find each other.

In the manner of the statistical linkage keys of health statistics (architecture, section 5). Nothing here can be
reversed without the province's secret; with it, still only by guessing.
"""

import hmac
from base64 import urlsafe_b64encode
from datetime import date
from hashlib import sha256

from services.linkage.normalisation import national_id_kind, normalise_name, normalise_national_id


class LinkageKeys:
    """Makes the keys of a person under the province's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(
        self,
        full_name: str,
        birth: date | int | None,
        sex: str | None,
        national_id: str | None = None,
        commune_uid: str | None = None,
    ) -> dict[str, str]:
        """Return the keys that these data can make: ``nid12``, ``nid9``, ``name_birth_sex``, ``name_year_commune``.

        ``birth`` is a full date, or a year alone, which makes no ``name_birth_sex`` key (a year-only birth date
        never links by itself). Values are base64url of HMAC-SHA-256, without padding.
        """
        keys: dict[str, str] = {}
        kind = national_id_kind(national_id) if national_id else None
        if kind and national_id:
            keys[kind] = self.hash(kind, normalise_national_id(national_id))
        name = normalise_name(full_name)
        if not name or birth is None:
            return keys
        if isinstance(birth, date) and sex:
            keys["name_birth_sex"] = self.hash("name_birth_sex", name, birth.isoformat(), sex)
        if commune_uid:
            year = birth.year if isinstance(birth, date) else birth
            keys["name_year_commune"] = self.hash("name_year_commune", name, str(year), commune_uid)
        return keys

    def hash(self, kind: str, *parts: str) -> str:
        """Return the HMAC-SHA-256 of kind and parts under the secret, as base64url without padding."""
        # No normalised name contains this separator, so different parts cannot join to the same text.
        message = "\x1f".join((kind, *parts)).encode()
        digest = hmac.new(self._secret, message, sha256).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()
