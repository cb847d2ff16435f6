"""The register engine: rows as handed in → records, history and events, in the caller's transaction.

One entry point for HTTP and Kafka: `Intake.hand_in`. It never commits. A batch costs a fixed number of statements.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from contracts.units import parse_unit
from services.chassis.auth import AreaWithin, Principal
from services.chassis.clock import Clock
from services.chassis.crypto import FieldCipher
from services.chassis.db import AsyncSession
from services.chassis.ids import NewId
from services.chassis.intake.checks import read
from services.chassis.intake.events import Origin
from services.chassis.intake.register import Register
from services.chassis.intake.row import Fault, RawRow, Row
from services.chassis.intake.scope import area_within
from services.chassis.intake.secrets import Vault
from services.chassis.intake.writing import Writer, entry_of
from services.chassis.linkage import LinkageKeys
from services.chassis.platform import Platform

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
    caller's own unit. With ``dry_run`` everything is decided and nothing written."""

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
    faults: list[Fault] = field(default_factory=list)

    def count(self, outcome: OutcomeName) -> int:
        """The number of rows with this outcome."""
        return sum(found.outcome == outcome for found in self.outcomes)


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
        rows, faults = await self._read(register, batch.rows, unit)
        faults.extend(_outside(rows, by, within))
        context = await register.prepare(session, rows) if register.prepare is not None else None
        faults.extend(await _ruled(register, rows, context))
        return await self._apply(session, register, batch, rows, faults, by)

    async def within(self, session: AsyncSession) -> AreaWithin:
        """How units lie in areas."""
        return area_within if self._scope is None else await self._scope(session)

    async def _read(
        self, register: Register, raws: Sequence[RawRow], unit: str
    ) -> tuple[list[Row], list[Fault]]:
        now = self._clock()
        rows: list[Row] = []
        faults: list[Fault] = []
        for index, raw in enumerate(raws):
            row, found = read(register.form, raw, unit=unit, now=now)
            rows.append(row)
            faults.extend(found)
            await _turn(index)
        return rows, faults

    async def _apply(
        self,
        session: AsyncSession,
        register: Register,
        batch: HandIn,
        rows: Sequence[Row],
        faults: list[Fault],
        by: Principal,
    ) -> Result:
        bad = {fault.row for fault in faults}
        entries = []
        for index, row in enumerate(rows):
            if row.number not in bad:
                row.key = self.vault.key(row)
                entries.append((row, entry_of(row, self.vault)))
                await _turn(index)
        origin = Origin(self.service, batch.correlation_id, batch.causation_id)
        writer = Writer(register, self.vault, self._new_id, self._clock, origin, by.subject)
        decided = await writer.apply(session, entries, dry_run=batch.dry_run)
        faults.extend(decided.refused)
        bad.update(fault.row for fault in decided.refused)
        result = Result(batch.form, faults=sorted(faults, key=lambda fault: fault.row))
        for row in rows:
            if row.number in bad:
                result.outcomes.append(Outcome(row.number, "refused"))
            else:
                result.outcomes.append(Outcome(row.number, *decided.outcomes[row.number]))
        return result


def _outside(rows: Iterable[Row], by: Principal, within: AreaWithin) -> list[Fault]:
    known: dict[str, bool] = {}
    faults = []
    for row in rows:
        if "unit_code" not in row.values:
            continue
        if row.unit not in known:
            known[row.unit] = by.may_write(row.unit, within)
        if not known[row.unit]:
            faults.append(row.fault("unit_code", "unit_scope"))
    return faults


async def _ruled(register: Register, rows: Sequence[Row], context: Any) -> list[Fault]:
    faults: list[Fault] = []
    for index, row in enumerate(rows):
        if not row.void:
            for rule in register.rules:
                faults.extend(rule(row, context))
            await _turn(index)
    return faults


async def _turn(index: int) -> None:
    if index % _SLICE == _SLICE - 1:
        await asyncio.sleep(0)
