"""Which dates a declaration needs."""

from typing import Literal


def dates_missing(kind: Literal["stock", "flow", "ratio"], *, has_day: bool, has_period: bool) -> str | None:
    """The column that a declaration of a figure lacks, None when it has its dates.

    A stock is declared for a day, a flow for a period; a ratio for whichever its agency prints it.
    """
    if kind == "stock" and not has_day:
        return "as_of"
    if kind == "flow" and not has_period:
        return "period_from"
    return "as_of" if not has_day and not has_period else None


def dates_wrong(kind: Literal["stock", "flow", "ratio"], *, has_day: bool, has_period: bool) -> str | None:
    """The column that must be blank, None when none is filled wrongly."""
    if has_day and (has_period or kind == "flow"):
        return "as_of" if kind == "flow" else "period_from"
    return "period_from" if has_period and kind == "stock" else None
