"""Read what a reconciliation needs besides figures: declarations, record versions, links, and evidence about persons."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from contracts.envelope import VIETNAM
from reference import area_book
from services.reporting.facts import Connection, fetch
from services.reporting.figures import Scope
from services.reporting.reconciliation import statements
from services.reporting.reconciliation.domain.changes import Edition
from services.reporting.reconciliation.domain.choice import Declared

END_OF_DAY = timedelta(days=1) - timedelta(microseconds=1)
"""From the start of a day to its last instant; microseconds are the resolution of record time."""


@dataclass(slots=True)
class History:
    """A record's form, its timeline (None where it stands alone) and its versions."""

    form: str
    group: str | None
    editions: list[Edition] = field(default_factory=list)


def end_of(day: date) -> datetime:
    """Return the last instant of a day (Asia/Ho_Chi_Minh)."""
    return datetime.combine(day, time(), VIETNAM) + END_OF_DAY


async def declarations(
    connection: Connection, figure: str | None, known_at: datetime | None
) -> list[Declared]:
    """Return what was declared for a figure (None = for any) by any agency for any area, as known at the instant.

    An agency knew what was recorded until the end of the day of ``declared_on``; where the row does not say when it
    was declared, until the declaration itself was recorded.
    """
    found = await fetch(connection, statements.declared(figure, known_at))
    return [
        Declared(
            agency=agency,
            figure=code,
            area=area,
            day=day,
            first=first,
            value=value,
            declared_on=declared_on,
            cut_off=known_from if declared_on is None else end_of(declared_on),
            source=source,
            unit=unit,
            record_id=str(record_id),
            known_from=known_from,
        )
        for agency, code, area, day, first, value, declared_on, source, unit, record_id, known_from in found
        if area in area_book().by_uid
    ]


async def histories(connection: Connection, record_ids: Iterable[UUID]) -> dict[UUID, History]:
    """Return all versions of the records."""
    found = await fetch(connection, statements.versions_of_records(record_ids))
    return _histories(found)


async def histories_of_groups(connection: Connection, groups: Collection[str]) -> dict[UUID, History]:
    """Return all versions of every record that ever belonged to one of the timelines."""
    found = await fetch(connection, statements.versions_of_groups(groups))
    return _histories(found)


def _histories(rows: Iterable[Any]) -> dict[UUID, History]:
    found: dict[UUID, History] = {}
    for record_id, form, group, sequence, recorded_at, data in rows:
        history = found.setdefault(record_id, History(form, group))
        history.group = history.group or group
        history.editions.append(Edition(sequence, recorded_at, data))
    return found


async def names(connection: Connection, refs: Collection[UUID], at: datetime) -> dict[UUID, UUID]:
    """Return under which reference each person was known at an instant of record time; those under their own are left out."""
    pairs: list[Any] = await fetch(connection, statements.names(refs, at))
    return dict(pairs)


async def linked_by(connection: Connection, refs: Collection[UUID], at: datetime) -> set[UUID]:
    """Return which references the person index knew at an instant of record time."""
    found = await fetch(connection, statements.linked(refs, at))
    return {ref for (ref,) in found}


async def evidence_about(
    connection: Connection, people: Collection[UUID], before: datetime, after: datetime
) -> dict[UUID, list[UUID]]:
    """Return for each human being the records of presence and of conclusions about any of their references.

    The links of both instants are used, so that a record is found too that was linked at only one of them.
    """
    found = await fetch(connection, statements.evidence(people, before, after))
    return _grouped(found)


async def listings_of(connection: Connection, facilities: Collection[str]) -> dict[str, list[UUID]]:
    """Return for each facility code the records that list the facility."""
    found = await fetch(connection, statements.listings(facilities))
    return _grouped(found)


def _grouped(rows: Iterable[Any]) -> dict[Any, list[UUID]]:
    found: dict[Any, list[UUID]] = {}
    for name, record_id in rows:
        found.setdefault(name, []).append(record_id)
    return found


async def conclusions(connection: Connection, scope: Scope) -> dict[UUID, tuple[str, date]]:
    """Return for each human being the latest conclusion up to the day, and its day."""
    found = await fetch(connection, statements.conclusions(scope))
    return {who: (code, on) for who, code, on in found}


async def addresses(connection: Connection, scope: Scope) -> dict[UUID, set[str]]:
    """Return for each human being the communes (area uids) in their states on the day and in their slips of the year."""
    found = await fetch(connection, statements.addresses(scope))
    where: dict[UUID, set[str]] = {}
    for who, area in found:
        where.setdefault(who, set()).add(area)
    return where


async def in_state(connection: Connection, scope: Scope, kinds: Sequence[str]) -> set[UUID]:
    """Return the human beings who are in a state of these kinds on the day, in any area."""
    found = await fetch(connection, statements.in_state(scope, kinds))
    return {who for (who,) in found}
