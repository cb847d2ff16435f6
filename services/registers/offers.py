"""What a form offers to choose from on a day: listed facilities and people, by the columns that name them by their code."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.forms import Form, list_entry, split_entry
from reference import Words, bare, fold
from services.chassis.persistence import AsyncSession
from services.registers.row import CellFault
from texts import message

UNCLEAR = "offer_name"
"""The rule of a fault: a name was typed that is not that of one thing alone."""
_WHOLE_WORDS = 2
"""The worst rank (`Words.rank`) by which a name is taken; what only begins so may be meant, and is told."""
_MOST = 4
_DIGIT = re.compile("[0-9]")


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing to choose: its code, its name (blank where the code alone is told), and what is shown beside it."""

    code: str
    name: str = ""
    beside: str = ""

    @property
    def entry(self) -> str:
        """Return what is typed by whoever chooses it."""
        return list_entry(self.code, self.name) if self.name else self.code

    @property
    def told(self) -> str:
        """Return what is told beside it: its place, its name where the entry has none, else the name as typed without marks."""
        return self.beside or (self.name if self.entry == self.code else bare(self.name))


Offers = Mapping[str, Sequence[Offer]]
"""By column, what it may name on a day."""
Offering = Callable[[AsyncSession, Form, date], Awaitable[Offers]]
"""Loads what a service lists on a day for the columns of a form."""


def taken_by_name(
    typed: Mapping[str, str], offers: Offers, day: date
) -> tuple[dict[str, str], list[CellFault]]:
    """Return the cells with a code where the name of one thing was typed; a fault for each name of several, or of none.

    Example: "nam sach" is the one facility of the day in whose name both words stand.
    """
    taken, faults = dict(typed), []
    for column, listed in offers.items():
        text = typed.get(column, "").strip()
        if not _is_name(text, listed):
            continue
        best, others = _found(text, listed)
        if len(best) == 1:
            taken[column] = best[0].code
        else:
            faults.append(_unclear(column, text, best, others, day))
    return taken, faults


def _is_name(text: str, listed: Sequence[Offer]) -> bool:
    """Return whether a text is no code: it has words, small letters or no digit, and nothing listed has it for its code."""
    if not any(each.name for each in listed) or split_entry(text)[1]:
        return False
    if fold(text) in {fold(each.code) for each in listed} or len(text.split()) < 2:
        return False
    return any(sign.islower() for sign in text) or _DIGIT.search(text) is None


def _found(text: str, listed: Sequence[Offer]) -> tuple[list[Offer], list[Offer]]:
    """Return what the name fits best, and what else it may be the beginning of."""
    words = Words(text)
    ranked = [(rank, each) for each in listed if (rank := words.rank((each.name,))) is not None]
    least = min((rank for rank, _ in ranked), default=_WHOLE_WORDS + 1)
    best = [each for rank, each in ranked if rank == least <= _WHOLE_WORDS]
    return best, [each for _, each in ranked]


def _unclear(column: str, text: str, best: Sequence[Offer], others: Sequence[Offer], day: date) -> CellFault:
    near = "; ".join(each.entry for each in (best or others)[:_MOST])
    said = {"day": f"{day:%d/%m/%Y}", "near": near}
    if best:
        told = message("page.offer.several", **said)
    elif near:
        told = message("page.offer.maybe", **said)
    else:
        told = message("page.offer.none", day=said["day"])
    return CellFault(1, column, text, UNCLEAR, told)
