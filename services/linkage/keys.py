"""Linkage keys: keyed hashes of normalised identity, by which records of one human being find each other.

In the manner of the statistical linkage keys of health statistics (architecture, section 5). What is hashed (a
*message*) is made here from an identity and needs no secret; the hash needs the province's, which one process holds.
"""

import hmac
from base64 import urlsafe_b64encode
from datetime import date

from services.linkage.normalisation import national_id_kind, normalise_name, normalise_national_id

Message = tuple[str, ...]
"""What one hash is made of: its kind, then the normalised parts."""

_SEPARATOR = "\x1f"  # no normalised part contains it, so different parts cannot join to the same text
KINDS = ("nid12", "nid9", "name_birth_sex", "name_year_commune")
"""Every kind that is hashed under the linkage secret."""


def messages_of(
    full_name: str,
    birth: date | int | None,
    sex: str | None,
    national_id: str | None = None,
    commune_uid: str | None = None,
) -> dict[str, Message]:
    """Return what is hashed for a person, by kind: ``nid12``, ``nid9``, ``name_birth_sex``, ``name_year_commune``.

    Kinds that these data cannot make are left out. ``birth`` is a full date, or a year alone, which makes no
    ``name_birth_sex`` (a year-only birth date never links by itself).
    """
    found: dict[str, Message] = {}
    kind = national_id_kind(national_id) if national_id else None
    if kind and national_id:
        found[kind] = (kind, normalise_national_id(national_id))
    name = normalise_name(full_name)
    if not name or birth is None:
        return found
    if isinstance(birth, date) and sex:
        found["name_birth_sex"] = ("name_birth_sex", name, birth.isoformat(), sex)
    if commune_uid:
        year = birth.year if isinstance(birth, date) else birth
        found["name_year_commune"] = ("name_year_commune", name, str(year), commune_uid)
    return found


class LinkageSecret:
    """The province's secret, which makes linkage keys. Only the hashing process has one."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def hash(self, *message: str) -> str:
        """Return the HMAC-SHA-256 of a message under the secret, as base64url without padding."""
        digest = hmac.digest(self._secret, _SEPARATOR.join(message).encode(), "sha256")
        return urlsafe_b64encode(digest).rstrip(b"=").decode()
