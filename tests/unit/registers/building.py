"""Rows and entries for the engine's unit tests, as the engine itself makes them."""

from datetime import UTC, datetime
from typing import Any

from contracts.forms import FORMS
from services.chassis.security.crypto import FieldCipher
from services.registers.checks import read
from services.registers.decisions import Entry
from services.registers.entries import entry_of
from services.registers.hashing import person_messages
from services.registers.record_keys import key_of
from services.registers.row import CellFault, RawRow, Row
from services.registers.secrets import Vault
from tests.support.hashing import HASHER
from tests.support.packs import COMMITTEE

NOW = datetime(2024, 1, 15, 3, tzinfo=UTC)
VAULT = Vault(FieldCipher({"k": bytes(range(32))}, "k"), b"d" * 40)


def row_of(form: str, values: dict[str, Any], now: datetime = NOW) -> tuple[Row, list[CellFault]]:
    """A row read."""
    row = read(FORMS[form], RawRow(2, values), unit=COMMITTEE, now=now)
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


def key(row: Row) -> str:
    """The key of a row within its unit."""
    return key_of(row, VAULT)


def hashes(row: Row) -> dict[str, str]:
    """The linkage keys of a row's person, by kind."""
    return {kind: HASHER.hash(*message) for kind, message in person_messages(row).items()}
