"""One record with all that is known of it: values, history, other records of the person, and what events left.

Everything is told by the rights of the caller over the unit's records; of a record that the caller does not read the answer
is the same as of one that there is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson

from contracts.forms import Form
from services.chassis.persistence import AsyncSession, raw
from services.registers import store
from services.registers.changes import Change, changes
from services.registers.reading import with_codes
from services.registers.record_keys import number_shown
from services.registers.secrets import Vault
from services.registers.sight import Sight
from services.registers.store import Stored, Version
from services.registers.withdrawal_notes import read_note

Step = Literal["entered", "corrected", "withdrawn", "restored"]


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One version of a record: what became of the record, when its row was written and handed in, by whom, and what changed.

    ``changes`` has only columns that the caller may read, and none of the first version. ``reason`` is why it was withdrawn,
    where somebody said so, and ``note`` the same in words, for whoever reads who the record is about.
    """

    step: Step
    sequence: int
    recorded_at: datetime
    handed_in_at: datetime
    handed_in_by: str
    changes: list[Change]
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SentEvent:
    """An event about the record: on which topic, which, when, in which place; nothing of what it says."""

    topic: str
    type: str
    sequence: int
    recorded_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another record of the same person in the unit's register."""

    record: UUID
    number: str
    voided: bool


@dataclass(frozen=True, slots=True)
class Named:
    """What a list calls a record by: its number, and the name of its person for who may read that."""

    record: UUID
    form: str
    unit: str
    number: str
    voided: bool
    name: str | None


@dataclass(frozen=True, slots=True)
class View:
    """A record as the caller may see it. ``minor`` and ``person`` are None where the caller does not read who it is about."""

    record: UUID
    form: str
    unit: str
    number: str
    sequence: int
    recorded_at: datetime
    voided: bool
    minor: bool | None
    person: UUID | None
    values: Mapping[str, Any]
    history: list[HandedIn] = field(default_factory=list)
    others: list[Neighbour] = field(default_factory=list)
    events: list[SentEvent] = field(default_factory=list)


async def view(session: AsyncSession, stored: Stored, sight: Sight) -> View:
    """Return the record with its history, and count its person as looked at where the caller reads who it is.

    ``sight`` has learned whether it is of a minor.

    Raises:
        DecryptionFailedError: an identity is under a field key that is not configured any more.
    """
    head = stored.head
    shown = summary(stored, sight)
    sees = _sees(stored, sight)
    before = (await store.histories(session, [head.record_id])).get(head.record_id, [])
    reasons = await store.reasons_of(session, head.record_id)
    return replace(
        shown,
        history=[
            _reasoned(sight, head.record_id, each, reasons.get(each.sequence), sees)
            for each in history(sight.form, sight.vault, [*before, head.version], sees)
        ],
        others=await _others(session, sight.form, stored),
        events=await events_of(session, head.record_id),
    )


def _reasoned(
    sight: Sight, record: UUID, step: HandedIn, said: tuple[str, bytes | None] | None, sees: frozenset[str]
) -> HandedIn:
    if said is None:
        return step
    reason, sealed = said
    # Words may name the person: they are told to whoever reads who that is.
    told = not sight.form.identity or "identity" in sees
    return replace(step, reason=reason, note=read_note(sight.vault, record, sealed) if told else None)


def summary(stored: Stored, sight: Sight) -> View:
    """Return what the record says as it stands, without its history; ``sight`` has learned whether it is of a minor."""
    head, state = stored.head, stored.head.state
    knows = head.identity is not None and "identity" in _sees(stored, sight)
    if knows:
        sight.look_at(stored.unit, head.record_id, head.person_ref)
    may_know = head.identity is not None and "identity" in sight.sees(stored.unit, minor=False)
    said = with_codes(sight.form, _said(sight.vault, head.version, identity=knows))
    return View(
        record=head.record_id,
        form=stored.form,
        unit=stored.unit,
        number=number_shown(sight.form, stored.key, state.content),
        sequence=state.sequence,
        recorded_at=state.recorded_at,
        voided=state.voided,
        minor=head.record_id in sight.minors if may_know else None,
        person=head.person_ref if knows else None,
        values={column.id: said[column.id] for column in sight.form.columns if column.id in said},
    )


def history(
    form: Form, vault: Vault, versions: Sequence[Version], sees: frozenset[str]
) -> Iterator[HandedIn]:
    """Yield the versions in the order of their record times: an older page stands where it belongs.

    Versions that were only told again after an older page say nothing new and are left out.
    """
    identity = "identity" in sees
    ordered = sorted(versions, key=lambda each: (each.state.recorded_at, each.state.sequence))
    before: Version | None = None
    standing: Mapping[str, Any] | None = None
    for version in ordered:
        if before is not None and _told_again(before, version):
            continue
        state = version.state
        said = standing if state.voided else _said(vault, version, identity=identity)
        # A withdrawal changes no value; what a row enters again is compared with what was withdrawn.
        changed = [] if standing is None or said is None else list(changes(form, 0, standing, said, sees))
        yield HandedIn(
            _step(before, version),
            state.sequence,
            state.recorded_at,
            version.handed_in_at,
            version.handed_in_by,
            changed,
        )
        before, standing = version, said


def named(stored: Stored, sight: Sight) -> Named:
    """Return what a list calls the record by, and count its person as looked at where the name is told."""
    head, name = stored.head, None
    minor = head.record_id in sight.minors
    if (
        sight.form.identity
        and head.identity is not None
        and "identity" in sight.sees(stored.unit, minor=minor)
    ):
        sight.look_at(stored.unit, head.record_id, head.person_ref)
        name = sight.vault.unseal(head.record_id, head.identity).get("full_name")
    number = number_shown(sight.form, stored.key, head.state.content)
    return Named(head.record_id, stored.form, stored.unit, number, head.state.voided, name)


async def events_of(session: AsyncSession, record: UUID) -> list[SentEvent]:
    """Return the events about a record in the order of their sequences."""
    connection = await raw(session)
    found = await connection.execute(
        "SELECT topic, payload, sequence, recorded_at, sent_at FROM outbox WHERE subject = %s AND payload IS NOT NULL"
        " ORDER BY sequence, id",
        (str(record),),
    )
    return [
        SentEvent(topic, orjson.loads(payload)["type"], sequence, recorded_at, sent_at)
        for topic, payload, sequence, recorded_at, sent_at in await found.fetchall()
    ]


async def _others(session: AsyncSession, form: Form, stored: Stored) -> list[Neighbour]:
    person = stored.head.person_ref
    # One number names one person within the unit alone, so these are the unit's own records, with the same number.
    if not form.person_key or person is None:
        return []
    found = await store.of_person(session, person)
    return [
        Neighbour(
            each.head.record_id, number_shown(form, each.key, each.head.state.content), each.head.state.voided
        )
        for each in found
        if each.head.record_id != stored.head.record_id
    ]


def _told_again(before: Version, version: Version) -> bool:
    """Return whether it is the same hand-in once more, under a later sequence."""
    return version == replace(
        before,
        state=replace(before.state, sequence=version.state.sequence),
        identity=version.identity,
        area=version.area,
    )


def _step(before: Version | None, version: Version) -> Step:
    if before is None:
        return "entered"
    if version.state.voided:
        return "withdrawn"
    return "restored" if before.state.voided else "corrected"


def _said(vault: Vault, version: Version, *, identity: bool) -> dict[str, Any]:
    if not identity or version.identity is None:
        return dict(version.state.content)
    return {**version.state.content, **vault.unseal(version.record_id, version.identity)}


def _sees(stored: Stored, sight: Sight) -> frozenset[str]:
    # Whoever reads identities alone reads the record's other values with them, as in a list of records.
    return sight.sees(stored.unit, minor=stored.head.record_id in sight.minors) | {"values"}
