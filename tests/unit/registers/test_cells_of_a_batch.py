"""Cells that come again in a batch are read once; every row reads as if it stood alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.forms import FORMS
from services.registers import checks
from services.registers.checks import ReadCells, read_cells
from services.registers.row import RawRow, Row
from tests.support.packs import COMMITTEE
from tests.support.register_rows import FULL

_ALIKE: tuple[Any, ...] = (
    "1",
    1,
    1.0,
    True,
    "x",
    "",
    None,
    "0",
    0,
    False,
    [],
    ["1"],
    [1],
    "02/03/2023",
    "2023-03-02",
    "99/99/1990",
)
"""Cells that Python or a reader may take for one another, and cells that cannot be read."""


@st.composite
def batches(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    """A form and rows of it in which cells come again, some of them changed."""
    form = draw(st.sampled_from(sorted(FULL)))
    columns = st.sampled_from([column.id for column in FORMS[form].columns])
    changes = st.dictionaries(columns, st.sampled_from(_ALIKE), max_size=4)
    return form, [{**FULL[form], **changed} for changed in draw(st.lists(changes, min_size=2, max_size=8))]


@given(batches())
def test_every_row_of_a_batch_reads_as_if_it_stood_alone(batch: tuple[str, list[dict[str, Any]]]) -> None:
    form, rows = batch
    seen = ReadCells(dict)
    for number, values in enumerate(rows, 2):
        together = _read(form, number, values, seen)
        alone = _read(form, number, values, ReadCells(dict))
        assert _said(together) == _said(alone)


def test_a_cell_that_cannot_be_read_is_a_fault_of_each_of_its_rows() -> None:
    seen = ReadCells(dict)
    rows = [_read("methadone", number, {**FULL["methadone"], "sex": "?"}, seen) for number in (2, 3)]
    assert [[(fault.row, fault.field, fault.rule) for fault in row.faults] for row in rows] == [
        [(2, "sex", "code")],
        [(3, "sex", "code")],
    ]


def test_columns_of_ever_new_cells_are_not_kept_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_KEPT_CELLS", 3)
    seen = ReadCells(dict)
    names = [_read("methadone", number, {**FULL["methadone"], "full_name": f"Nguyễn Văn {letter}"}, seen)
             for number, letter in enumerate("ABCDEABCDE", 2)]  # fmt: skip
    assert [row.text("full_name")[-1] for row in names] == list("ABCDEABCDE")
    assert len(seen["full_name"]) == 3


def _read(form: str, number: int, values: dict[str, Any], seen: ReadCells) -> Row:
    return read_cells(FORMS[form], RawRow(number, values), unit=COMMITTEE, seen=seen)


def _said(row: Row) -> tuple[Any, ...]:
    # With the types: 1, 1.0 and True are equal for Python.
    values = {name: (type(value), value) for name, value in row.values.items()}
    return values, row.invalid, row.areas, row.unit, row.recorded, row.absent, row.void, row.faults
