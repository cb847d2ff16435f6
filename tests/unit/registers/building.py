"""Rows and entries for the engine's unit tests, as the engine itself makes them."""

from datetime import UTC, datetime
from typing import Any

from contracts.forms import FORMS
from services.chassis.security.crypto import FieldCipher
from services.linkage.keys import LinkageKeys
from services.registers.checks import read
from services.registers.decide import Entry
from services.registers.row import CellFault, RawRow, Row
from services.registers.secrets import Vault
from services.registers.writing import entry_of

NOW = datetime(2024, 1, 15, 3, tzinfo=UTC)
LINKAGE = LinkageKeys(b"s" * 40)
VAULT = Vault(FieldCipher({"k": bytes(range(32))}, "k"), b"d" * 40, LINKAGE)


def row_of(form: str, values: dict[str, Any], now: datetime = NOW) -> tuple[Row, list[CellFault]]:
    """A row read."""
    row = read(FORMS[form], RawRow(2, values), unit="committee:30", now=now)
    return row, row.faults


def good(form: str, values: dict[str, Any], now: datetime = NOW) -> Row:
    """A row without faults."""
    row, faults = row_of(form, values, now)
    assert not faults, [(fault.field, fault.rule) for fault in faults]
    return row


def broken(form: str, values: dict[str, Any], now: datetime = NOW) -> set[tuple[str, str]]:
    """Field and rule of every fault."""
    return {(fault.field, fault.rule) for fault in row_of(form, values, now)[1]}


def entry(form: str, values: dict[str, Any], now: datetime = NOW) -> Entry:
    """A valid row as `decide` sees it."""
    return entry_of(good(form, values, now), VAULT)
