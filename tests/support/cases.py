"""The files that offices sent, and how they are handed in: read by the reader of `khopso import`, judged by the services."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.forms import FORMS
from khopso.registers.handin import Outcome, hand_in
from registerfiles.columns import RowFault

CASES = Path(__file__).parents[1] / "unit" / "khopso" / "offices"
"""Each is named by its case and its own name: ``national-id-so.xlsx``. All people in them are invented."""


@dataclass(eq=False)
class _Kept:
    """Takes the place of a service: keeps what it would be sent."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def post(
        self,
        service: str,
        path: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        *,
        patience_seconds: float = 1.0,
    ) -> Any:
        """Keep the rows, refuse none."""
        self.rows += body["rows"]
        counts = dict.fromkeys(("unchanged", "corrected", "withdrawn", "restored"), 0)
        return {"accepted": len(body["rows"]), **counts, "refused": [], "notes": []}


def rows_of(name: str, form: str) -> tuple[list[dict[str, Any]], Outcome]:
    """What the reader makes of a case: the rows to be sent, with their numbers, and what it tells and refuses itself.

    Raises:
        ContentError: the file cannot be used as it is.
    """
    kept = _Kept()
    outcome = hand_in(kept, FORMS[form], CASES / name, FORMS)
    return kept.rows, outcome


def named(faults: list[RowFault]) -> list[tuple[int, str, str]]:
    """Row, column and rule of each."""
    return [(fault.row, fault.field, fault.rule) for fault in faults]
