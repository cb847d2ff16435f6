"""Every row of a messy register is a record as it was meant, or the answer names it and says what to do."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from contracts.forms import FORMS
from khopso.registers.handin import Outcome, hand_in
from registerfiles.failure import ContentError
from services.registers.checks import read
from services.registers.row import RawRow
from tests.property.registers.clean import Register, registers
from tests.property.registers.mess import Messy, messes
from tests.support.register_rules import NOW, UNIT, Record, Rules, key_of, values_of

EXAMPLES = 30
"""Registers of each form."""
_ANY = settings(derandomize=True, database=None)


def meant(register: Register) -> list[Record]:
    """The records that the rows mean: read from plain values, without a file."""
    records = []
    for number, row in enumerate(register.rows, 1):
        values = {name: _plain(value) for name, value in row.items()}
        read_row = read(register.form, RawRow(number, values), unit=UNIT, now=NOW)
        assert not read_row.faults, [str(fault.message) for fault in read_row.faults]
        records.append(values_of(read_row))
    return records


def _plain(value: Any) -> Any:
    if hasattr(value, "hour"):
        return f"{value:%Y-%m-%d %H:%M}"
    return value.isoformat() if hasattr(value, "isoformat") else value


def handed_in(messy: Messy, folder: Path) -> tuple[Outcome | ContentError, Rules]:
    rules = Rules()
    try:
        return hand_in(rules, messy.register.form, messy.write(folder), FORMS), rules
    except ContentError as stopped:
        return stopped, rules


def check(
    messy: Messy, outcome: Outcome | ContentError, records: Mapping[tuple[Any, ...], list[Record]]
) -> None:
    """Fail where a row is lost, changed or made up, or refused though every reader must understand it."""
    expected = meant(messy.register)
    form = messy.register.form
    wanted = {key_of(form, record): record for record in expected}
    for key, found in records.items():
        assert all(record == wanted.get(key) for record in found), f"made up or changed: {found}"
    if isinstance(outcome, ContentError):
        assert messy.may_stop or messy.unsure, f"stopped: {outcome.rule}: {outcome.text}"
        assert outcome.text.vi
        assert outcome.text.en
        return
    many = len(outcome.sheets) > 1
    told = [*outcome.all_faults(), *(one for one in outcome.notes if one.rule.startswith("left_out"))]
    named = {(one.sheet if many else "", one.row) for one in told}
    for number, record in enumerate(expected):
        if key_of(form, record) not in records:
            assert number in messy.unsure, f"row {number + 1} was refused: {outcome.all_faults()}"
            where = {(sheet if many else "", row) for sheet, row in messy.places[number]}
            assert where <= named, f"row {number + 1} is lost"
    assert all(fault.message.vi and fault.message.en for fault in outcome.all_faults())


@pytest.mark.parametrize("form", FORMS)
@settings(derandomize=True, max_examples=EXAMPLES)
@given(st.data())
def test_every_row_is_a_record_as_it_was_meant_or_named_with_what_to_do(
    tmp_path_factory: pytest.TempPathFactory, form: str, data: st.DataObject
) -> None:
    """Given a clean register, when an office sends it in any mess, then no row is lost, changed or made up in silence."""
    messy = data.draw(messes(registers(FORMS[form])))
    outcome, rules = handed_in(messy, tmp_path_factory.mktemp("mess"))
    check(messy, outcome, rules.records)


def _lost(records: dict[tuple[Any, ...], list[Record]]) -> None:
    records.pop(next(iter(records)))


def _changed(records: dict[tuple[Any, ...], list[Record]]) -> None:
    first = next(iter(records.values()))
    first[0] = {**first[0], "recorded_on": "another day"}


def _made_up(records: dict[tuple[Any, ...], list[Record]]) -> None:
    records["nobody", "wrote"] = [{"this": "record"}]


@pytest.mark.parametrize("fault", [_lost, _changed, _made_up])
def test_a_row_that_is_lost_changed_or_made_up_is_noticed(
    tmp_path: Path, fault: Callable[[dict[tuple[Any, ...], list[Record]]], None]
) -> None:
    """The control: with one record gone, changed or too many, the check above fails."""
    messy = find(
        messes(registers(FORMS["registry"])), lambda one: not one.may_stop and not one.unsure, settings=_ANY
    )
    outcome, rules = handed_in(messy, tmp_path)
    check(messy, outcome, rules.records)
    fault(rules.records)
    with pytest.raises(AssertionError):
        check(messy, outcome, rules.records)
