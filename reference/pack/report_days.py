"""The days and periods of the figures in the committee's yearly report (``reports.csv``), by the beginning of their codes."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from reference.figures import FIGURES
from reference.pack.manifest import Province, province
from reference.tables import PackError, PackFault, Record, at_most, day_of_year, optional, read_table, text

_COLUMNS = {
    "figure": text,
    "first": optional(day_of_year),
    "last": day_of_year,
    "year_from": optional(at_most(9999)),
    "year_to": optional(at_most(9999)),
    "basis": text,
}


_SOME_YEAR = 2023
"""A table without bounds is tried in one year: it says the same of each."""


@lru_cache(maxsize=4096)
def days_in_report(figure: str, year: int) -> tuple[date | None, date]:
    """Return the first and the last day of a figure in the yearly report; of a stock None and the day.

    The row with the longest matching beginning of the code counts.

    Raises:
        LookupError: the pack says nothing of the figure in that year.
    """
    for row in _rows():
        if figure.startswith(row["figure"]) and _counts(row, year):
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
    if not faults:
        faults += _faults(rows)
    if faults:
        raise PackError(of.name, faults)
    return tuple(sorted(rows, key=lambda row: -len(row["figure"])))


def _faults(rows: Sequence[Record]) -> Iterator[PackFault]:
    for row in rows:
        if not any(code.startswith(row["figure"]) for code in FIGURES):
            yield row.broken("figure", "must be the beginning of a figure's code")
        if row["first"] and row["last"] < row["first"]:
            yield row.broken("last", "must not be before first")
        if row["year_from"] and row["year_to"] and row["year_to"] < row["year_from"]:
            yield row.broken("year_to", "must not be before year_from")
    for code in FIGURES:
        year = _without_row([row for row in rows if code.startswith(row["figure"])])
        if year is not None:
            yield PackFault("reports.csv", 1, "figure", code, f"must have a row for {year}")


def _without_row(rows: Sequence[Record]) -> int | None:
    """Return a year in which no row of a figure counts; None where there is none."""
    # A gap begins in the year after a row's last or ends in the year before a row's first.
    ends = {row["year_to"] + 1 for row in rows if row["year_to"]}
    begins = {row["year_from"] - 1 for row in rows if row["year_from"]}
    years = sorted({*ends, *begins, _SOME_YEAR})
    return next((year for year in years if not any(_counts(row, year) for row in rows)), None)


def _counts(row: Record, year: int) -> bool:
    """Return whether the row holds for the year; both bounds are included, None is an open end."""
    first, last = row["year_from"], row["year_to"]
    return (first is None or first <= year) and (last is None or year <= last)
