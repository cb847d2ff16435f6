"""What a reconciliation reads besides the figures themselves: declarations, versions, names, other evidence."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import tuple_row

from contracts.envelope import VIETNAM
from reference import area_book
from services.reporting.facts import FOREVER, Connection
from services.reporting.figures import Scope, known
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
    """The last instant of a day (Asia/Ho_Chi_Minh)."""
    return datetime.combine(day, time(), VIETNAM) + END_OF_DAY


async def _all(connection: Connection, query: str, values: dict[str, Any]) -> list[Any]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query.encode(), values)
        return await cursor.fetchall()


async def declarations(
    connection: Connection, figure: str | None, known_at: datetime | None
) -> list[Declared]:
    """What was declared for a figure (None = for any) by any agency for any area, as known at the instant.

    An agency knew what was recorded until the end of the day of ``declared_on``; where the row does not say when it
    was declared, until the declaration itself was recorded.
    """
    holds = (
        "d.known_to = %(forever)s" if known_at is None else "d.known_from <= %(at)s AND d.known_to > %(at)s"
    )
    found = await _all(
        connection,
        "SELECT d.agency, d.figure, d.area, coalesce(d.as_of, d.period_to), d.period_from, d.value, d.declared_on,"
        " d.source, d.unit, d.record_id, d.known_from FROM declaration d"
        f" WHERE (%(figure)s::text IS NULL OR d.figure = %(figure)s) AND {holds}"
        " AND coalesce(d.as_of, d.period_to) IS NOT NULL ORDER BY d.figure, d.record_id",
        {"figure": figure, "at": known_at, "forever": FOREVER},
    )
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
    """All versions of the records."""
    found = await _all(
        connection,
        "SELECT record_id, form, grp, sequence, recorded_at, data FROM version"
        " WHERE record_id = ANY(%(ids)s::uuid[]) ORDER BY record_id, sequence",
        {"ids": list(record_ids)},
    )
    return _histories(found)


async def histories_of_groups(connection: Connection, groups: Collection[str]) -> dict[UUID, History]:
    """All versions of every record that ever belonged to one of the timelines."""
    found = await _all(
        connection,
        "SELECT record_id, form, grp, sequence, recorded_at, data FROM version WHERE record_id IN"
        " (SELECT record_id FROM version WHERE grp = ANY(%(groups)s)) ORDER BY record_id, sequence",
        {"groups": list(groups)},
    )
    return _histories(found)


def _histories(rows: Iterable[Any]) -> dict[UUID, History]:
    found: dict[UUID, History] = {}
    for record_id, form, group, sequence, recorded_at, data in rows:
        history = found.setdefault(record_id, History(form, group))
        history.group = history.group or group
        history.editions.append(Edition(sequence, recorded_at, data))
    return found


async def names(connection: Connection, refs: Collection[UUID], at: datetime) -> dict[UUID, UUID]:
    """By which name each reference went at an instant of record time; those that went by their own are left out."""
    found = await _all(
        connection,
        "SELECT ref, person FROM person WHERE ref = ANY(%(refs)s::uuid[])"
        " AND known_from <= %(at)s AND known_to > %(at)s",
        {"refs": list(refs), "at": at},
    )
    return dict(found)


async def linked_by(connection: Connection, refs: Collection[UUID], at: datetime) -> set[UUID]:
    """Which references the person index knew at an instant of record time."""
    found = await _all(
        connection,
        "SELECT DISTINCT ref FROM link WHERE ref = ANY(%(refs)s::uuid[]) AND known_from <= %(at)s",
        {"refs": list(refs), "at": at},
    )
    return {ref for (ref,) in found}


async def evidence_about(
    connection: Connection, people: Collection[UUID], before: datetime, after: datetime
) -> dict[UUID, list[UUID]]:
    """Human being → the records that tell of their presence or conclude about them, by any of their references.

    Both instants' links count, so that a record which only one of them knew as theirs is found.
    """
    found = await _all(
        connection,
        "WITH refs AS (SELECT w AS who, w AS ref FROM unnest(%(people)s::uuid[]) w"
        " UNION SELECT p.person, p.ref FROM person p WHERE p.person = ANY(%(people)s::uuid[])"
        " AND p.known_from <= %(after)s AND p.known_to > %(before)s)"
        " SELECT r.who, x.record_id FROM refs r JOIN presence x ON x.person_ref = r.ref"
        " UNION SELECT r.who, c.record_id FROM refs r JOIN fact c ON c.person_ref = r.ref AND c.kind = 'slip'"
        " ORDER BY 1, 2",
        {"people": list(people), "before": before, "after": after},
    )
    return _grouped(found)


async def listings_of(connection: Connection, facilities: Collection[str]) -> dict[str, list[UUID]]:
    """Facility code → the records that list the facility."""
    found = await _all(
        connection,
        "SELECT DISTINCT facility, record_id FROM spell WHERE kind = 'facility' AND facility = ANY(%(codes)s)"
        " ORDER BY 1, 2",
        {"codes": list(facilities)},
    )
    return _grouped(found)


def _grouped(rows: Iterable[Any]) -> dict[Any, list[UUID]]:
    found: dict[Any, list[UUID]] = {}
    for name, record_id in rows:
        found.setdefault(name, []).append(record_id)
    return found


def _naming(scope: Scope) -> str:
    return f"LEFT JOIN person p ON p.ref = s.person_ref AND {known('p', scope)}"


async def conclusions(connection: Connection, scope: Scope) -> dict[UUID, tuple[str, date]]:
    """Human being → their latest conclusion up to the day, and its day."""
    found = await _all(
        connection,
        "SELECT DISTINCT ON (1) coalesce(p.person, s.person_ref), s.code, s.occurred_on FROM fact s"
        f" {_naming(scope)} WHERE s.kind = 'slip' AND s.occurred_on <= %(day)s AND {known('s', scope)}"
        " ORDER BY 1, s.occurred_on DESC, s.record_id DESC",
        {"day": scope.day, "known": scope.known_at, "forever": FOREVER},
    )
    return {who: (code, on) for who, code, on in found}


async def addresses(connection: Connection, scope: Scope) -> dict[UUID, set[str]]:
    """Human being → every commune (area uid) that a state of theirs on the day, or a slip of the year, names."""
    values = {"day": scope.day, "known": scope.known_at, "forever": FOREVER}
    found = await _all(
        connection,
        f"SELECT coalesce(p.person, s.person_ref), s.area FROM spell s {_naming(scope)}"
        f" WHERE s.person_ref IS NOT NULL AND s.area IS NOT NULL AND {known('s', scope)}"
        " AND s.valid_from <= %(day)s AND s.valid_to > %(day)s"
        f" UNION SELECT coalesce(p.person, s.person_ref), s.area FROM fact s {_naming(scope)}"
        f" WHERE s.kind = 'slip' AND s.area IS NOT NULL AND {known('s', scope)}"
        " AND s.occurred_on > %(day)s::date - 365 AND s.occurred_on <= %(day)s",
        values,
    )
    where: dict[UUID, set[str]] = {}
    for who, area in found:
        where.setdefault(who, set()).add(area)
    return where


async def in_state(connection: Connection, scope: Scope, kinds: Sequence[str]) -> set[UUID]:
    """Everybody who is in a state of these kinds on the day, wherever."""
    found = await _all(
        connection,
        f"SELECT DISTINCT coalesce(p.person, s.person_ref) FROM spell s {_naming(scope)}"
        " WHERE s.kind = ANY(%(kinds)s) AND s.person_ref IS NOT NULL"
        f" AND s.valid_from <= %(day)s AND s.valid_to > %(day)s AND {known('s', scope)}",
        {"day": scope.day, "known": scope.known_at, "forever": FOREVER, "kinds": list(kinds)},
    )
    return {who for (who,) in found}
