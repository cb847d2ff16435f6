"""``GET /v1/records/{record}``: the address of a record, for whoever reads it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.http import Caller, Problem, Work, guards_met
from services.chassis.persistence import UnitOfWork
from services.chassis.security import READ, Principal, nobody, reads_rows
from services.registers import store
from services.registers.engine import Intake
from services.registers.noting import note_reading
from services.registers.record_view import Step, View, named, view
from services.registers.rights import Rights
from services.registers.sight import Sight
from services.registers.store import Stored

MOST_NAMED = 500


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ChangedColumn(_Answer):
    """A column that a hand-in changed; null where it is blank."""

    field: str
    old: Any
    new: Any


class RecordStep(_Answer):
    """One hand-in of the record: what became of it, when the unit wrote it down, when and by whom it was handed in.

    ``changes`` has the columns that the caller may read, and none of the first hand-in. ``reason`` is why the record was
    withdrawn, null where nobody said; ``note`` the same in words, null where the caller does not read who the record is about.
    """

    step: Step
    sequence: int
    recorded_at: datetime
    handed_in_at: datetime
    handed_in_by: str
    changes: list[ChangedColumn]
    reason: str | None
    note: str | None


class RecordEvent(_Answer):
    """An event that the record left: topic, type, place in the record's order, when it was written and sent. No content."""

    topic: str
    type: str
    sequence: int
    recorded_at: datetime
    sent_at: datetime | None


class OtherRecord(_Answer):
    """Another record under the same number of a person."""

    record: UUID
    number: str
    voided: bool


class RecordSummary(_Answer):
    """What a record says as it stands.

    ``minor`` and ``person`` are null where the caller does not read who the record is about; then ``values`` is without
    these columns, too.
    """

    record: UUID
    form: str
    unit: str
    number: str
    sequence: int
    recorded_at: datetime
    voided: bool
    minor: bool | None
    person: UUID | None
    values: dict[str, Any]


class RecordAnswer(RecordSummary):
    """A record, its history in the order of its record times, other records of the person's number, and its events."""

    history: list[RecordStep]
    others: list[OtherRecord]
    events: list[RecordEvent]


class RecordIds(BaseModel):
    """Ids of records, as lists of checks and reconciliations have them."""

    model_config = ConfigDict(extra="forbid")

    records: list[UUID] = Field(max_length=MOST_NAMED)


class NamedRecord(_Answer):
    """What a record is called by. ``name`` is null where the caller does not read who it is about, or it is about nobody."""

    record: UUID
    form: str
    unit: str
    number: str
    voided: bool
    name: str | None


class NamedRecords(BaseModel):
    """The records of those asked for that the caller may know; the others are left out, like those that there are not."""

    records: list[NamedRecord]


async def record_as(
    request: Request, caller: Principal, work: UnitOfWork, intake: Intake, record: UUID
) -> View:
    """Return the record with its history as the caller may see it, and write down that its person was looked at.

    Raises:
        Problem: 403 for whose role reads no rows; 404 for a record that there is not or that the caller does not read.
    """
    met = tuple(guards_met(request, caller))
    async with work() as session:
        rights = await intake.rights(session, caller)
        check_reads_rows(intake, rights, met)
        stored = await store.at_address(session, record)
        register = None if stored is None else intake.registers.get(stored.form)
        # 404 to whoever does not read it: "you may not" would tell that there is such a record.
        if stored is None or register is None:
            raise Problem.not_found("record_unknown")
        sight = Sight(register.form, rights, intake.vault, met, reads=True)
        await sight.learn(session, [record])
        if not sight.sees(stored.unit, minor=record in sight.minors) & {"values", "identity"}:
            raise Problem.not_found("record_unknown")
        found = await view(session, stored, sight)
        await note_reading(request, session, caller, stored.form, sight.looked, "record")
        return found


def records_router(intake: Intake) -> APIRouter:
    """Return the routes of single records; `create_app` puts authentication before them."""
    router = APIRouter(prefix="/v1/records", tags=["registers"])

    @router.get("/{record}", operation_id="get_record")
    async def get_record(record: UUID, request: Request, caller: Caller, work: Work) -> RecordAnswer:
        found = await record_as(request, caller, work, intake, record)
        return RecordAnswer.model_validate(found)

    @router.post("/named", operation_id="name_records")
    async def name_records(asked: RecordIds, request: Request, caller: Caller, work: Work) -> NamedRecords:
        met = tuple(guards_met(request, caller))
        found = []
        async with work() as session:
            rights = await intake.rights(session, caller)
            _check_knows_rows(intake, rights)
            sights: dict[str, Sight] = {}
            for stored in await store.at_addresses(session, asked.records):
                register = intake.registers.get(stored.form)
                if register is None or not _may_be_named(rights, stored, met):
                    continue
                if stored.form not in sights:
                    sights[stored.form] = Sight(register.form, rights, intake.vault, met, reads=True)
                    await sights[stored.form].learn(session, asked.records)
                found.append(named(stored, sights[stored.form]))
            for form, sight in sights.items():
                await note_reading(request, session, caller, form, sight.looked, "list")
        return NamedRecords(records=[NamedRecord.model_validate(each) for each in found])

    return router


def _may_be_named(rights: Rights, stored: Stored, met: tuple[str, ...]) -> bool:
    """Return whether the caller reads the record, or sees it in lists, for which a purpose is stated."""
    if rights.reads_any(stored.form, stored.unit, *met):
        return True
    return "purpose" in met and rights.knows(stored.form, stored.unit)


def _check_knows_rows(intake: Intake, rights: Rights) -> None:
    """Refuse (403) whose role knows of no rows, whatever guards are met."""
    role, day = rights.actor.role, rights.day
    if not reads_rows(role, day, "purpose", "step_up"):
        raise Problem.refused(nobody(READ, next(iter(intake.registers)), day), "unit_scope")


def check_reads_rows(intake: Intake, rights: Rights, met: tuple[str, ...]) -> None:
    """Refuse (403) whose role reads no rows with the guards that are met, before anything is looked up."""
    role, day = rights.actor.role, rights.day
    if not reads_rows(role, day, *met):
        raise Problem.refused(nobody(READ, next(iter(intake.registers)), day), "unit_scope")
