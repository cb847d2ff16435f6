"""The register engine: rows as handed in → records, history and events, in the caller's transaction.

One entry point for HTTP and Kafka: `Intake.hand_in`. It never commits. A batch costs a fixed number of statements.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from contracts.envelope import VIETNAM
from contracts.forms import Form
from reference import parse_unit
from services.chassis.persistence import AsyncSession, Origin
from services.chassis.platform import Platform
from services.chassis.runtime import Clock, NewId, current_traceparent
from services.chassis.security import FieldCipher, Principal, Refused, Units
from services.registers import linkage_epochs, search_index
from services.registers.amounts import unlikely_percents
from services.registers.changes import Change
from services.registers.checks import KnownAs, ReadCells, judge, read_cells, refuse_examples
from services.registers.commune_names import communes_named
from services.registers.communes import codes_of_two
from services.registers.entries import entry_of
from services.registers.facilities import spell_facilities, unlisted_facilities
from services.registers.hashing import HashAll, hash_persons
from services.registers.numbering import Numbering, find_years
from services.registers.numbering import load as load_numbering
from services.registers.outcomes import OutcomeName, OutcomeWriter, RowOutcome
from services.registers.person import numbers_waiting
from services.registers.plan import plan_of
from services.registers.record_keys import hashed_parts, key_of, renew
from services.registers.register import Register
from services.registers.rights import Rights, is_out_of_scope, refuse_rows
from services.registers.row import CellFault, RawRow, Row
from services.registers.secrets import Vault
from services.registers.sight import Sight
from services.registers.standing import Standing, refuse_followers, take_over
from services.registers.substances import unlisted_substances
from services.registers.writing import Writer
from services.registers.zeros import zeros_apart

UnitsOf = Callable[[AsyncSession], Awaitable[Units]]
"""Loads the units register, once per batch: for services that know the facilities."""

_NEW = frozenset({"accepted", "corrected", "withdrawn", "restored"})
"""Outcomes of rows that say something new: what may be meant otherwise is told of these alone."""
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
    another case or person than the record under its number. With ``show_changes`` the outcomes tell what was corrected.
    ``met`` are the guards that the request meets, such as a stated purpose. Without ``correlation_id`` the batch gets one
    of its own. ``reason`` is why its rows withdraw their records, a code of `WITHDRAWAL`,
    and ``note`` the same in words; blank where nobody says."""

    form: str
    rows: Sequence[RawRow]
    unit: str | None = None
    dry_run: bool = False
    replace: bool = False
    show_changes: bool = False
    met: tuple[str, ...] = ()
    correlation_id: str = ""
    causation_id: str | None = None
    reason: str = ""
    note: str = ""


@dataclass(slots=True)
class Result:
    """What became of a batch: outcomes in the order of its rows, and every fault of the refused ones.

    ``notes`` tell what was understood otherwise than it is written, and what may be meant otherwise. ``looked`` are the
    people of each unit whose identity the answer depends on, where the caller reads it under conditions alone; ``confirmed``
    those whom rows named rightly without changing anything (`Sight.confirm`).
    """

    form: str
    outcomes: list[RowOutcome] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)
    notes: list[CellFault] = field(default_factory=list)
    looked: Mapping[str, int] = field(default_factory=dict)
    confirmed: Mapping[str, int] = field(default_factory=dict)

    @property
    def changes(self) -> list[Change]:
        """Return what the rows changed, in their order."""
        return [change for outcome in self.outcomes for change in outcome.changes]

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
        self._numberings: dict[str, Numbering] = {}
        self._clock = clock
        self._new_id = new_id
        self._units = units
        self._index_is_whole = False

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
            PurposeNeededError: the answer would be a reading of identities for which no purpose is stated.
        """
        register = self.registers.get(batch.form)
        if register is None:
            raise UnknownFormError(batch.form)
        rights = await self.rights(session, by)
        unit, _ = rights.unit_of(batch.unit or by.unit)
        if parse_unit(unit) is None:
            raise UnitRefusedError()
        await self.renew_keys(session, register)
        rows = await self._read(register, batch.rows, unit, rights.unit_of)
        spell_facilities(rows, rights.units)
        _check_batch(rights, register, unit, rows)
        # Before anything of the record is looked up: the faults that follow may depend on what it says.
        refuse_rows(rights, register, rows)
        sight = self._sight(register, batch, rights)
        sight.require_purpose(rows)
        numbering = await self.numbering(session, register.form)
        reached = [row for row in rows if not is_out_of_scope(row)]
        await find_years(session, numbering, reached, self.vault, rights.day)
        standing = await take_over(session, register, rows, self.vault, sight, numbering.apart)
        # Once more, for the right may depend on a column that was left out.
        refuse_rows(rights, register, standing.changed)
        await self._judge(rows)
        context = await apply_rules(register, session, rows)
        refuse_examples(rows)
        refuse_followers(rows)
        for row in rows:
            row.give_back()
        result = await self._apply(session, register, batch, rows, by, sight, standing, numbering)
        taken = [row for row, each in zip(rows, result.outcomes, strict=True) if each.outcome in _NEW]
        result.notes += [
            *codes_of_two(taken, rights.day),
            *communes_named(taken),
            *numbers_waiting(taken),
            *unlikely_percents(taken),
            *(register.remarks(taken, context) if register.remarks is not None else ()),
            *unlisted_substances(taken),
            *numbering.apart_notes(taken),
            *await zeros_apart(session, register.form, _fresh(rows, result)),
            *unlisted_facilities(taken, rights.units),
        ]
        return result

    async def rights(self, session: AsyncSession, caller: Principal) -> Rights:
        """Return what the caller may do with the registers today."""
        units = Units() if self._units is None else await self._units(session)
        return Rights.of(caller, units, self.today)

    @property
    def today(self) -> date:
        """Return the day in Vietnam."""
        return self._clock().astimezone(VIETNAM).date()

    @property
    def searched(self) -> list[str]:
        """Return the forms whose records can be searched."""
        return [name for name, each in self.registers.items() if each.form.searched]

    async def index_is_whole(self, session: AsyncSession) -> bool:
        """Return whether every record can be found; records from before the index are put in after the upgrade."""
        # Once it is whole, it stays so: each record is put in with its own transaction.
        self._index_is_whole = self._index_is_whole or await search_index.is_whole(
            session, self.searched, self.vault
        )
        return self._index_is_whole

    def _sight(self, register: Register, batch: HandIn, rights: Rights) -> Sight:
        reads = batch.dry_run or batch.show_changes
        return Sight(register.form, rights, self.vault, batch.met, reads=reads, trial=batch.dry_run)

    async def renew_keys(self, session: AsyncSession, register: Register) -> None:
        """Have every stored key of the form under the service's own key: without it, rows of before would not be found."""
        form = register.form
        # Only what was seen to be done is remembered: the transaction that does it may be rolled back.
        if form.name not in self._renewed and not await renew(session, form, self.vault):
            self._renewed.add(form.name)

    async def numbering(self, session: AsyncSession, form: Form) -> Numbering:
        """Return how the numbers of the form's records are compared."""
        if not plan_of(form).numbers:
            return Numbering(form)
        if form.name not in self._numberings:
            self._numberings[form.name] = await load_numbering(session, form)
        return self._numberings[form.name]

    async def _read(
        self, register: Register, raws: Sequence[RawRow], unit: str, known_as: KnownAs
    ) -> list[Row]:
        rows: list[Row] = []
        seen = ReadCells(dict)
        for index, raw in enumerate(raws):
            rows.append(read_cells(register.form, raw, unit=unit, known_as=known_as, seen=seen))
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
        sight: Sight,
        standing: Standing,
        numbering: Numbering,
    ) -> Result:
        valid = [row for row in rows if not row.faults]
        # Before the writer locks: the hashing process may be slow or away.
        await self._hash(session, register, [row for row in valid if row.place not in standing.hidden])
        entries = []
        for index, row in enumerate(valid):
            # Keys of valid rows only: part of a key may be missing in a row with faults.
            row.key = row.key or key_of(row, self.vault, numbering.apart)
            entries.append((row, entry_of(row, self.vault)))
            await _turn(index)
        origin = Origin(
            self.service,
            batch.correlation_id or str(self._new_id()),
            batch.causation_id,
            current_traceparent(),
        )
        outcome_writer = OutcomeWriter(
            register,
            self.vault,
            self._new_id,
            origin,
            by.subject,
            sight,
            show_changes=batch.show_changes,
            reason=batch.reason,
            note=batch.note,
        )
        writer = Writer(
            register,
            self.vault,
            self._hash_all,
            self._new_id,
            self._clock,
            sight,
            outcome_writer,
            numbering,
            replace=batch.replace,
            show_changes=batch.show_changes,
        )
        written = await writer.apply(session, entries, standing)
        outcomes = {id(row): outcome for row, outcome in zip(valid, written, strict=True)}
        told = [outcomes.get(id(row)) or RowOutcome(row.number, "refused") for row in rows]
        return Result(
            batch.form,
            told,
            [fault for row in rows for fault in row.faults],
            [note for row in rows for note in row.notes],
            sight.looked,
            sight.confirmed,
        )

    async def _hash(self, session: AsyncSession, register: Register, rows: Sequence[Row]) -> None:
        if register.form.identity and rows:
            # Until the commit: keys must not come behind a rotation that has gone through the events.
            await linkage_epochs.hold(session)
            await hash_persons(rows, self._hash_all)


def _fresh(rows: Sequence[Row], result: Result) -> list[Row]:
    """Return the rows that made a record."""
    return [row for row, each in zip(rows, result.outcomes, strict=True) if each.outcome == "accepted"]


def _check_batch(rights: Rights, register: Register, unit: str, rows: Sequence[Row]) -> None:
    """Refuse the batch as a whole where its unit is used and nothing of the form may be handed in for it."""
    # If every row names its own unit, the batch's unit is not used; numbers about an area are decided row by row.
    used = not rows or any("unit_code" not in row.values for row in rows)
    if used and not register.aims_at_areas:
        decision = rights.hand_in(register.form.name, unit)
        if isinstance(decision, Refused):
            raise UnitRefusedError(decision)


async def apply_rules(register: Register, session: AsyncSession, rows: Sequence[Row]) -> Any:
    """Add to the rows the faults by the register's own rules; return the rules' context.

    Rows that withdraw a record are not checked by them.
    """
    context = await register.prepare(session, rows) if register.prepare is not None else None
    for index, row in enumerate(rows):
        # A withdrawal must stay possible for a row that would break a rule today.
        if not row.void:
            for rule in register.rules:
                row.faults.extend(rule(row, context))
            await _turn(index)
    return context


async def _turn(index: int) -> None:
    if index % _SLICE == _SLICE - 1:
        await asyncio.sleep(0)
