"""The page that a sheet of a register book is printed on."""

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from khopso.registers.book import Book

FACE = "Times New Roman"
_A3, _A4 = 8, 9
_MARGIN = 0.45  # inches


def set_up_page(
    sheet: Worksheet,
    book: Book,
    *,
    wide: bool,
    repeated: tuple[int, int] | None = None,
    end: int | None = None,
) -> None:
    """Print the sheet landscape, all columns on one page: A4, or A3 where they are ``wide``.

    ``repeated`` are the first and the last row of the header, which stands on every page; ``end`` is the last row printed.
    """
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A3 if wide else _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins = sheet.page_margins
    margins.left = margins.right = margins.top = _MARGIN
    margins.bottom, margins.header, margins.footer = 0.65, 0.3, 0.3
    sheet.print_options.horizontalCentered = True
    if repeated is not None:
        sheet.print_title_rows = f"{repeated[0]}:{repeated[1]}"
    if end is not None:
        sheet.print_area = f"A1:{get_column_letter(len(book.form.columns))}{end}"
    # In a footer `&` begins a command; `&&` is the character itself.
    texts = (
        book.title.replace("&", "&&"),
        book.says("book.page", page="&P", pages="&N"),
        book.unit.replace("&", "&&"),
    )
    footer = sheet.oddFooter
    assert footer is not None, "a new sheet has a footer"
    for part, text in zip((footer.left, footer.center, footer.right), texts, strict=True):
        assert part is not None, "a new sheet has all three parts of a footer"
        part.text, part.font, part.size = text, FACE, 9
