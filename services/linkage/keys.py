"""Linkage keys: keyed hashes of normalised identity, by which records of one human being find each other.

In the manner of the statistical linkage keys of health statistics (architecture, section 5). What is hashed (a
*message*) is made here from an identity and needs no secret; the hash needs the province's, which one process holds.
"""

import hmac
from base64 import urlsafe_b64encode
from datetime import date

from services.linkage.normalisation import fold_name, national_id_kind, normalise_name, normalise_national_id

Message = tuple[str, ...]
"""What one hash is made of: its kind, then the normalised parts."""

_SEPARATOR = "\x1f"  # no normalised part contains it, so different parts cannot join to the same text
KINDS = (
    "nid12",
    "nid9",
    "name_birth_sex",
    "name_year_commune",
    "number_name",
    "number_birth",
    "number_year",
)
"""Every kind that is hashed under the linkage secret."""


def messages_of(
    full_name: str,
    birth: date | int | None,
    sex: str | None,
    national_id: str | None = None,
    commune_uid: str | None = None,
) -> dict[str, Message]:
    """Return what is hashed for a person, by kind: ``nid12``, ``nid9``, ``name_birth_sex``, ``name_year_commune``; of a
    name with dots, hyphens or apostrophes ``name_folded`` (``name_birth_sex`` of the name without them); beside a number ``number_name``, ``number_birth`` and ``number_year``, by which carriers of one number can be compared.

    Kinds that these data cannot make are left out. ``birth`` is a full date, or a year alone, which makes no
    ``name_birth_sex`` (a year-only birth date never links by itself).
    """
    found: dict[str, Message] = {}
    kind = national_id_kind(national_id) if national_id else None
    digits = normalise_national_id(national_id or "")
    if kind:
        found[kind] = (kind, digits)
    name = normalise_name(full_name)
    if not name or birth is None:
        return found
    folded = fold_name(full_name)
    if kind:
        found |= _beside_number(digits, folded, birth)
    if isinstance(birth, date) and sex:
        found["name_birth_sex"] = ("name_birth_sex", name, birth.isoformat(), sex)
        if folded not in ("", name):
            # The key of whoever writes the name without those signs, so that both spellings meet (ADR 0032).
            found["name_folded"] = ("name_birth_sex", folded, birth.isoformat(), sex)
    if commune_uid:
        year = birth.year if isinstance(birth, date) else birth
        found["name_year_commune"] = ("name_year_commune", name, str(year), commune_uid)
    return found


def _beside_number(digits: str, name: str, birth: date | int) -> dict[str, Message]:
    # Each with the number in it: equal only between records of one number, so that nobody can count how often a name occurs.
    year = birth.year if isinstance(birth, date) else birth
    found = {"name": name, "year": str(year)} | (
        {"birth": birth.isoformat()} if isinstance(birth, date) else {}
    )
    return {f"number_{part}": (f"number_{part}", digits, text) for part, text in found.items()}


class LinkageSecret:
    """The province's secret, which makes linkage keys. Only the hashing process has one."""

    def __init__(self, secret: bytes) -> None:
        # Copied for each message: to begin with the secret anew would cost as much again.
        self._begun = hmac.new(secret, digestmod="sha256")

    def hash(self, *message: str) -> str:
        """Return the HMAC-SHA-256 of a message under the secret, as base64url without padding."""
        made = self._begun.copy()
        made.update(_SEPARATOR.join(message).encode())
        return urlsafe_b64encode(made.digest()).rstrip(b"=").decode()
