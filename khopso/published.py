"""The numbers that the province published for 2023, to show them beside the computed ones, and faults in their arithmetic.

The file is only shown: no value in it is used in a computation of figures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from reference import FIGURES, PublishedFigure, area_book, published_figures
from tablecheck import Line, check_table


@dataclass(frozen=True, slots=True)
class Published:
    """One number that the province has published, and the question that asks for the same."""

    figure: str
    value: Decimal
    unit: str
    kind: str
    first: str
    last: str
    area: str
    note: str

    @property
    def question(self) -> dict[str, str | None]:
        """Return the parameters that ask `reporting` for the same thing."""
        if self.kind == "stock":
            return {"area": self.area, "as_of": self.first}
        return {"area": self.area, "from": self.first, "to": self.last}

    @property
    def when(self) -> str:
        """Return the day or period as people write it: 14/12/2023, 2023, 1/1 – 14/12/2023."""
        first = date.fromisoformat(self.first)
        if self.kind == "stock":
            return f"{first:%d/%m/%Y}"
        last = date.fromisoformat(self.last)
        if (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31)):
            return str(first.year)
        return f"{first:%d/%m} – {last:%d/%m/%Y}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A sum or a percentage in the publication that its own numbers contradict."""

    figures: tuple[str, ...]
    vi: str
    en: str


def read_published(year: int) -> list[Published]:
    """Return all that the province published for a year, in the order of the publication."""
    return [_published(row) for row in published_figures(year)]


def _published(row: PublishedFigure) -> Published:
    return Published(
        row.figure,
        row.value,
        row.unit,
        FIGURES[row.figure].kind,
        row.first.isoformat(),
        "" if row.last is None else row.last.isoformat(),
        row.area_code,
        row.note,
    )


# Percentages that the publication prints: figure, of what (None = all communes), as printed.
_PRINTED_SHARES = (
    ("conflicts.status.in_progress", "conflicts.detected", Decimal("16.5")),
    ("areas.with_drug_problem", None, Decimal("78.3")),
    ("areas.without_drug_problem", None, Decimal("21.7")),
)
_RISK = ("areas.risk.high", "areas.risk.at_risk", "areas.risk.low")


def findings(rows: list[Published]) -> list[Finding]:
    """Check the publication's arithmetic against its own numbers and the number of communes."""
    values: Mapping[str, Published] = {row.figure: row for row in rows}
    lines = [_line(number, values[figure], group="risk") for number, figure in enumerate(_RISK)]
    for number, (figure, whole, printed) in enumerate(_PRINTED_SHARES, len(lines)):
        of = communes_of(values[figure]) if whole is None else values[whole].value
        lines.append(_line(number, values[figure], percent=printed, of=f"{of}"))
    figures = [*_RISK, *(figure for figure, _, _ in _PRINTED_SHARES)]
    return [
        Finding(tuple(figures[number] for number in found.numbers), found.message.vi, found.message.en)
        for found in check_table(lines)
    ]


def _line(number: int, row: Published, **more: Any) -> Line:
    unit = "commune" if row.unit == "commune" else None
    day = date.fromisoformat(row.last or row.first)
    return Line(number, FIGURES[row.figure].vi, row.value, unit=unit, area=row.area, as_of=day, **more)


def communes_of(row: Published) -> int:
    """Return how many communes the row's area had on its day."""
    on = date.fromisoformat(row.first)
    book = area_book()
    province = book.resolve(row.area, on)
    assert province is not None
    return len(book.communes(province.uid, on))
