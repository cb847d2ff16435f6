"""Put the chronology of a person together, of each record as much as the caller reads of it or learns by the authority table."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fastapi import Request

from services.chassis.http import guards_met, platform_of, read_known_at
from services.chassis.persistence import AsyncSession
from services.chassis.problems import Fault, Problem
from services.chassis.security import Principal, told_as
from services.registry.chronology.domain import (
    Entry,
    Milestone,
    Stated,
    beliefs,
    in_order,
    of_register_row,
    of_shared,
)
from services.registry.chronology.queries import RecordVersion, versions_of
from services.registry.index import (
    DETOX,
    DUTY,
    POST_DETOX,
    IndexedRecord,
    LinkedReference,
    LookedUp,
    SharedValues,
    look_up,
    ties,
)

_REGISTRY = "registry"


@dataclass(frozen=True, slots=True)
class Chronology:
    """What is told of a person: as known at ``known_at``, or with all that was believed before (``history``)."""

    ref: UUID
    known_at: datetime
    entries: list[Entry]


async def chronology(
    request: Request,
    session: AsyncSession,
    caller: Principal,
    ref: UUID,
    known_at: str,
    *,
    history: bool,
) -> Chronology:
    """Return what units state, or stated at an instant, of the person, as far as the caller may see it now.

    ``known_at`` is a day, which means its end, or an instant; empty for now. With ``history`` everything is told that was
    ever believed until then. Rights, ties and links are those of today: what an agency once believed is told to whoever learns of the
    record now.

    Raises:
        Problem: 422 for a ``known_at`` that is none or to come; else as `look_up`.
    """
    now = platform_of(request).clock()
    instant = read_known_at(known_at, now) if known_at else now
    if isinstance(instant, Fault):
        raise Problem.invalid([instant])
    looked = await look_up(request, session, caller, ref)
    reader = _Reader.of(looked, guards_met(request, caller))
    records: dict[UUID, list[RecordVersion]] = defaultdict(list)
    for version in await versions_of(session, reader.refs, now):
        records[version.record].append(version)
    entries = [
        entry
        for versions in records.values()
        for entry in reader.entries(versions)
        if entry.belief.at(instant) or (history and entry.belief.known_from <= instant)
    ]
    return Chronology(ref, instant, in_order(entries))


@dataclass(frozen=True, slots=True)
class _Reader:
    """What one caller sees of the records of a person; of ``refs`` it sees something."""

    looked: LookedUp
    met: frozenset[str]
    refs: frozenset[UUID]

    @classmethod
    def of(cls, looked: LookedUp, met: frozenset[str]) -> "_Reader":
        """Return the reader of a person who was looked up, with the guards that are met."""
        visible = {(each.ref, each.form) for each in looked.visible}
        detoxes = [each for each in looked.found if each.form == DETOX and (each.ref, DETOX) in visible]
        # Management after detox is told with a detox that is told, whether or not its own record shows.
        told = any(
            DUTY in _columns(looked, each, record, DETOX) for each in detoxes for record in each.records
        )
        duties = {each.ref for each in looked.found if told and each.form == POST_DETOX}
        return cls(looked, met, frozenset({ref for ref, _ in visible} | duties))

    def entries(self, versions: Sequence[RecordVersion]) -> list[Entry]:
        """Return the entries of one record, whose versions these are."""
        last = versions[-1]
        form, unit = last.form, last.indexed.unit
        if self.looked.rights.reads(form, unit, *self.met):
            stated = [self._stated(each, _own_milestones(each)) for each in versions]
            return [Entry(belief, unit, last.record) for belief in beliefs(stated)]
        # A record that was withdrawn, or turned out to be of somebody else, tells others nothing any more.
        standing = self._learned(last)
        if last.ref not in self.refs or not standing:
            return []
        told = [self._stated(each, self._shown(each, standing & self._learned(each))) for each in versions]
        return [Entry(belief, None, None) for belief in beliefs(told)]

    def _stated(self, version: RecordVersion, milestones: tuple[Milestone, ...]) -> Stated:
        # A version about somebody else, or a withdrawal, states nothing of this person.
        about = milestones if version.ref in self.refs else ()
        return Stated(version.sequence, version.recorded_at, about)

    def _learned(self, version: RecordVersion) -> frozenset[str]:
        """Return the columns of this version that the authority table lets the caller know, by ties of its records of today."""
        after_detox = version.form == POST_DETOX
        known = frozenset[str]()
        for other in self.looked.found:
            if other.ref == version.ref and other.form == version.form:
                form = DETOX if after_detox else version.form
                known |= _columns(self.looked, other, version.indexed, form)
        return known & {DUTY} if after_detox else known - {DUTY}

    def _shown(self, version: RecordVersion, columns: frozenset[str]) -> tuple[Milestone, ...]:
        return of_shared(
            version.form, _listed(version.form, version.indexed.shared, columns, self.looked.rights.day)
        )


def _columns(looked: LookedUp, other: LinkedReference, record: IndexedRecord, form: str) -> frozenset[str]:
    return looked.rights.learns(form, (record.unit,), ties(looked.rights, looked.found, other, record))


def _own_milestones(version: RecordVersion) -> tuple[Milestone, ...]:
    """Return what a row says to who reads it: the row itself where this service keeps it, else what its event told."""
    if version.form == _REGISTRY and version.content is not None:
        return of_register_row(version.content)
    return of_shared(version.form, version.indexed.shared)


def _listed(form: str, shared: SharedValues, columns: frozenset[str], day: date) -> SharedValues:
    return {name: told_as(form, name, value, day) for name, value in shared.items() if name in columns}
