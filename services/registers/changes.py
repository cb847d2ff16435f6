"""What a correction changes: old and new value of each column, for whom may read them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.forms import Column, Form, Kind
from services.registers.plan import VOID

Said = Mapping[str, Any]
"""What a record says, as it is stored: JSON values by column id, uids of areas, identity columns included."""


@dataclass(frozen=True, slots=True)
class Change:
    """One column of one row that says something else than the record did; a blank value is None.

    Days are ISO dates; a commune is its code, with the year where the code alone would not tell old from new.
    """

    row: int
    field: str
    old: Any
    new: Any


def changes(form: Form, row: int, before: Said, after: Said, sees: frozenset[str]) -> Iterator[Change]:
    """Yield the columns that differ, in the form's order.

    ``sees``: what the caller reads of the unit's records. Without ``values`` nothing is told; without ``identity`` not even
    that a column of it differs, since that alone would confirm a guess.
    """
    if "values" not in sees:
        return
    for column in form.columns:
        old, new = before.get(column.id), after.get(column.id)
        if old == new or (column.identity and "identity" not in sees):
            continue
        yield Change(row, column.id, *_shown(column, old, new))


def withdrawal(row: int, *, withdrawn: bool, sees: frozenset[str]) -> Iterator[Change]:
    """Yield that the row withdraws its record, or enters a withdrawn one again."""
    if "values" in sees:
        yield Change(row, VOID, not withdrawn, withdrawn)


def _shown(column: Column, old: Any, new: Any) -> tuple[Any, Any]:
    if column.kind not in (Kind.COMMUNE, Kind.AREA):
        return old, new
    codes = [None if uid is None else str(uid).partition("@")[0] for uid in (old, new)]
    return (old, new) if codes[0] == codes[1] else (codes[0], codes[1])
