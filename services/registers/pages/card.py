"""The line that a scanner reads from a citizen card (thẻ căn cước), as cells of a form. Pure.

The square code of the card holds ``number|former number|name|birth date|sex|address|day of issue``, days as ``ddmmyyyy``; newer cards have
more parts behind. Nothing of a line is kept, logged or told: a wrong one is told by the place of its first wrong part.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from contracts.forms import Form, normalise_header
from texts import Message, message

CARD = "card"
"""The field of a form that takes the line."""
Part = Literal["number", "former", "name", "birth", "sex", "address", "issued"]
PARTS: Sequence[Part] = get_args(Part)
_COLUMNS = frozenset({"full_name", "birth_date", "sex", "national_id"})
_DAY = re.compile("([0-9]{2})([0-9]{2})([0-9]{4})")
_NUMBER, _FORMER = re.compile("[0-9]{12}"), re.compile("(?:[0-9]{9}|[0-9]{12})?")


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says: the cells of a form that it fills, and the address, which names no commune by its code."""

    cells: Mapping[str, str]
    address: str


class CardError(Exception):
    """A line that is no card's; ``text`` says which part of it."""

    def __init__(self, text: Message) -> None:
        super().__init__("not the line of a citizen card")
        self.text = text


def takes_card(form: Form) -> bool:
    """Return whether the form asks for all that a card says of its holder."""
    return form.by_id.keys() >= _COLUMNS


def read_card(form: Form, line: str) -> Card:
    """Return what the line says; CardError names the first part that is wrong by its place."""
    given = [part.strip() for part in line.split("|")]
    if len(given) < len(PARTS):
        raise CardError(message("page.card.parts", wanted=len(PARTS), found=len(given)))
    said = dict(zip(PARTS, given, strict=False))
    sexes = {normalise_header(name): code for code, name in (form.by_id["sex"].codes or {}).items()}
    right: Mapping[Part, bool] = {
        "number": _NUMBER.fullmatch(said["number"]) is not None,
        "former": _FORMER.fullmatch(said["former"]) is not None,
        "name": any(sign.isalpha() for sign in said["name"]),
        "birth": _day(said["birth"]) is not None,
        "sex": normalise_header(said["sex"]) in sexes,
        "address": True,
        "issued": _day(said["issued"]) is not None,
    }
    for place, part in enumerate(PARTS, 1):
        if not right[part]:
            raise CardError(message("page.card.wrong", place=place, part=message(f"page.card.part.{part}")))
    cells = {
        "full_name": said["name"],
        "birth_date": f"{_day(said['birth']):%d/%m/%Y}",
        "sex": sexes[normalise_header(said["sex"])],
        "national_id": said["number"],
    }
    return Card(cells, said["address"])


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    try:
        return None if found is None else date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
