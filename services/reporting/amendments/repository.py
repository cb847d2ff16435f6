"""Amendments in the database, and the event of a confirmed one in the same transaction."""

from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import func
from sqlmodel import col, select

from contracts.events.calendars import DaysOffChange
from reference import DayChange, DayKind
from services.chassis.persistence import About, AsyncSession, Origin, append, outbox_event, raw
from services.chassis.runtime import lock_key
from services.reporting.amendments.domain import DAYS_OFF, Amendment, Decision, Verdict
from services.reporting.amendments.tables import AmendmentTable

PAGE = 100
_VERDICTS: dict[str, Verdict] = {"confirmed": "confirm", "rejected": "reject", "withdrawn": "withdraw"}
_KIND: TypeAdapter[DayKind] = TypeAdapter(DayKind)
_ONE_BY_ONE = lock_key("amendments")
_SUBJECT = "days-off"


async def lock(session: AsyncSession) -> None:
    """Wait until no other transaction proposes or decides: what one sees of the rules must still hold when it is stored."""
    await (await raw(session)).execute("SELECT pg_advisory_xact_lock(%s)", (_ONE_BY_ONE,))


async def find(session: AsyncSession, amendment: UUID) -> Amendment | None:
    """Return an amendment."""
    row = await session.get(AmendmentTable, amendment)
    return None if row is None else _amendment(row)


async def waiting(session: AsyncSession, change: DayChange, by: str) -> Amendment | None:
    """Return the person's own proposal of the same change that waits for its decision."""
    asked = select(AmendmentTable).where(
        AmendmentTable.rule_table == DAYS_OFF,
        AmendmentTable.state == "proposed",
        AmendmentTable.kind == change.kind,
        AmendmentTable.first == change.first,
        AmendmentTable.last == change.last,
        AmendmentTable.proposed_by == by,
    )
    row = (await session.exec(asked)).one_or_none()
    return None if row is None else _amendment(row)


async def newest(session: AsyncSession, before: UUID | None = None) -> list[Amendment]:
    """Return a page of amendments, the newest first."""
    asked = select(AmendmentTable).order_by(col(AmendmentTable.id).desc()).limit(PAGE)
    if before is not None:
        asked = asked.where(col(AmendmentTable.id) < before)
    return [_amendment(row) for row in (await session.exec(asked)).all()]


async def following_number(session: AsyncSession) -> int:
    """Return the number of the next confirmation."""
    greatest = await session.exec(
        select(func.max(AmendmentTable.number)).where(AmendmentTable.rule_table == DAYS_OFF)
    )
    return (greatest.one() or 0) + 1


async def save(session: AsyncSession, amendment: Amendment) -> None:
    """Write an amendment, new or decided."""
    done = amendment.decision
    await session.merge(
        AmendmentTable(
            id=amendment.id,
            rule_table=DAYS_OFF,
            kind=amendment.change.kind,
            first=amendment.change.first,
            last=amendment.change.last,
            reason=amendment.reason,
            proposed_by=amendment.proposed_by,
            proposed_from=amendment.proposed_from,
            proposed_at=amendment.proposed_at,
            state=amendment.state,
            decided_by=None if done is None else done.by,
            decided_from=None if done is None else done.unit,
            decided_at=None if done is None else done.at,
            decided_because=(done.reason or None) if done is not None else None,
            number=amendment.number,
        )
    )
    await session.flush()


async def publish(
    session: AsyncSession, amendment: Amendment, decision: Decision, number: int, origin: Origin, event: UUID
) -> None:
    """Add the event of a confirmed amendment to the transaction; it names nobody, and its reason stays here."""
    change = amendment.change
    data = DaysOffChange(kind=change.kind, first=change.first, last=change.last)
    about = About(_SUBJECT, _SUBJECT, decision.unit)
    made = outbox_event(
        "reporting.days_off.changed.v1",
        data,
        about,
        origin,
        event_id=event,
        sequence=number,
        at=decision.at,
        on=change.first,
        recorded_at=decision.at,
    )
    await append(session, [made])


def _amendment(row: AmendmentTable) -> Amendment:
    return Amendment(
        row.id,
        DayChange(_KIND.validate_python(row.kind), row.first, row.last),
        row.reason,
        row.proposed_by,
        row.proposed_from,
        row.proposed_at,
        _decision(row),
        row.number,
    )


def _decision(row: AmendmentTable) -> Decision | None:
    if row.decided_at is None or row.decided_by is None or row.decided_from is None:
        return None
    return Decision(
        _VERDICTS[row.state], row.decided_by, row.decided_from, row.decided_at, row.decided_because or ""
    )
