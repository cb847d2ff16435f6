"""Keep the steps of reports, and read them: of one report, and the last of each that is not approved yet."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from services.chassis.persistence import AsyncSession, raw
from services.reporting.documents.composing.domain import Step
from services.reporting.documents.composing.tables import ReportStepTable
from services.reporting.facts import Connection

_STEP: TypeAdapter[Step] = TypeAdapter(Step)
_HEAD = "number, act, state, at, by, unit, reason, known_at, source"
_COLUMNS = f"{_HEAD}, remarks, causes, directions, recommendations"
_STEPS = f"""
SELECT {_COLUMNS}
FROM report_step
WHERE report_id = (SELECT report_id FROM composed_report WHERE (report, area, span) = (%s, %s, %s))
ORDER BY number
"""
_OPEN = f"""
SELECT report, area, span, composed_report.report_id, {_HEAD}
FROM composed_report
CROSS JOIN LATERAL (
    SELECT {_HEAD} FROM report_step
    WHERE report_step.report_id = composed_report.report_id
    ORDER BY number DESC LIMIT 1
) AS last
WHERE state <> 'approved'
  AND (%(at)s::timestamptz IS NULL OR (at, composed_report.report_id) < (%(at)s, %(id)s))
ORDER BY at DESC, composed_report.report_id DESC
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class About:
    """Which report: its name, the uid of its area, and its span (``year 2023``, ``civil 2023-Q4``, ``closing …``)."""

    report: str
    area: str
    span: str


async def steps_of(connection: Connection, about: About) -> tuple[Step, ...]:
    """Return the steps of a report, in order; none where nobody has begun it."""
    cursor = await connection.execute(_STEPS, (about.report, about.area, about.span))
    return tuple(_step(row) for row in await cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a report in the list of those that are not approved: when its last step was, and its id."""

    at: datetime
    report_id: UUID


async def unapproved(
    connection: Connection, after: Place | None, most: int
) -> list[tuple[Place, About, Step]]:
    """Return reports that are not approved, with their last steps, without texts, the latest first; ``after`` a place."""
    given = {
        "at": None if after is None else after.at,
        "id": None if after is None else after.report_id,
        "most": most,
    }
    cursor = await connection.execute(_OPEN, given)
    found = [(row[3], About(*row[:3]), _step(row[4:])) for row in await cursor.fetchall()]
    return [(Place(step.at, report_id), about, step) for report_id, about, step in found]


async def hold(session: AsyncSession, about: About, new_id: UUID) -> UUID:
    """Return the id of the report, ``new_id`` where nobody has begun it; whoever else acts on it waits for this transaction."""
    connection = await raw(session)
    key = (about.report, about.area, about.span)
    await connection.execute(
        "INSERT INTO composed_report (report_id, report, area, span) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (new_id, *key),
    )
    cursor = await connection.execute(
        "SELECT report_id FROM composed_report WHERE (report, area, span) = (%s, %s, %s) FOR UPDATE", key
    )
    (found,) = await cursor.fetchall()
    return UUID(str(found[0]))


async def add(session: AsyncSession, report_id: UUID, step: Step) -> None:
    """Store a step."""
    columns = {name: value for name, value in asdict(step).items() if name != "texts"}
    session.add(ReportStepTable(report_id=report_id, **columns, **asdict(step.texts)))
    await session.flush()


def _step(row: tuple[Any, ...]) -> Step:
    names = ("number", "act", "state", "at", "by", "unit", "reason", "known_at", "source")
    # A step that is only listed is read without its texts.
    texts = dict(zip(("remarks", "causes", "directions", "recommendations"), row[9:], strict=False))
    return _STEP.validate_python({**dict(zip(names, row[:9], strict=True)), "texts": texts})
