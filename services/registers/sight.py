"""Whose identity an answer about handed-in rows may depend on: trying rows out is a reading of the people they name.

A dry run writes nothing, so nobody would see that somebody tried names, numbers and dates until the answer changed; an answer
with changes tells them outright. Both need what every other reading of identities needs (docs/authority.md, "Looks").
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from contracts.forms import Form
from services.chassis.persistence import AsyncSession
from services.registers import store
from services.registers.reading import is_minor
from services.registers.record_keys import hashed_parts
from services.registers.rights import Rights, is_out_of_scope
from services.registers.row import Row
from services.registers.secrets import Vault
from services.registers.store import Head, Place


class PurposeNeededError(Exception):
    """The answer would depend on identities that the caller reads only with a stated purpose, and none is stated."""


@dataclass(slots=True)
class Sight:
    """What of people's identity the answer to one batch may tell, and of whom it tells.

    ``reads``: the answer is a reading of identities (a dry run, or changes are shown); ``trial``: nothing is written. ``met``
    are the guards that the request meets. ``minors`` are the records, and the persons of numbers, of which any version says
    that the person is under 18; ``looked`` the people told of by unit whose identity is not read without conditions;
    ``confirmed`` those whom a plain hand-in named rightly: it changed nothing, so nothing else says that it was made.
    """

    form: Form
    rights: Rights
    vault: Vault
    met: tuple[str, ...] = ()
    reads: bool = False
    trial: bool = False
    minors: set[UUID] = field(default_factory=set)
    _looked: set[tuple[str, UUID]] = field(default_factory=set)
    _confirmed: set[tuple[str, UUID]] = field(default_factory=set)

    @property
    def looked(self) -> Counter[str]:
        """Return how many people of each unit the answer depends on, of those that count as read."""
        return Counter(unit for unit, _ in self._looked)

    @property
    def confirmed(self) -> Counter[str]:
        """Return of how many people of each unit the answer confirms who they are, where no version of a record shows it."""
        return Counter(unit for unit, _ in self._confirmed)

    def confirm(self, row: Row, record: UUID, person: UUID | None) -> None:
        """Note that a row which changed nothing said who the record is about; the caller may not read that unasked."""
        if not self.reads and self._conditional(row.unit) and self._says_who(row):
            self._confirmed.add((row.unit, person or record))

    def sees(self, unit: str, *, minor: bool) -> frozenset[str]:
        """Return what the caller sees of the unit's records in this answer; ``minor``: of somebody under 18."""
        # Conditions count only where the reading is written down: the answer to a plain hand-in is not.
        return self.rights.sees(self.form.name, unit, *(self.met if self.reads else ()), minor=minor)

    def require_purpose(self, rows: Iterable[Row]) -> None:
        """Refuse before anything is looked up, so that the refusal tells nothing of what is there.

        Raises:
            PurposeNeededError: a row names or leaves out who a person is that the caller reads only with a purpose.
        """
        if not self.reads or "purpose" in self.met:
            return
        units = {row.unit for row in rows if self._names_people(row) and not is_out_of_scope(row)}
        if any(self._conditional(unit) and self._may_become_readable(unit) for unit in units):
            raise PurposeNeededError

    async def learn(
        self, session: AsyncSession, records: Iterable[UUID] = (), persons: Iterable[UUID] = ()
    ) -> None:
        """Look up which of these records and persons of numbers are minors by any of their versions, by one statement."""
        if self.form.identity:
            self.minors |= await minors_among(session, self.vault, self.rights.day, records, persons)

    async def look(
        self, session: AsyncSession, rows: Iterable[Row], heads: Mapping[Place, Head | None]
    ) -> set[Place]:
        """Count the people whose stored records these rows touch; return the places of those that stay hidden."""
        if not self.reads:
            return set()
        await self.learn(session, [head.record_id for head in heads.values() if head is not None])
        hidden = set()
        for place in {(row.unit, row.key) for row in rows if self._names_people(row)}:
            head = heads.get(place)
            if head is not None and not self.look_at(place[0], head.record_id, head.person_ref):
                hidden.add(place)
        return hidden

    def look_at(self, unit: str, record: UUID, person: UUID | None = None) -> bool:
        """Return whether the answer may depend on this person's identity, and count the person if so."""
        if not self.reads:
            return True
        if "identity" not in self.sees(unit, minor=record in self.minors):
            return not self.trial
        if self._conditional(unit):
            self._looked.add((unit, person or record))
        return True

    def judges(self, unit: str, record: UUID, identity: Mapping[str, Any]) -> bool:
        """Return whether rules may run on this stored identity, which a row took over: on what the caller reads."""
        minor = record in self.minors or is_minor(identity, self.rights.day)
        return "identity" in self.sees(unit, minor=minor)

    def _names_people(self, row: Row) -> bool:
        # A withdrawal says who a person is only where that is a part of the key.
        named = any(column.identity for column in self.form.columns)
        return named and (not row.void or bool(hashed_parts(self.form)))

    def _says_who(self, row: Row) -> bool:
        return any(column.identity and column.id not in row.absent for column in self.form.columns)

    def _conditional(self, unit: str) -> bool:
        return "identity" not in self.rights.sees(self.form.name, unit, minor=False)

    def _may_become_readable(self, unit: str) -> bool:
        return "identity" in self.rights.sees(self.form.name, unit, "purpose", "step_up", minor=False)


async def minors_among(
    session: AsyncSession, vault: Vault, day: date, records: Iterable[UUID], persons: Iterable[UUID]
) -> set[UUID]:
    """Return which of these records and persons of numbers are under 18 on the day by any version, by one statement.

    Of a person it takes one record; the ids of that record and of its person are both in what is returned.
    """
    asked = list(records), list(persons)
    found = set[UUID]()
    if any(asked):
        for record, person, sealed in await store.identities(session, *asked):
            if is_minor(vault.unseal(record, sealed), day):
                found |= {record} if person is None else {record, person}
    return found
