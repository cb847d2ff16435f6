"""Register books as an office program has them: saved in other formats, they are read as before; printed, a row is one line."""

from pathlib import Path

import pytest
from pypdf import PdfReader

from contracts.forms import FORMS
from khopso.registers.template import write_template
from tests.support.office import convert
from tests.unit.khopso.test_templates import a_book, filled_in, read, typed_rows, write_row, written

_DECLARED_FOR_A_PERIOD = {"as_of"}  # declared for a period, a figure has no day


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Books of all forms, filled in through their lists, saved as .ods and that again as .xlsx."""
    folder = tmp_path_factory.mktemp("saved")
    made = []
    for form in FORMS.values():
        path = written(a_book(form), folder)
        left_out = _DECLARED_FOR_A_PERIOD if form.name == "declared" else set()
        write_row(path, form, {name: cell for name, cell in filled_in(form).items() if name not in left_out})
        made.append(path)
    open_documents = convert(folder, made, "ods")
    convert(folder, sorted(open_documents.glob("*.ods")), "xlsx")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("form", sorted(FORMS))
@pytest.mark.parametrize("kind", ["ods", "xlsx"])
def test_a_book_saved_by_libreoffice_remembers_its_form_and_is_read_as_before(
    saved: Path, form: str, kind: str
) -> None:
    before, after = (
        [row.values for row in typed_rows(read(path, FORMS[form]))]
        for path in (saved / f"{form}.xlsx", saved / f"as-{kind}" / f"{form}.{kind}")
    )
    assert after == before
    assert len(after) == 1


@pytest.mark.slow
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_book_printed_by_libreoffice_has_all_columns_on_each_landscape_page(
    tmp_path: Path, language: str
) -> None:
    # Given the widest book and the narrowest, with more rows than a page has
    names = ("detox", "doses")
    for name in names:
        write_template(
            a_book(FORMS[name], "en" if language == "en" else "vi", rows=60), tmp_path / f"{name}.xlsx"
        )
    # When LibreOffice prints them
    printed = convert(tmp_path, [tmp_path / f"{name}.xlsx" for name in names], "pdf")
    # Then each page of the register has the number of the last column, below a header that is repeated
    for name in names:
        pages = PdfReader(printed / f"{name}.pdf").pages
        last = f"({len(FORMS[name].columns)})"
        register = [page for page in pages if last in page.extract_text()]
        assert len(register) > 1
        assert all(float(page.mediabox.width) > float(page.mediabox.height) for page in pages)
        assert all("(1)" in page.extract_text() for page in register)
