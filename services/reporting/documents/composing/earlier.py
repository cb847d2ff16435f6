"""The texts of the editions before: what a new edition of a closed period may begin with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.chassis.persistence import raw
from services.chassis.platform import Platform
from services.reporting.closing import usecases as closings
from services.reporting.documents.composing import storage
from services.reporting.documents.composing.domain import Step, Texts, sent
from services.reporting.documents.composing.offices import reads_draft
from services.reporting.documents.composing.storage import About
from services.reporting.documents.requests import Request
from services.reporting.figures import Reader

Closing = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Earlier:
    """The texts of an earlier edition: its closing and number, and the step after which they stand."""

    closing: UUID
    edition: int
    last: Step


def span_of(closing: UUID | str) -> str:
    """Return the span of the report of a closing."""
    return f"closing {closing}".lower()


async def earlier_texts(
    platform: Platform, reader: Reader, asked: Request, closing: Closing | None
) -> Earlier | None:
    """Return the texts of the latest edition before that has any which the reader reads; None without one."""
    if closing is None or closing["supersedes"] is None:
        return None
    drafts = reads_draft(reader, asked.report.office, asked.area.uid)
    before = list(_before(closing, await closings.listed(platform)))
    async with platform.uow() as session:
        connection = await raw(session)
        for one in before:
            about = About(asked.report.name, asked.area.uid, span_of(one["id"]))
            steps = await storage.steps_of(connection, about)
            if steps and steps[-1].texts != Texts() and (drafts or sent(steps) is not None):
                return Earlier(UUID(one["id"]), one["edition"], steps[-1])
    return None


def _before(closing: Closing, listed: list[dict[str, Any]]) -> Iterator[Closing]:
    """Yield the editions that this one replaced, the latest first."""
    by_id = {one["id"]: one for one in listed}
    number = closing["supersedes"]
    while number is not None:
        yield by_id[number]
        number = by_id[number]["supersedes"]
