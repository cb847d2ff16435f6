"""A handed-in table of counts and percentages, line by line, and what can be wrong with it."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Literal

from texts import Message, message

_SUM = re.compile(r"[0-9.]+( [+−] [0-9.]+)+")
Role = Literal["part", "other", "total", "of_which", "ratio"]
Severity = Literal["error", "notice"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table.

    ``percent`` keeps the decimals that are printed (``Decimal("16.0")`` has one). ``of`` names the whole: labels of
    other lines joined by " + ", or a number; None = the total of ``group``. Lines of one ``group`` are the parts of one
    whole. ``role``: a part, the rest that has no name ("other"), the whole, a subset that is not one of the parts
    ("of_which"), or a comparison that may be over 100 % ("ratio"). ``area``/``as_of``: for lines that count communes.
    """

    number: int
    label: str
    value: Decimal | None = None
    percent: Decimal | None = None
    of: str | None = None
    group: str | None = None
    role: Role = "part"
    unit: str | None = None
    area: str | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a table's own numbers contradict. ``corrected`` is what would be right, None where that is open.

    ``numbers`` are the lines' row numbers; ``field`` is the column that is wrong; a "notice" is not wrong by itself
    but hides something (mixed precision).
    """

    rule: str
    numbers: tuple[int, ...]
    labels: tuple[str, ...]
    field: Literal["value", "percent", "of"]
    stated: str | None
    corrected: str | None
    severity: Severity
    message: Message

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "rule": self.rule,
            "rows": list(self.numbers),
            "labels": list(self.labels),
            "field": self.field,
            "stated": self.stated,
            "corrected": self.corrected,
            "severity": self.severity,
            "message": {"vi": self.message.vi, "en": self.message.en},
        }


def places(number: Decimal) -> int:
    """Return how many decimals a number is printed with."""
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def rounded(number: Decimal, decimals: int) -> Decimal:
    """Half up: the one rounding rule of every printed number."""
    # Python's own rounding goes to the even digit at the half, and would call correct tables wrong.
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def truncated(number: Decimal, decimals: int) -> Decimal:
    """Cut off instead of rounded."""
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_DOWN)


def share(value: Decimal, whole: Decimal) -> Decimal:
    """Percent, unrounded. ``whole`` is not zero."""
    return value * 100 / whole


def plain(number: Decimal) -> str:
    """Return a number without exponent."""
    return f"{number:f}"


def _spelled(part: Decimal | int | str) -> Message:
    """Numbers and sums of numbers with a comma in Vietnamese, a full stop in English; labels as they are."""
    text = plain(part) if isinstance(part, Decimal) else str(part)
    numbers = isinstance(part, Decimal) or _SUM.fullmatch(text)
    return Message(text.replace(".", ",") if numbers else text, text)


def explain(rule: str, **parts: Decimal | int | str) -> Message:
    """Return the text of a rule, its numbers written as each language writes them."""
    return message(rule, **{name: _spelled(part) for name, part in parts.items()})
