"""Parts that events of several owners share."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, PlainSerializer, StringConstraints

from contracts.envelope import Snapshot
from reference import BandName

KeyHash = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22,64}$")]
AreaUid = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,5}@[0-9]{4}$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=100)]


def _plain(number: Decimal) -> str:
    """The one text of a number: without exponent, and without a sign of zero (1E+2 is 100, -0 is 0)."""
    return format(number if number else abs(number), "f")


_NUMBER = Annotated[str, Field(pattern=r"^-?[0-9]+([.][0-9]+)?$")]
_AMOUNT = Annotated[str, Field(pattern=r"^[0-9]+([.][0-9]+)?$")]
Number = Annotated[Decimal, PlainSerializer(_plain, return_type=_NUMBER, when_used="json")]
Amount = Annotated[Decimal, Field(ge=0), PlainSerializer(_plain, return_type=_AMOUNT, when_used="json")]
Count = Annotated[int, Field(ge=0, le=2_147_483_647)]
Sex = Literal["male", "female"]


class LinkageKeys(Snapshot):
    """Keyed hashes (HMAC-SHA-256, base64url) of normalised identifying data; absent where the data are.

    ``name_folded`` is ``name_birth_sex`` of the name without dots, hyphens and apostrophes, where it has any. ``number_name``, ``number_birth`` (a full date) and ``number_year`` are hashes of the national ID together with the name,
    the birth date and the year of birth: they compare records of one number, and nothing else.
    """

    nid12: KeyHash | None = None
    nid9: KeyHash | None = None
    name_birth_sex: KeyHash | None = None
    name_folded: KeyHash | None = None
    name_year_commune: KeyHash | None = None
    number_name: KeyHash | None = None
    number_birth: KeyHash | None = None
    number_year: KeyHash | None = None


class PersonKeys(Snapshot):
    """A person as the bus may know one.

    ``ref`` is the owning service's opaque reference. ``age_band`` holds on the record's own date (of an episode: the
    day it began) and until ``age_band_until``, the day on which the next band begins (None for 30 and over): enough
    for the age band on any later day without the birth date. In one case it is not: who turns 14 on 1 March may have
    been born on 29 February, and then turns 16 on one. ``leap_day`` says so of them, and nothing of anybody else.
    ``number_doubted``: the 12-digit national ID contradicts the record's sex, year of birth or any place of issue, so it joins
    the record to nobody until a clerk decides.
    """

    ref: UUID
    sex: Sex
    age_band: BandName
    age_band_until: date | None = None
    leap_day: Literal[True] | None = None
    keys: LinkageKeys
    number_doubted: Literal[True] | None = None


class Voided(Snapshot):
    """The record is withdrawn, as if it had never been written. ``form`` names its register."""

    form: Code
    reason: Code = "withdrawn_by_unit"
    person_ref: UUID | None = None
