"""How numbers, days and moments are written for people in each language."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from texts.messages import Language, Message

_NONE = "–"
_SIGNS = {"vi": (".", ","), "en": (",", ".")}


def number_written(value: float | Decimal | None, language: Language = "vi", decimals: int = 1) -> str:
    """Return a number for people: 1.234,5 in Vietnamese, 1,234.5 in English; whole numbers without decimals.

    A number that is not whole is rounded half up to ``decimals`` places. A dash stands for no number.
    """
    if value is None:
        return _NONE
    exact = (
        value if isinstance(value, Decimal) else Decimal(repr(+value))
    )  # a truth value is the number that it is
    whole = exact == exact.to_integral_value()
    shown = f"{exact.to_integral_value() if whole else exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,f}"
    thousands, point = _SIGNS[language]
    return shown.translate({ord(","): thousands, ord("."): point})


def number_message(value: float | Decimal | None) -> Message:
    """Return a number as each language writes it; a dash for no number."""
    return Message(number_written(value, "vi"), number_written(value, "en"))


def day_written(day: date | None) -> str:
    """Return a day as 14/12/2023, in either language; a dash for no day."""
    return _NONE if day is None else f"{day:%d/%m/%Y}"


def moment_written(moment: datetime | None) -> str:
    """Return a moment as 14/12/2023 16:05, on the clock of its own zone; a dash for none."""
    return _NONE if moment is None else f"{moment:%d/%m/%Y %H:%M}"
