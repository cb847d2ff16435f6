"""The published totals of 2023, as the generator and the printed comparison read them."""

from dataclasses import dataclass
from datetime import date

from demo import YEAR
from reference import FIGURES, published_figures


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
        """Return whether the source does not print the number itself."""
        return self.note.startswith("derived")


def published() -> list[Published]:
    """Return every number that the province's pack has as published for the demonstration's year, in its order."""
    return [
        Published(
            figure=row.figure,
            value=int(row.value),
            unit=row.unit,
            as_of=row.first if FIGURES[row.figure].kind == "stock" else None,
            period_from=None if FIGURES[row.figure].kind == "stock" else row.first,
            period_to=row.last,
            area_code=row.area_code,
            agency=row.agency,
            note=row.note,
        )
        for row in published_figures(YEAR)
    ]
