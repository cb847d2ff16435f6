"""Who looked at a unit's people: every identity that another unit has read, for the unit itself to see and to question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.security import Principal

_ADD = text(
    "INSERT INTO look (id, at, of_unit, subject, unit, role, form, identities, purpose, correlation)"
    " VALUES (:id, :at, :of_unit, :subject, :unit, :role, :form, :identities, :purpose, :correlation)"
)
_LISTED = text(
    "SELECT l.id, l.at, l.of_unit, l.subject, l.unit, l.role, l.form, l.identities, l.purpose,"
    " (SELECT count(*) FROM look_question q WHERE q.look = l.id) AS questions FROM look l"
    " WHERE (:unit = '' OR l.of_unit = :unit)"
    " AND (CAST(:before AS uuid) IS NULL OR l.id < CAST(:before AS uuid)) ORDER BY l.id DESC LIMIT :limit"
)
_QUESTIONED = text(
    "SELECT q.id, q.look, q.at, q.subject, q.unit, q.reason, l.at AS looked_at, l.subject AS looked_by,"
    " l.unit AS looking_unit, l.form, l.identities, l.purpose"
    " FROM look_question q JOIN look l ON l.id = q.look ORDER BY q.id DESC LIMIT :limit"
)


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
    """Write down how many identities of each unit the caller has read; those of its own unit are not a look.

    ``looked`` counts by unit; ``ids`` are as many new ids (ascending with time). In the transaction of the read: nothing
    is answered that is not written down.
    """
    others = [(unit, count) for unit, count in sorted(looked.items()) if count and unit != caller.unit]
    for look, (unit, count) in zip(ids, others, strict=False):
        await session.execute(
            _ADD,
            {
                "id": look,
                "at": reading.at,
                "of_unit": unit,
                "subject": caller.subject,
                "unit": caller.unit,
                "role": caller.role,
                "form": reading.form,
                "identities": count,
                "purpose": reading.purpose,
                "correlation": reading.correlation,
            },
        )


async def looks_at(session: AsyncSession, unit: str, before: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Return the looks at a unit's people, the last one first; at anybody's where ``unit`` is empty."""
    given = {"unit": unit, "before": before, "limit": limit}
    return [dict(row) for row in (await session.execute(_LISTED, given)).mappings()]


async def unit_looked_at(session: AsyncSession, look: UUID) -> str | None:
    """Return whose people a look was at; None where there is no such look."""
    found = await session.scalar(text("SELECT of_unit FROM look WHERE id = :look"), {"look": look})
    return None if found is None else str(found)


async def question(
    session: AsyncSession, look: UUID, caller: Principal, reason: str, at: datetime, new_id: UUID
) -> None:
    """Write down that a look is questioned, by whom and why."""
    await session.execute(
        text(
            "INSERT INTO look_question (id, look, at, subject, unit, reason)"
            " VALUES (:id, :look, :at, :subject, :unit, :reason)"
        ),
        {
            "id": new_id,
            "look": look,
            "at": at,
            "subject": caller.subject,
            "unit": caller.unit,
            "reason": reason,
        },
    )


async def questions(session: AsyncSession, limit: int) -> list[dict[str, Any]]:
    """Return the questions with the looks that they are about, the last one first."""
    return [dict(row) for row in (await session.execute(_QUESTIONED, {"limit": limit})).mappings()]
