"""Read the stored rows of the numbers in a batch, by one statement."""

from collections.abc import Sequence
from datetime import date

from services.chassis.persistence import AsyncSession, raw
from services.registers import Row
from services.registry.timeline.domain import Number, Statement
from services.registry.timeline.form import CURRENT, entries_of, statements_of

# OFFSET 0 makes PostgreSQL look up each number in the index; merged into one join, a new table without statistics would be
# read whole. A reference belongs to one form, so the form need not be in the condition.
_ROWS = """
SELECT wanted.unit, wanted.number, found.status, found.status_from, found.presence, found.removed_on
FROM unnest(%s::text[], %s::text[]) AS wanted (unit, number)
CROSS JOIN LATERAL (
    SELECT ref FROM person_ref
    WHERE form = 'registry' AND person_ref.unit = wanted.unit AND person_ref.number = wanted.number OFFSET 0
) AS person
CROSS JOIN LATERAL (
    SELECT content->>'status' AS status, (content->>'status_from')::date AS status_from,
           content->>'presence' AS presence, (content->>'removed_on')::date AS removed_on
    FROM record WHERE record.person_ref = person.ref AND NOT voided OFFSET 0
) AS found
"""


async def prepare(session: AsyncSession, rows: Sequence[Row]) -> None:
    """Compute what each new row of the batch reports, and store it for the milestones of the form."""
    batch = statements_of(rows)
    CURRENT.set(entries_of(batch, await known_statements(session, list(batch)) if batch else {}))


async def known_statements(
    session: AsyncSession, numbers: Sequence[Number]
) -> dict[Number, dict[date, Statement]]:
    """Return the rows in force of each number, by the day on which they start; numbers without any are left out."""
    connection = await raw(session)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            _ROWS, ([unit for unit, _ in numbers], [number for _, number in numbers]), prepare=False
        )
        rows = await cursor.fetchall()
    found: dict[Number, dict[date, Statement]] = {}
    for unit, number, status, status_from, presence, removed_on in rows:
        statement = Statement(status, status_from, presence, removed_on)
        found.setdefault((unit, number), {})[status_from] = statement
    return found
