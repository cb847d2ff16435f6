"""The register engine: rows as handed in → records, history and events, in the caller's transaction.

One entry point for HTTP and Kafka: `Intake.hand_in`. It never commits. A batch costs a fixed number of statements.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.envelope import VIETNAM
from reference import parse_unit
from services.chassis.persistence import AsyncSession, Origin
from services.chassis.platform import Platform
from services.chassis.runtime import Clock, NewId, current_traceparent
from services.chassis.security import FieldCipher, Principal, Refused, Units
from services.registers.absent import fill_absent, refuse_followers
from services.registers.checks import judge, read_cells
from services.registers.hashing import HashAll, hash_persons
from services.registers.record_keys import hashed_parts, key_of, renew
from services.registers.register import Register
from services.registers.rights import Rights, refuse_rows
from services.registers.row import CellFault, RawRow, Row
from services.registers.secrets import Vault
from services.registers.writing import OutcomeName, RowOutcome, Writer, entry_of

UnitsOf = Callable[[AsyncSession], Awaitable[Units]]
"""Loads the units register, once per batch: for services that know the facilities."""

_SLICE = 100  # rows processed before the event loop runs other tasks


class UnknownFormError(Exception):
    """The service keeps no register of this name."""


class UnitRefusedError(Exception):
    """The batch's unit is not one (rule ``unit``), or the caller may not hand in for it (``unit_scope``).

    ``refused`` says which right is missing; None where the unit is not one.
    """

    def __init__(self, refused: Refused | None = None) -> None:
        self.rule = "unit" if refused is None else "unit_scope"
        self.refused = refused
        super().__init__(self.rule)


@dataclass(frozen=True, slots=True)
class HandIn:
    """Rows of one form from one caller. ``unit`` is the default of rows without `unit_code`: without it, the
    caller's own unit. With ``dry_run`` everything is decided and nothing written. With ``replace`` a row may be about
    another case or person than the record under its number. Without ``correlation_id`` the batch gets one of its own."""

    form: str
    rows: Sequence[RawRow]
    unit: str | None = None
    dry_run: bool = False
    replace: bool = False
    correlation_id: str = ""
    causation_id: str | None = None


@dataclass(slots=True)
class Result:
    """What became of a batch: outcomes in the order of its rows, and every fault of the refused ones."""

    form: str
    outcomes: list[RowOutcome] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)

    def count(self, outcome: OutcomeName) -> int:
        """Return the number of rows with this outcome."""
        return sum(found.outcome == outcome for found in self.outcomes)


class Intake:
    """The registers of one service."""

    def __init__(
        self,
        service: str,
        registers: Mapping[str, Register],
        *,
        cipher: FieldCipher,
        digest_key: bytes,
        hash_all: HashAll | None = None,
        clock: Clock,
        new_id: NewId,
        units: UnitsOf | None = None,
    ) -> None:
        self.service = service
        if hash_all is None and any(register.form.identity for register in registers.values()):
            raise ValueError("hashing_url is not set, and a form has identity")
        self.registers = registers
        self.vault = Vault(cipher, digest_key)
        self._hash_all = hash_all
        self._renewed = {name for name, each in registers.items() if not hashed_parts(each.form)}
        self._clock = clock
        self._new_id = new_id
        self._units = units

    @classmethod
    def of(
        cls, platform: Platform, registers: Mapping[str, Register], units: UnitsOf | None = None
    ) -> "Intake":
        """Return the intake of a service, from the platform's parts."""
        return cls(
            platform.settings.service,
            registers,
            cipher=platform.cipher,
            digest_key=platform.digest_key,
            hash_all=None if platform.hashing is None else platform.hashing.hash,
            clock=platform.clock,
            new_id=platform.new_id,
            units=units,
        )

    async def hand_in(self, session: AsyncSession, batch: HandIn, by: Principal) -> Result:
        """Apply the rows in their order, as far as they are valid, within the session's transaction.

        Raises:
            UnknownFormError: the service does not keep this register.
            HashingUnreachableError: the hashing process does not answer.
            UnitRefusedError: the batch's own unit is unknown, or the caller may not hand in for it; a row's own
                `unit_code` is a fault of that row instead.
        """
        register = self.registers.get(batch.form)
        if register is None:
            raise UnknownFormError(batch.form)
        unit = batch.unit or by.unit
        if parse_unit(unit) is None:
            raise UnitRefusedError()
        rights = await self.rights(session, by)
        await self.renew_keys(session, register)
        rows = await self._read(register, batch.rows, unit)
        _check_batch(rights, register, unit, rows)
        # Before anything of the record is looked up: the faults that follow may depend on what it says.
        refuse_rows(rights, register, rows)
        filled = await fill_absent(session, register, rows, self.vault, dry_run=batch.dry_run)
        # Once more, for the right may depend on a column that was left out.
        refuse_rows(rights, register, filled)
        await self._judge(rows)
        await apply_rules(register, session, rows)
        refuse_followers(rows)
        return await self._apply(session, register, batch, rows, by, rights)

    async def rights(self, session: AsyncSession, caller: Principal) -> Rights:
        """Return what the caller may do with the registers today."""
        units = Units() if self._units is None else await self._units(session)
        return Rights.of(caller, units, self._clock().astimezone(VIETNAM).date())

    async def renew_keys(self, session: AsyncSession, register: Register) -> None:
        """Have every stored key of the form under the service's own key: without it, rows of before would not be found."""
        form = register.form
        # Only what was seen to be done is remembered: the transaction that does it may be rolled back.
        if form.name not in self._renewed and not await renew(session, form, self.vault):
            self._renewed.add(form.name)

    async def _read(self, register: Register, raws: Sequence[RawRow], unit: str) -> list[Row]:
        rows: list[Row] = []
        for index, raw in enumerate(raws):
            rows.append(read_cells(register.form, raw, unit=unit))
            await _turn(index)
        return rows

    async def _judge(self, rows: Sequence[Row]) -> None:
        now = self._clock()
        for index, row in enumerate(rows):
            judge(row, now)
            await _turn(index)

    async def _apply(
        self,
        session: AsyncSession,
        register: Register,
        batch: HandIn,
        rows: Sequence[Row],
        by: Principal,
        rights: Rights,
    ) -> Result:
        valid = [row for row in rows if not row.faults]
        # Before the writer locks: the hashing process may be slow or away.
        await hash_persons(valid, self._hash_all)
        entries = []
        for index, row in enumerate(valid):
            # Keys of valid rows only: part of a key may be missing in a row with faults.
            row.key = key_of(row, self.vault)
            entries.append((row, entry_of(row, self.vault)))
            await _turn(index)
        origin = Origin(
            self.service,
            batch.correlation_id or str(self._new_id()),
            batch.causation_id,
            current_traceparent(),
        )
        writer = Writer(
            register,
            self.vault,
            self._new_id,
            self._clock,
            origin,
            by.subject,
            lambda unit, minor: "identity" in rights.sees(batch.form, unit, minor=minor),
            replace=batch.replace,
        )
        written = await writer.apply(session, entries, dry_run=batch.dry_run)
        outcomes = {id(row): outcome for row, outcome in zip(valid, written, strict=True)}
        return Result(
            batch.form,
            [outcomes.get(id(row)) or RowOutcome(row.number, "refused") for row in rows],
            [fault for row in rows for fault in row.faults],
        )


def _check_batch(rights: Rights, register: Register, unit: str, rows: Sequence[Row]) -> None:
    """Refuse the batch as a whole where its unit is used and nothing of the form may be handed in for it."""
    # If every row names its own unit, the batch's unit is not used; numbers about an area are decided row by row.
    used = not rows or any("unit_code" not in row.values for row in rows)
    if used and not register.aims_at_areas:
        decision = rights.hand_in(register.form.name, unit)
        if isinstance(decision, Refused):
            raise UnitRefusedError(decision)


async def apply_rules(register: Register, session: AsyncSession, rows: Sequence[Row]) -> None:
    """Add to the rows the faults by the register's own rules; rows that withdraw a record are not checked by them."""
    context = await register.prepare(session, rows) if register.prepare is not None else None
    for index, row in enumerate(rows):
        # A withdrawal must stay possible for a row that would break a rule today.
        if not row.void:
            for rule in register.rules:
                row.faults.extend(rule(row, context))
            await _turn(index)


async def _turn(index: int) -> None:
    if index % _SLICE == _SLICE - 1:
        await asyncio.sleep(0)
