"""The days and periods of the figures in the committee's yearly report (``reports.csv``), by the beginning of their codes."""

from datetime import date
from functools import lru_cache

from reference.figures import FIGURES
from reference.pack.manifest import Province, province
from reference.tables import PackError, PackFault, Record, day_of_year, optional, read_table, text, whole

_COLUMNS = {
    "figure": text,
    "first": optional(day_of_year),
    "last": day_of_year,
    "year_from": optional(whole),
    "year_to": optional(whole),
    "basis": text,
}


@lru_cache(maxsize=4096)
def days_in_report(figure: str, year: int) -> tuple[date | None, date]:
    """Return the first and the last day of a figure in the yearly report; of a stock None and the day.

    The row with the longest matching beginning of the code counts.

    Raises:
        LookupError: the pack says nothing of the figure in that year.
    """
    for row in _rows():
        since, until = row["year_from"], row["year_to"]
        if figure.startswith(row["figure"]) and (since or year) <= year <= (until or year):
            first = row["first"] and date.fromisoformat(f"{year}-{row['first']}")
            return first, date.fromisoformat(f"{year}-{row['last']}")
    raise LookupError(f"no days for {figure} in {year}")


@lru_cache(maxsize=1)
def _rows() -> tuple[Record, ...]:
    return read_report_days(province())


def read_report_days(of: Province) -> tuple[Record, ...]:
    """Return the rows of a pack, the longest beginning of a code first.

    Raises:
        PackError: with every fault of the table.
    """
    faults: list[PackFault] = []
    rows = read_table(of.folder, "reports.csv", _COLUMNS, faults)
    faults += (
        row.broken("figure", "must be the beginning of a figure's code")
        for row in rows
        if not any(code.startswith(row["figure"]) for code in FIGURES)
    )
    if faults:
        raise PackError(of.name, faults)
    return tuple(sorted(rows, key=lambda row: -len(row["figure"])))
