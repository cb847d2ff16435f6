"""The register engine: rows as handed in → records, history and events, in the caller's transaction.

One entry point for HTTP and Kafka: `Intake.hand_in`. It never commits. A batch costs a fixed number of statements.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from reference import parse_unit
from services.chassis.persistence import AsyncSession
from services.chassis.platform import Platform
from services.chassis.runtime import Clock, NewId
from services.chassis.security import AreaWithin, FieldCipher, Principal
from services.linkage import LinkageKeys
from services.registers.checks import read
from services.registers.events import Origin
from services.registers.register import Register
from services.registers.row import CellFault, RawRow, Row
from services.registers.scope import area_within
from services.registers.secrets import Vault
from services.registers.writing import Writer, entry_of

OutcomeName = Literal["accepted", "unchanged", "corrected", "refused"]
Scope = Callable[[AsyncSession], Awaitable[AreaWithin]]
"""Loads how units lie in areas, once per batch: for services that know where facilities are."""

_SLICE = 100  # rows worked on before the event loop gets its turn


class UnknownFormError(Exception):
    """The service keeps no register of this name."""


class UnitRefusedError(Exception):
    """The batch's unit is not one, or lies outside the caller's scope. ``rule`` is ``unit`` or ``unit_scope``."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class HandIn:
    """Rows of one form from one caller. ``unit`` is the default of rows without `unit_code`: without it, the
    caller's own unit. With ``dry_run`` everything is decided and nothing written. Without ``correlation_id`` the
    batch gets one of its own."""

    form: str
    rows: Sequence[RawRow]
    unit: str | None = None
    dry_run: bool = False
    correlation_id: str = ""
    causation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row. A withdrawal counts as corrected."""

    row: int
    outcome: OutcomeName
    record_id: UUID | None = None


@dataclass(slots=True)
class Result:
    """What became of a batch: outcomes in the order of its rows, and every fault of the refused ones."""

    form: str
    outcomes: list[Outcome] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)

    def count(self, outcome: OutcomeName) -> int:
        """The number of rows with this outcome."""
        return sum(found.outcome == outcome for found in self.outcomes)

    def refuse(self, row: Row, faults: Iterable[CellFault]) -> None:
        """Add a row that was not applied."""
        self.outcomes.append(Outcome(row.number, "refused"))
        self.faults.extend(faults)


@dataclass(frozen=True, slots=True)
class _ReadRow:
    row: Row
    faults: list[CellFault]


class Intake:
    """The registers of one service."""

    def __init__(
        self,
        service: str,
        registers: Mapping[str, Register],
        *,
        cipher: FieldCipher,
        linkage: LinkageKeys,
        clock: Clock,
        new_id: NewId,
        scope: Scope | None = None,
    ) -> None:
        self.service = service
        self.registers = registers
        self.vault = Vault(cipher, linkage)
        self._clock = clock
        self._new_id = new_id
        self._scope = scope

    @classmethod
    def of(
        cls, platform: Platform, registers: Mapping[str, Register], scope: Scope | None = None
    ) -> "Intake":
        """The intake of a service, from the platform's parts."""
        return cls(
            platform.settings.service,
            registers,
            cipher=platform.cipher,
            linkage=platform.linkage,
            clock=platform.clock,
            new_id=platform.new_id,
            scope=scope,
        )

    async def hand_in(self, session: AsyncSession, batch: HandIn, by: Principal) -> Result:
        """Apply the rows in their order, as far as they are valid, within the session's transaction.

        Raises:
            UnknownFormError: the service does not keep this register.
            UnitRefusedError: the batch's own unit is unknown or outside the caller's scope; a row's own
                `unit_code` is a fault of that row instead.
        """
        register = self.registers.get(batch.form)
        if register is None:
            raise UnknownFormError(batch.form)
        within = await self.within(session)
        unit = batch.unit or by.unit
        if parse_unit(unit) is None:
            raise UnitRefusedError("unit")
        if not by.may_write(unit, within):
            raise UnitRefusedError("unit_scope")
        read_rows = await self._read(register, batch.rows, unit)
        _refuse_outside(read_rows, by, within)
        rows = [found.row for found in read_rows]
        context = await register.prepare(session, rows) if register.prepare is not None else None
        await _rule(register, read_rows, context)
        return await self._apply(session, register, batch, read_rows, by)

    async def within(self, session: AsyncSession) -> AreaWithin:
        """How units lie in areas."""
        return area_within if self._scope is None else await self._scope(session)

    async def _read(self, register: Register, raws: Sequence[RawRow], unit: str) -> list[_ReadRow]:
        now = self._clock()
        found: list[_ReadRow] = []
        for index, raw in enumerate(raws):
            found.append(_ReadRow(*read(register.form, raw, unit=unit, now=now)))
            await _turn(index)
        return found

    async def _apply(
        self,
        session: AsyncSession,
        register: Register,
        batch: HandIn,
        read_rows: Sequence[_ReadRow],
        by: Principal,
    ) -> Result:
        good = [found for found in read_rows if not found.faults]
        entries = []
        for index, found in enumerate(good):
            found.row.key = self.vault.key(found.row)
            entries.append((found.row, entry_of(found.row, self.vault)))
            await _turn(index)
        origin = Origin(self.service, batch.correlation_id or str(self._new_id()), batch.causation_id)
        writer = Writer(register, self.vault, self._new_id, self._clock, origin, by.subject)
        settled = iter(await writer.apply(session, entries, dry_run=batch.dry_run))
        result = Result(batch.form)
        for found in read_rows:
            if found.faults:
                result.refuse(found.row, found.faults)
                continue
            fate = next(settled)
            if isinstance(fate, CellFault):
                result.refuse(found.row, [fate])
            else:
                result.outcomes.append(Outcome(found.row.number, *fate))
        return result


def _refuse_outside(read_rows: Iterable[_ReadRow], by: Principal, within: AreaWithin) -> None:
    known: dict[str, bool] = {}
    for found in read_rows:
        row = found.row
        if "unit_code" not in row.values:
            continue
        if row.unit not in known:
            known[row.unit] = by.may_write(row.unit, within)
        if not known[row.unit]:
            found.faults.append(row.fault("unit_code", "unit_scope"))


async def _rule(register: Register, read_rows: Sequence[_ReadRow], context: Any) -> None:
    for index, found in enumerate(read_rows):
        if not found.row.void:
            for rule in register.rules:
                found.faults.extend(rule(found.row, context))
            await _turn(index)


async def _turn(index: int) -> None:
    if index % _SLICE == _SLICE - 1:
        await asyncio.sleep(0)
