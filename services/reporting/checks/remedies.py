"""What can be done about what a check finds, as data: the command, and of which register which columns.

The texts (``check.<rule>.todo``) say it to people; this says it to programs, and holds the texts to what can be done: each
command, form and column is one that there is (``reference/data/check-remedies.csv``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reference import national_table


@dataclass(frozen=True, slots=True)
class Remedy:
    """A command of ``khopso``, and for a hand-in the form with the columns that change; "" and () where it has none."""

    command: str
    form: str
    columns: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"command": self.command, "form": self.form or None, "columns": list(self.columns)}


def remedies(code: str) -> tuple[Remedy, ...]:
    """Return what can be done about findings of a check; of balances and overlaps the same for every figure."""
    kind = code.partition(".")[0]
    return _table().get(code) or _table()[kind]


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[Remedy, ...]]:
    found: dict[str, tuple[Remedy, ...]] = {}
    for row in national_table("check-remedies.csv"):
        columns = tuple(row["columns"].split(";")) if row["columns"] else ()
        found[row["rule"]] = (*found.get(row["rule"], ()), Remedy(row["command"], row["form"], columns))
    return found
