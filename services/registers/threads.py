"""The rows of one key in a batch, and the versions of the record that they are about."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.forms import Form
from services.chassis.persistence import AsyncSession
from services.registers.another import Who, is_another, is_doubtful, who_of
from services.registers.decisions import Decision, Entry
from services.registers.reading import is_minor
from services.registers.row import Row
from services.registers.secrets import Vault
from services.registers.sight import Sight
from services.registers.states import State
from services.registers.store import Place, Version


class Known:
    """Who or what the versions of one record are about: those that are stored, and those of the batch itself.

    ``person`` is whom the number stands for by other records, None where nobody is known under it. ``conflicts`` is what
    stood when a row turned out to be about another case or person, by the entry's id; ``doubts`` when it may well be.
    """

    def __init__(
        self,
        form: Form,
        vault: Vault,
        stored: Sequence[Version],
        chain: Sequence[Entry],
        person: Who | None = None,
    ) -> None:
        self._form, self._vault, self.stored, self._person = form, vault, stored, person
        self._rows = {entry.digest.identity: entry.row for entry in chain if entry.row is not None}
        self.conflicts: dict[int, Who] = {}
        self.doubts: dict[int, Who] = {}

    @property
    def rows(self) -> Iterable[Row]:
        """Return the batch's rows of the key, one of each identity."""
        return self._rows.values()

    def is_another(self, state: State | None, entry: Entry) -> bool:
        """Return whether the entry is plainly about another case or person than the state, or than the number stands for."""
        if entry.row is None or not self._form.apart:
            return False
        standing = self._person if state is None else who_of(self.revived(state))
        if standing is None:
            return False
        found = is_another(self._form, standing, who_of(entry.row))
        if found:
            self.conflicts[id(entry)] = standing
        elif state is not None and is_doubtful(self._form, standing, who_of(entry.row)):
            self.doubts[id(entry)] = standing
        return found

    def revived(self, state: State) -> Row:
        """Return the row that a state was made from, with its identity columns."""
        return Row.stored(self._form, self.said(state))

    def said(self, state: State) -> Mapping[str, Any]:
        """Return what a state says, with who it is about."""
        return {**state.content, **self._identity(state)}

    def handed_in(self, state: State) -> tuple[datetime, str] | None:
        """Return when and by whom a version was handed in; None for one of the batch itself."""
        for version in self.stored:
            if version.state == replace(state, sequence=version.state.sequence):
                return version.handed_in_at, version.handed_in_by
        return None

    def _identity(self, state: State) -> dict[str, Any]:
        row = self._rows.get(state.digest.identity)
        if row is not None:
            return row.identity()
        for version in self.stored:
            if version.identity is not None and version.state.digest.identity == state.digest.identity:
                return self._vault.unseal(version.record_id, version.identity)
        return {}


@dataclass(slots=True)
class Thread:
    """The rows of one key in a batch, and the record that they are about. ``was`` is its stored sequence.

    ``standing`` is what the record says before the next row, None while it does not exist; ``latest`` is the version to be
    stored as the one that stands. ``again`` are rows of versions that are told again, by sequence. ``hidden``: the answer
    must not depend on who the person is; ``minor``: by any version, of the store or of the batch, the person is under 18.
    ``row`` is the number of the row of the batch that was written last, None before the first. ``tokens`` are those by which the record is found (`services.registers.blind_index`).
    """

    place: Place
    record_id: UUID
    person_ref: UUID | None
    was: int
    area: str | None
    standing: State | None
    decisions: list[Decision]
    known: Known
    latest: Version | None = None
    again: dict[int, Row] = field(default_factory=dict)
    hidden: bool = False
    minor: bool = False
    row: int | None = None
    tokens: set[int] = field(default_factory=set)


async def mark_minors(
    session: AsyncSession, threads: Collection[Thread], sight: Sight, *, shown: bool
) -> None:
    """Mark who is under 18 by any version, stored or of the batch: one row makes nobody older for the next one's answer.

    Only of threads whose people the answer may show: all where changes are ``shown``, else those with a number in use
    or in doubt.
    """
    asked = [thread for thread in threads if shown or thread.known.conflicts or thread.known.doubts]
    if not sight.form.identity or not asked:
        return
    persons = [thread.person_ref for thread in asked if thread.person_ref is not None]
    await sight.learn(session, [thread.record_id for thread in asked], persons)
    for thread in asked:
        stored = not sight.minors.isdisjoint((thread.record_id, thread.person_ref))
        said = (is_minor(row.identity(), sight.rights.day) for row in thread.known.rows)
        thread.minor = stored or any(said)
