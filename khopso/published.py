"""The numbers published for 2023 beside the computed ones, and what the publication itself gets wrong.

The file is read to show it and for nothing else: no value in it reaches a computation.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files

from contracts.areas import area_book


@dataclass(frozen=True, slots=True)
class Published:
    """One row of `contracts/data/figures-2023.csv`."""

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
        """The parameters that ask `reporting` for the same thing."""
        if self.kind == "stock":
            return {"area": self.area, "as_of": self.first}
        return {"area": self.area, "from": self.first, "to": self.last}

    @property
    def when(self) -> str:
        """The day or period as people write it: 14/12/2023, 2023, 1/1 – 14/12/2023."""
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


def read_published() -> list[Published]:
    """All rows, in the order of the publication."""
    text = files("contracts").joinpath("data/figures-2023.csv").read_text(encoding="utf-8")
    return [
        Published(
            row["figure"],
            Decimal(row["value"]),
            row["unit"],
            row["kind"],
            row["as_of_or_from"],
            row["to"],
            row["area_code"],
            row["note"] or "",
        )
        for row in csv.DictReader(text.splitlines())
    ]


# Percentages that the publication prints: figure, of what, as printed.
_PRINTED_SHARES = (
    ("conflicts.status.in_progress", "conflicts.detected", Decimal("16.5")),
    ("areas.with_drug_problem", None, Decimal("78.3")),
    ("areas.without_drug_problem", None, Decimal("21.7")),
)
_RISK = ("areas.risk.high", "areas.risk.at_risk", "areas.risk.low")


def findings(rows: list[Published]) -> list[Finding]:
    """Check the publication's arithmetic against its own numbers and the number of communes."""
    values: Mapping[str, Decimal] = {row.figure: row.value for row in rows}
    communes = communes_of(next(row for row in rows if row.figure == _RISK[0]))
    found = []
    classed = sum(values[figure] for figure in _RISK)
    if classed != communes:
        parts = " + ".join(f"{values[figure]}" for figure in _RISK)
        found.append(
            Finding(
                _RISK,
                f"{parts} = {classed}, nhưng tỉnh có {communes} xã: {communes - classed} xã chưa phân loại",
                f"{parts} = {classed}, yet there are {communes} communes: {communes - classed} are unclassified",
            )
        )
    for figure, whole, printed in _PRINTED_SHARES:
        base = values[whole] if whole else Decimal(communes)
        share = (100 * values[figure] / base).quantize(Decimal("0.1"), ROUND_HALF_UP)
        if share != printed:
            sum_ = f"{values[figure]}/{base} = {share} %"
            found.append(
                Finding(
                    (figure,), f"báo cáo in {printed} %, nhưng {sum_}", f"printed as {printed} %, yet {sum_}"
                )
            )
    return found


def communes_of(row: Published) -> int:
    """How many communes the row's area had on its day."""
    on = date.fromisoformat(row.first)
    book = area_book()
    province = book.resolve(row.area, on)
    assert province is not None
    return len(book.communes(province.uid, on))
