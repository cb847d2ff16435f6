"""Cells pasted from a spreadsheet: tabs, quoted line breaks, marks that are none, with and without a line of names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.forms import FORMS
from registerfiles.failure import ContentError
from registerfiles.pasted import pasted_sheet
from registerfiles.register_file import read_pasted

FORM = FORMS["conflicts"]


def cells(text: str) -> list[list[object]]:
    """The pasted cells, row by row."""
    return [list(row.cells) for row in pasted_sheet(text).lines]


def copied(rows: list[list[str]]) -> str:
    """Cells as a spreadsheet copies them: in quotation marks where one holds a line break, else as they are."""
    return "".join(
        "\t".join('"' + cell.replace('"', '""') + '"' if "\n" in cell else cell for cell in row) + "\r\n"
        for row in rows
    )


LETTERS = st.text(st.characters(codec="utf-8", exclude_characters='\t\r\n"\x00'), max_size=6)
CELLS = st.one_of(LETTERS, st.builds(lambda one, two: f'{one}\n"{two}"', LETTERS, LETTERS))


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5))
def test_cells_are_read_as_they_were_copied(rows: list[list[str]]) -> None:
    wanted = [[cell or None for cell in row] for row in rows]
    while wanted and not any(str(cell or "").strip() for cell in wanted[-1]):
        wanted.pop()
    if wanted:
        assert cells(copied(rows)) == wanted


def test_a_quotation_mark_that_opens_nothing_swallows_no_row() -> None:
    assert cells('a\t"Ba\nb\tBe"\nc\t"\n') == [["a", '"Ba'], ["b", 'Be"'], ["c", '"']]


@pytest.mark.parametrize("blank", ["", " \n\n", "\r\n"])
def test_nothing_pasted_says_so(blank: str) -> None:
    with pytest.raises(ContentError) as refused:
        pasted_sheet(blank)
    assert refused.value.rule == "paste_empty"


def test_text_without_tabs_is_read_as_a_csv() -> None:
    assert cells("a;b\n1;2\n") == [["a", "b"], ["1", "2"]]


def test_a_line_of_names_decides_the_order_of_the_columns() -> None:
    names = [column.vi for column in reversed(FORM.columns)]
    line = [column.id[:3] for column in reversed(FORM.columns)]
    reading, headed = read_pasted(FORM, pasted_sheet(copied([names, line])), FORMS)
    (part,) = reading.parts
    assert headed
    assert [part.values(row) for row in part.rows()] == [
        {column.id: column.id[:3] for column in FORM.columns}
    ]


def test_without_names_the_columns_stand_in_the_order_of_the_template() -> None:
    line = [column.id[:3] for column in FORM.columns]
    reading, headed = read_pasted(FORM, pasted_sheet(copied([line, line])), FORMS)
    (part,) = reading.parts
    assert not headed
    assert [row.number for row in part.rows()] == [1, 2]
    assert all(
        part.values(row) == {column.id: column.id[:3] for column in FORM.columns} for row in part.rows()
    )


def test_the_names_of_another_register_are_told() -> None:
    names = [column.id for column in FORMS["fires"].columns]
    with pytest.raises(ContentError) as refused:
        read_pasted(FORM, pasted_sheet("\t".join(names) + "\n"), FORMS)
    assert refused.value.rule == "header_other_form"
