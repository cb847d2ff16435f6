"""One number, one person: whom the numbers of a batch's rows stand for within their units.

Rows of one number share a reference, so that consumers know them for one person: a row with a date of its own that is
plainly about somebody else would make two people one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.chassis.persistence import AsyncSession
from services.chassis.runtime import NewId
from services.registers import store
from services.registers.another import Who, is_same_person, who_of
from services.registers.decisions import Accepted, Decision, Entry, Restored
from services.registers.row import Row
from services.registers.sight import Sight
from services.registers.store import Place


@dataclass(slots=True)
class Numbers:
    """References and people by number. ``fresh`` are the references that the batch itself gives.

    ``since`` is the own date of the record that each number was last used for.
    """

    refs: dict[Place, UUID] = field(default_factory=dict)
    standing: dict[Place, Who] = field(default_factory=dict)
    since: dict[Place, date] = field(default_factory=dict)
    fresh: dict[Place, UUID] = field(default_factory=dict)

    def choose(self, row: Row, numbers: Sequence[Place]) -> Place:
        """Return which of the numbers that its person may be known under a row means (`Numbering.numbers_of`).

        Where numbers begin anew each year: the number of the year under which this person is known already; else that
        of the row's own year, which may be somebody's whose number has no year yet.
        """
        if len(numbers) == 1:
            return numbers[0]
        who, plain, own = who_of(row), numbers[-1], row.own_day
        for number in numbers:
            if number in self.standing and is_same_person(self.standing[number], who):
                return number
        taken = plain in self.since and own is not None and self.since[plain].year == own.year
        return plain if taken and numbers[0] not in self.refs else numbers[0]

    def ref(self, number: Place, new_id: NewId) -> UUID:
        """Return the reference of the number, a new one where it has none."""
        if number not in self.refs:
            self.refs[number] = self.fresh[number] = new_id()
        return self.refs[number]

    def enter(self, number: Place, entries: Iterable[Entry], decisions: Iterable[Decision]) -> None:
        """Note whom the rows that were accepted under the number are about: later rows are compared with them."""
        for entry, decision in zip(entries, decisions, strict=True):
            if entry.row is not None and isinstance(decision, (Accepted, Restored)):
                self.standing[number] = who_of(entry.row)
                self.since[number] = decision.state.own_day


async def load(session: AsyncSession, sight: Sight, wanted: Sequence[Place]) -> Numbers:
    """Return what is known of these numbers: by the latest record of each that is not withdrawn.

    Nobody is known under a number of whose person the answer must tell nothing.
    """
    if not wanted:
        return Numbers()
    form, vault = sight.form, sight.vault
    refs = await store.person_refs(session, form.name, wanted)
    latest = await store.standing_of(session, list(refs.values())) if refs else {}
    if sight.reads:
        await sight.learn(session, persons=list(latest))
    found = Numbers(refs)
    for number, ref in refs.items():
        version = latest.get(ref)
        if version is not None and sight.look_at(number[0], ref):
            identity = {} if version.identity is None else vault.unseal(version.record_id, version.identity)
            found.standing[number] = who_of(Row.stored(form, {**version.state.content, **identity}))
            found.since[number] = version.state.own_day
    return found
