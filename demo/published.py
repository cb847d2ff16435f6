"""The published totals of 2023, as the generator and the printed comparison read them."""

import csv
from dataclasses import dataclass
from datetime import date
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Published:
    """One published total: a stock with ``as_of``, or a flow with ``period_from`` and ``period_to`` (inclusive).

    ``derived`` marks what follows from another published number and was not printed itself.
    """

    figure: str
    value: int
    unit: str
    as_of: date | None
    period_from: date | None
    period_to: date | None
    area_code: str
    agency: str
    note: str

    @property
    def derived(self) -> bool:
        """Whether the source does not print the number itself."""
        return self.note.startswith("derived")


def published() -> list[Published]:
    """Every row of `reference/data/figures-2023.csv`, in its order."""
    text = files("reference").joinpath("data", "figures-2023.csv").read_text(encoding="utf-8")
    lines = []
    for row in csv.DictReader(text.splitlines()):
        first = date.fromisoformat(row["as_of_or_from"])
        stock = row["kind"] == "stock"
        lines.append(
            Published(
                figure=row["figure"],
                value=int(row["value"]),
                unit=row["unit"],
                as_of=first if stock else None,
                period_from=None if stock else first,
                period_to=None if stock else date.fromisoformat(row["to"]),
                area_code=row["area_code"],
                agency=row["agency"],
                note=row["note"],
            )
        )
    return lines
