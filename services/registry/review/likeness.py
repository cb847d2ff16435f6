"""How like two records are in who they are about: a level of agreement for each field, and what the levels weigh. Pure.

The weights are the province's (``review-weights.csv``): tenths of a bit in the manner of Fellegi and Sunter (1969), so that
their sum says how much more likely the agreement is in records of one person than in those of two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from rapidfuzz.distance import DamerauLevenshtein, Levenshtein

from reference import ReviewWeights
from services.linkage import fold_name, national_id_kind, normalise_national_id
from services.registers import folded

Verdict = Literal["agree", "like", "differ", "unknown"]
_VERDICTS: Mapping[str, Verdict] = {"same": "agree", "differ": "differ", "unknown": "unknown"}
_TYPING = 1
"""How many letters or digits may be mistyped, left out, added or swapped in what is still alike."""
_LONG_NAME, _IN_LONG = 14, 2
"""In a name of so many letters two may be."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who a record is about. ``birth`` is a year where only that is known; None and "" stand for what is not known."""

    name: str
    birth: date | int | None
    sex: str
    national_id: str
    commune: str

    @classmethod
    def of(cls, said: Mapping[str, Any], commune: str | None) -> "Who":
        """Return who it is by the decrypted columns of a register row."""
        born = said.get("birth_date")
        text = "" if born is None else str(born)
        birth = None if not text else date.fromisoformat(text) if "-" in text else int(text)
        return cls(
            str(said.get("full_name") or ""),
            birth,
            str(said.get("sex") or ""),
            normalise_national_id(str(said.get("national_id") or "")),
            (commune or "").partition("@")[0],
        )


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of a pair: the level of its agreement, and what that weighs."""

    field: str
    level: str
    weight: int

    @property
    def verdict(self) -> Verdict:
        """Return whether both sides agree, are alike, differ, or one of them does not say."""
        return _VERDICTS.get(self.level, "like")


def compared(one: Who, other: Who, weights: ReviewWeights) -> tuple[Compared, ...]:
    """Return every field with its level and weight; the order of the two does not matter."""
    levels = {
        "full_name": _names(one.name, other.name),
        "birth_date": births(one.birth, other.birth),
        "sex": "same" if one.sex == other.sex else "differ",
        "national_id": _numbers(one.national_id, other.national_id),
        "commune": _plain(one.commune, other.commune),
    }
    return tuple(Compared(field, level, weights.of[field, level]) for field, level in levels.items())


def score(fields: Sequence[Compared]) -> int:
    """Return the sum of the weights."""
    return sum(each.weight for each in fields)


def births(one: date | int | None, other: date | int | None) -> str:
    """Return how two births agree: ``swapped`` day and month, ``near``: one of day, month and year differs, or ``year`` alone."""
    if one is None or other is None:
        return "unknown"
    if isinstance(one, int) or isinstance(other, int):
        years = {each if isinstance(each, int) else each.year for each in (one, other)}
        return "year" if len(years) == 1 else "differ"
    if one == other:
        return "same"
    if one.year == other.year and (one.day, one.month) == (other.month, other.day):
        return "swapped"
    differing = (one.day != other.day) + (one.month != other.month) + (one.year != other.year)
    return "near" if differing == 1 else "year" if one.year == other.year else "differ"


def cannot_be_one(one: date | int | None, other: date | int | None) -> bool:
    """Return whether no slip of the pen explains that both are births of one person: more than one part differs."""
    # Two full dates of one year that are neither swapped nor one slip apart: day and month both differ.
    if births(one, other) == "year":
        return isinstance(one, date) and isinstance(other, date)
    return births(one, other) == "differ"


def _names(one: str, other: str) -> str:
    if fold_name(one) == fold_name(other):
        return "same"
    ours, theirs = folded(one), folded(other)
    if ours == theirs:
        return "letters"
    shorter, longer = sorted((ours.split(), theirs.split()), key=len)
    if len(shorter) >= 2 and len(longer) - len(shorter) == 1 and _is_within(shorter, longer):
        return "part"
    most = _IN_LONG if min(len(ours), len(theirs)) >= _LONG_NAME else _TYPING
    return "like" if DamerauLevenshtein.distance(ours, theirs, score_cutoff=most) <= most else "differ"


def _is_within(shorter: Sequence[str], longer: Sequence[str]) -> bool:
    """Return whether the longer name is the shorter one with one syllable more, in the same order."""
    return any([*longer[:place], *longer[place + 1 :]] == list(shorter) for place in range(len(longer)))


def _numbers(one: str, other: str) -> str:
    kinds = {national_id_kind(each) for each in (one, other)}
    # A number of nine digits says nothing of one of twelve: people had both.
    if None in kinds or len(kinds) > 1:
        return "unknown"
    if one == other:
        return "same"
    return (
        "near" if Levenshtein.distance(one, other, score_cutoff=2) <= 2 and _is_slip(one, other) else "differ"
    )


def _is_slip(one: str, other: str) -> bool:
    """Return whether one digit is another, or two digits stand in the other's place."""
    return DamerauLevenshtein.distance(one, other, score_cutoff=_TYPING) <= _TYPING


def _plain(one: str, other: str) -> str:
    if not one or not other:
        return "unknown"
    return "same" if one == other else "differ"
