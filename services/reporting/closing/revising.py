"""Revisions: the cells of a closed period that have another value now, and the events that caused it.

The closed figures do not change. A revision is the difference between two computations of a cell, explained by causes;
their counts add up to the new value minus the old one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from proof import canonical, digest, read_json
from reference import FIGURES, areas_digest
from services.chassis.persistence import outbox
from services.chassis.platform import Platform
from services.chassis.problems import Problem, texts
from services.reporting.closing import repository
from services.reporting.closing.attribution import Cause, causes_of, difference
from services.reporting.closing.closed_state import closed_state
from services.reporting.closing.domain import CellKey, differing
from services.reporting.closing.evidence import Inquiry, LinkEvent, RecordVersion
from services.reporting.closing.messages import revised_event
from services.reporting.closing.ordering import check_official, known_instant
from services.reporting.closing.queries import compute_cells, exact
from services.reporting.closing.repository import Closing
from services.reporting.closing.up_to_date import check_up_to_date
from services.reporting.closing.usecases import frame_of, readable, steady
from services.reporting.facts import Connection
from services.reporting.figures import QueryService, Reader, RecordSight
from services.reporting.figures.exact import snapshot
from texts import message


async def revisions(
    platform: Platform, queries: QueryService, reader: Reader, closing_id: UUID, known_at: str | None
) -> tuple[dict[str, Any], RecordSight]:
    """Return the revisions of a closing as known at an instant (default: now), and the records that they name.

    Raises:
        Problem: 404 for no such closing, 403 for one who may not see its figures, 422 for an instant before it.
    """

    async def ask() -> tuple[dict[str, Any], RecordSight]:
        async with steady(platform) as (_, connection, generation):
            closing = await readable(queries, connection, reader, closing_id)
            until = known_instant(known_at, closing.known_at, platform.clock())
            return await _revisions(connection, generation, closing, until, reader)

    return await snapshot.again(ask)


async def note_revisions(
    platform: Platform, queries: QueryService, reader: Reader, closing_id: UUID, known_at: str | None
) -> dict[str, Any]:
    """Note the revisions on behalf of a named official: store the list with its hash, and publish an event.

    Raises:
        Problem: 409 where nothing has changed since the list noted last, or where the figures are not up to date.
    """
    await check_up_to_date(platform)
    async with steady(platform, repository.hold_chain) as (session, connection, generation):
        closing = await readable(queries, connection, reader, closing_id)
        frozen = read_json(await repository.document(connection, closing_id))
        check_official(queries, reader, "reissue", closing.calendar, frame_of(closing, frozen))
        now = platform.clock()
        until = known_instant(known_at, closing.known_at, now)
        listed, _ = await _revisions(connection, generation, closing, until, reader)
        # The stored list names no record, because everybody who may read the closing may read it.
        kept = {**listed, "cells": [_without_records(cell) for cell in listed["cells"]]}
        list_hash = digest(canonical(kept["cells"]))
        noted = await repository.revisions_noted(connection, closing_id)
        # Noting the same list twice would report a change to subscribers that did not happen.
        if not kept["cells"] or (noted and noted[-1]["list_hash"] == list_hash):
            raise Problem(409, "closing_nothing_new")
        values = {
            "revision": len(noted) + 1,
            "known_at": until,
            "noted_at": now,
            "official": {"subject": reader.caller.subject, "unit": reader.caller.unit},
            "cells": len(kept["cells"]),
            "list_hash": list_hash,
            "document": canonical(kept),
        }
        await repository.add_revision(connection, closing_id, values)
        event = revised_event(
            closing,
            len(noted) + 1,
            known_at=until,
            noted_at=now,
            cells=len(kept["cells"]),
            list_hash=list_hash,
            unit=reader.caller.unit,
            sequence=await repository.events_published(connection, closing.series),
            new_id=platform.new_id,
        )
        await outbox.append(session, [event])
        return {**kept, "revision": len(noted) + 1, "list_hash": list_hash}


async def _revisions(
    connection: Connection, generation: int, closing: Closing, until: datetime, reader: Reader
) -> tuple[dict[str, Any], RecordSight]:
    frozen = read_json(await repository.document(connection, closing.id))
    frame = frame_of(closing, frozen)
    async with closed_state(connection, generation, closing.knowledge_boundary) as views:
        changed = differing(frozen["cells"], await compute_cells(connection, frame, until))
        # Both states are read in one transaction, so the causes explain exactly the cells that were compared.
        inquiry = Inquiry(connection, views, closing, frame, until)
        causes = await causes_of(inquiry, changed, other_book=frozen["area_book"] != areas_digest())
    sight = await RecordSight.of(connection, reader)
    await sight.learn(
        connection,
        (one.record_id for several in causes.values() for cause in several for one in cause.versions),
    )
    later = await repository.superseded_by(connection, closing.id)
    owners = {code: {FIGURES[code].owner_on(frame.last)} for code in frame.figures}
    shows = {code: reader.lists("reconcile", owners[code], owners[code]) for code in frame.figures}
    document = {
        "id": str(closing.id),
        "edition": closing.edition,
        "superseded_by": None if later is None else str(later.id),
        "calendar": closing.calendar,
        "period": closing.period,
        "closed_as_known_at": closing.known_at.astimezone(UTC).isoformat(),
        "known_at": until.astimezone(UTC).isoformat(),
        "cells": [
            _revision(key, old, new, causes[key], sight if shows[key[0]] else None)
            for key, old, new in changed
        ],
    }
    return document | (
        {"minors_left_out": texts(message("records_of_minors"))} if sight.left_out else {}
    ), sight


def _revision(
    key: CellKey,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    causes: list[Cause],
    sight: RecordSight | None,
) -> dict[str, Any]:
    about = {name: value for name, value in (new or old or {}).items() if name not in _VALUES}
    ratio = FIGURES[key[0]].kind == "ratio"
    document = {
        **about,
        "old": None if old is None else old["value"],
        "new": None if new is None else new["value"],
        # Causes count persons or records, and these do not add up to a difference of percentages.
        "difference": None if ratio else exact(difference(old, new)),
        "additive": not ratio,
        "causes": [_cause(cause, sight) for cause in causes],
    }
    if ratio:
        document["parts"] = {
            part: {"old": (old or {}).get(part), "new": (new or {}).get(part)}
            for part in ("numerator", "denominator")
        }
    if sight is None:
        document["records_hidden"] = texts(message("closing_records_hidden"))
    return document


_VALUES = ("value", "numerator", "denominator")


def _cause(cause: Cause, sight: RecordSight | None) -> dict[str, Any]:
    text = message(f"closing_reason_{cause.reason}")
    return {
        "figure": cause.figure,
        "reason": cause.reason,
        "vi": text.vi,
        "en": text.en,
        "count": exact(cause.count),
        "events": len(cause.versions) + len(cause.links),
        # All readers of the closing get the numbers; only those who may see records in the register get the records.
        "records": None if sight is None else _records(cause, sight),
    }


def _records(cause: Cause, sight: RecordSight) -> list[dict[str, Any]]:
    """Return the events behind a cause; a link names no record of a register."""
    told = (sight.told(_event(version)) for version in cause.versions)
    return [*(event for event in told if event is not None), *map(_link, cause.links)]


def _event(version: RecordVersion) -> dict[str, Any]:
    change = "voided" if version.voided else "registered" if version.sequence == 1 else "changed"
    return {
        "record": str(version.record_id),
        "event": str(version.event_id),
        "form": version.form,
        "type": change,
        "unit": version.unit,
        "recorded_at": version.recorded_at.astimezone(UTC).isoformat(),
        "arrived_after_closing": version.late,
    }


def _link(link: LinkEvent) -> dict[str, Any]:
    return {
        "record": str(link.record_id),
        "event": str(link.event_id),
        "form": "person_link",
        "type": "unlinked" if link.withdrawn else "linked",
        "basis": link.basis,
        "unit": "registry",
        "recorded_at": link.known_from.astimezone(UTC).isoformat(),
        "arrived_after_closing": link.late,
    }


def _without_records(cell: Mapping[str, Any]) -> dict[str, Any]:
    causes = [{**cause, "records": None} for cause in cell["causes"]]
    return {**cell, "causes": causes}
