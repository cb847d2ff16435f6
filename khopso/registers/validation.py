"""What a cell of a workbook takes: a list, numbers between bounds, days. What it does not take is said in words."""

from openpyxl.worksheet.datavalidation import DataValidation

from contracts.forms import Column, Kind
from khopso.registers.book import Book

LAST_ROW = 5_000
"""The last row that rules hold for."""
_DAYS = frozenset({Kind.DATE, Kind.DATETIME, Kind.MOMENT})
_FIRST_DAY, _LAST_DAY = "1", "109574"  # 1 January 1900 and 31 December 2199 as spreadsheets count days
_MOST = "999999999999"


def rule_of(book: Book, column: Column, places: dict[tuple[str, ...], str]) -> DataValidation | None:
    """Return the rule of a column; None where anything may be written. ``places`` are the ranges of the lists."""
    rule = _rule(book, column, places)
    if rule is not None:
        rule.allow_blank = True
        rule.showErrorMessage = True
        rule.errorTitle = column.vi[:32]
    return rule


def _rule(book: Book, column: Column, places: dict[tuple[str, ...], str]) -> DataValidation | None:
    options = book.choices(column)
    if options:
        rule = DataValidation(type="list", formula1=places[options])
        # Only of words that are all in the list nothing else can be right: a commune may lie beyond the list, and a cell
        # of several words holds more than one.
        closed = column.kind in (Kind.CODE, Kind.FLAG)
        rule.errorStyle = "stop" if closed else "warning"
        rule.error = book.says("workbook.choose" if closed else "book.not_in_list")
        # Several words are not one of the list; a question at every such cell would only be clicked away.
        rule.showErrorMessage = column.kind not in (Kind.CODES, Kind.TEXTS)
        return rule
    if column.kind in _DAYS:
        # Text in another order of day and month is read as well, so this only asks.
        return DataValidation(
            type="date",
            operator="between",
            formula1=_FIRST_DAY,
            formula2=_LAST_DAY,
            errorStyle="warning",
            error=book.says("book.not_a_day", pattern=book.how(column)),
        )
    if column.kind in (Kind.INTEGER, Kind.DECIMAL) and column.minimum is not None:
        most = _MOST if column.maximum is None else str(column.maximum)
        return DataValidation(
            type="whole" if column.kind is Kind.INTEGER else "decimal",
            operator="between",
            formula1=str(column.minimum),
            formula2=most,
            errorStyle="stop" if column.kind is Kind.INTEGER else "warning",
            error=book.says("book.number_from_to", first=column.minimum, last=column.maximum or "…"),
        )
    return None
