"""Who looked at a unit's people: every identity that another unit has read, for the unit itself to see and to question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from services.chassis.audit.tables import LookQuestionRow, LookRow
from services.chassis.persistence import AsyncSession
from services.chassis.security import Principal


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, how and what for: the form, the listed purpose, the request's correlation id, the moment."""

    form: str
    purpose: str
    correlation: str
    at: datetime


async def note_looks(
    session: AsyncSession, caller: Principal, looked: Mapping[str, int], reading: Reading, ids: Sequence[UUID]
) -> None:
    """Write down how many identities of each unit the caller has read; a clerk's work with the own unit's is not a look.

    What an official of the unit reads under conditions is: an export, people under 18.

    ``looked`` counts by unit; ``ids`` are as many new ids (ascending with time). In the transaction of the read: nothing
    is answered that is not written down.
    """
    daily = caller.unit if caller.role == "clerk" else ""
    others = [(unit, count) for unit, count in sorted(looked.items()) if count and unit != daily]
    session.add_all(
        LookRow(
            id=look,
            at=reading.at,
            of_unit=unit,
            subject=caller.subject,
            unit=caller.unit,
            role=caller.role,
            form=reading.form,
            identities=count,
            purpose=reading.purpose,
            correlation=reading.correlation,
        )
        # Not strict: the own unit's work is left out, so there may be more ids than rows.
        for look, (unit, count) in zip(ids, others, strict=False)
    )
    await session.flush()


async def looks_at(session: AsyncSession, unit: str, before: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Return the looks at a unit's people, the last one first; at anybody's where ``unit`` is empty."""
    asked = select(func.count()).where(col(LookQuestionRow.look) == col(LookRow.id)).scalar_subquery()
    wanted = select(LookRow, asked).order_by(col(LookRow.id).desc()).limit(limit)
    if unit:
        wanted = wanted.where(LookRow.of_unit == unit)
    if before is not None:
        wanted = wanted.where(col(LookRow.id) < before)
    return [{**look.model_dump(), "questions": count} for look, count in await session.exec(wanted)]


async def unit_looked_at(session: AsyncSession, look: UUID) -> str | None:
    """Return whose people a look was at; None where there is no such look."""
    found = await session.get(LookRow, look)
    return None if found is None else found.of_unit


async def question(
    session: AsyncSession, look: UUID, caller: Principal, reason: str, at: datetime, new_id: UUID
) -> None:
    """Write down that a look is questioned, by whom and why."""
    session.add(
        LookQuestionRow(id=new_id, look=look, at=at, subject=caller.subject, unit=caller.unit, reason=reason)
    )
    await session.flush()


async def questions(session: AsyncSession, limit: int) -> list[dict[str, Any]]:
    """Return the questions with the looks that they are about, the last one first."""
    of = select(LookQuestionRow, LookRow).join(LookRow, col(LookRow.id) == col(LookQuestionRow.look))
    wanted = of.order_by(col(LookQuestionRow.id).desc()).limit(limit)
    return [
        {
            **asked.model_dump(),
            "looked_at": look.at,
            "looked_by": look.subject,
            "looking_unit": look.unit,
            "form": look.form,
            "identities": look.identities,
            "purpose": look.purpose,
        }
        for asked, look in await session.exec(wanted)
    ]
