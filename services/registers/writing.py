"""From decided rows to stored records, history and outbox events."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.chassis.persistence import AsyncSession, outbox
from services.chassis.runtime import Clock, NewId
from services.registers import decide as deciding
from services.registers import search_index, store
from services.registers.another import Who
from services.registers.decisions import (
    Entry,
    Inserted,
)
from services.registers.entries import first_spellings
from services.registers.hashing import HashAll, hash_persons
from services.registers.numbering import Numbering
from services.registers.numbers import load
from services.registers.older import is_older
from services.registers.outcomes import OutcomeWriter, RowOutcome, Writes
from services.registers.register import Register
from services.registers.row import Row
from services.registers.secrets import Vault
from services.registers.sight import Sight
from services.registers.standing import Standing
from services.registers.store import Head, NewRecord, Place, Version
from services.registers.threads import Known, Thread, mark_minors

_SLICE = 100


class Writer:
    """Decides and writes the valid rows of one batch."""

    def __init__(
        self,
        register: Register,
        vault: Vault,
        hash_all: HashAll | None,
        new_id: NewId,
        clock: Clock,
        sight: Sight,
        outcome_writer: OutcomeWriter,
        numbering: Numbering,
        *,
        replace: bool = False,
        show_changes: bool = False,
    ) -> None:
        self._register = register
        self._form = register.form
        self._vault = vault
        self._hash_all = hash_all
        self._new_id = new_id
        self._clock = clock
        self._sight = sight
        self._outcome_writer = outcome_writer
        self._numbering = numbering
        self._replace = replace
        self._show_changes = show_changes

    async def apply(
        self,
        session: AsyncSession,
        entries: Sequence[tuple[Row, Entry]],
        standing: Standing,
    ) -> list[RowOutcome]:
        """Lock, look up, decide, write; return the rows' outcomes in order. A dry run neither locks nor writes.

        ``standing`` has the records that were looked up under the same lock before.

        Raises:
            HashingUnreachableError: older versions of people are told again, and the hashing process does not answer.
        """
        if not entries:
            return []
        dry_run = self._sight.trial
        if not dry_run:
            await store.lock(session, self._form.name, {row.unit for row, _ in entries})
        writes = Writes()
        now = self._clock()  # after the lock, so that record times follow the order of the hand-ins
        heads = await self._heads(session, entries, standing)
        entries = list(first_spellings(entries, heads, self._vault))
        threads, writes.refs = await self._threads(session, entries, heads, standing.hidden, now)
        await mark_minors(session, threads.values(), self._sight, shown=self._show_changes)
        await self._hash_again(threads.values())
        outcomes: list[RowOutcome] = []
        positions: dict[Place, int] = {}
        for index, (row, entry) in enumerate(entries):
            place = (row.unit, row.key)
            thread = threads[place]
            position = positions[place] = positions.get(place, -1) + 1
            outcomes.append(
                self._outcome_writer.settle(row, entry, thread, thread.decisions[position], now, writes)
            )
            # A batch of thousands of rows must not keep other requests waiting until its end.
            if index % _SLICE == _SLICE - 1:
                await asyncio.sleep(0)
        if not dry_run:
            await self._write(session, threads, writes)
        return outcomes

    async def _heads(
        self, session: AsyncSession, entries: Sequence[tuple[Row, Entry]], standing: Standing
    ) -> dict[Place, Head]:
        heads = {place: head for place, head in standing.heads.items() if head is not None}
        unknown = list({row.place for row, _ in entries} - standing.heads.keys())
        return heads | (await store.heads(session, self._form.name, unknown) if unknown else {})

    async def _threads(
        self,
        session: AsyncSession,
        entries: Sequence[tuple[Row, Entry]],
        heads: Mapping[Place, Head],
        hidden: Collection[Place],
        now: datetime,
    ) -> tuple[dict[Place, Thread], dict[Place, UUID]]:
        """Decide the rows of each key; return their threads, and the references that are new."""
        chains: dict[Place, list[Entry]] = {}
        for row, entry in entries:
            chains.setdefault(row.place, []).append(entry)
        # Only a key that comes more than once and an older page need the history; else the last version is enough.
        several = [
            heads[place].record_id
            for place, chain in chains.items()
            if place in heads
            and (len(chain) > 1 or any(is_older(entry, heads[place].state) for entry in chain))
        ]
        histories = await store.histories(session, several) if several else {}
        people = self._numbers(entries, heads)
        numbers = await load(
            session, self._sight, list({number for _, each in people.values() for number in each})
        )
        threads: dict[Place, Thread] = {}
        for place, chain in chains.items():
            head = heads.get(place)
            number = numbers.choose(*people[place]) if place in people else None
            stored = [] if head is None else [*histories.get(head.record_id, ()), head.version]
            person = None if number is None else numbers.standing.get(number)
            threads[place] = thread = self._thread(
                place, head, stored, chain, person, now, hidden=place in hidden
            )
            if number is not None:
                numbers.enter(number, chain, thread.decisions)
            if self._form.identity and thread.person_ref is None:
                # Where no number names a person, each record is a person of its own.
                own = thread.record_id if number is None else numbers.ref(number, self._new_id)
                thread.person_ref = own
        return threads, numbers.fresh

    def _numbers(
        self, entries: Sequence[tuple[Row, Entry]], heads: Mapping[Place, Head]
    ) -> dict[Place, tuple[Row, tuple[Place, ...]]]:
        """Return a row of each new or withdrawn record with the numbers that its person may have, by the records' places."""
        if not self._form.person_key:
            return {}
        return {
            row.place: (row, self._numbering.numbers_of(row))
            for row, _ in entries
            if row.place not in heads or heads[row.place].state.voided
        }

    def _thread(
        self,
        place: Place,
        head: Head | None,
        stored: list[Version],
        chain: list[Entry],
        person: Who | None,
        now: datetime,
        *,
        hidden: bool,
    ) -> Thread:
        if hidden:
            stored = [replace(version, state=version.state.without_identity) for version in stored]
            chain = [replace(entry, digest=entry.digest.without_identity) for entry in chain]
        known = Known(self._form, self._vault, stored, chain, person)
        decisions = deciding.decide_all(
            self._register,
            [version.state for version in stored],
            chain,
            now,
            deciding.never_another if self._replace or hidden else known.is_another,
        )
        if head is None:
            return Thread(place, self._new_id(), None, 0, None, None, decisions, known)
        state, area = stored[-1].state, head.version.area
        return Thread(
            place,
            head.record_id,
            head.person_ref,
            state.sequence,
            area,
            state,
            decisions,
            known,
            hidden=hidden,
        )

    async def _hash_again(self, threads: Iterable[Thread]) -> None:
        """Prepare the rows of the versions that are told again after an older page: they need their persons' keys."""
        for thread in threads:
            if thread.hidden:
                continue
            for decision in thread.decisions:
                if isinstance(decision, Inserted):
                    thread.again |= {
                        state.sequence: thread.known.revived(state)
                        for state in decision.again
                        if not state.voided
                    }
        # While the lock is held, unlike the batch's own rows, since only now is it known which versions they are.
        await hash_persons([row for thread in threads for row in thread.again.values()], self._hash_all)

    async def _write(self, session: AsyncSession, threads: dict[Place, Thread], writes: Writes) -> None:
        fresh, changed = [], []
        for thread in threads.values():
            if thread.latest is None:
                continue
            if thread.was:
                changed.append((thread.was, thread.latest))
            else:
                unit, key = thread.place
                fresh.append(NewRecord(self._form.name, unit, key, thread.person_ref, thread.latest))
        await store.add_person_refs(session, self._form.name, writes.refs)
        await store.add_records(session, fresh)
        await store.replace_records(session, changed)
        await store.add_versions(session, writes.versions)
        await store.add_reasons(session, writes.reasons)
        if self._form.searched:
            await search_index.put(session, self._form.name, self._vault, _found_by(threads.values()))
        await outbox.append(session, writes.events)


def _found_by(threads: Iterable[Thread]) -> list[search_index.Fresh]:
    return [
        search_index.Fresh(each.record_id, *each.place, each.tokens, whole=not each.was)
        for each in threads
        if each.latest is not None
    ]
