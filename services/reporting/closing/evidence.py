"""What was said about the records behind a closed figure: by then, and since. The evidence for why it has another value now."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from psycopg.rows import tuple_row

from contracts.record_time import newest
from services.reporting.closing.domain import Fate, Stand, fate
from services.reporting.closing.heard import Boundary, Views, late
from services.reporting.closing.queries import Frame
from services.reporting.closing.repository import Closing
from services.reporting.facts import Connection


@dataclass(frozen=True, slots=True)
class Said:
    """One version of a record, and whether the closing knew it."""

    record_id: UUID
    sequence: int
    event_id: UUID
    form: str
    recorded_at: datetime
    unit: str
    voided: bool
    late: bool


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """One version of a person link, and whether the closing knew it."""

    ref: UUID
    record_id: UUID
    event_id: UUID
    basis: str
    known_from: datetime
    withdrawn: bool
    late: bool


@dataclass(slots=True)
class Inquiry:
    """One question for revisions: a closing, both states of its generation, and the instant to compare with.

    ``said`` and ``communes`` keep what was read once: versions by record, and what is news by commune.
    """

    connection: Connection
    views: Views
    closing: Closing
    frame: Frame
    known_at: datetime
    said: dict[UUID, list[Said]] = field(default_factory=dict)
    communes: dict[str, tuple[Said, ...]] = field(default_factory=dict)

    async def learn(self, records: Iterable[UUID]) -> None:
        """Read the versions of records that are not known yet."""
        missing = set(records) - self.said.keys()
        if missing:
            read = await versions(self.connection, missing, self.closing.heard)
            self.said |= {record: read.get(record, []) for record in missing}

    def fate(self, record: UUID) -> Fate:
        """What became of a record's own content since the closing."""
        closed, said = self.closing.known_at, self.said.get(record, [])
        then = [v for v in said if not v.late and v.recorded_at <= closed]
        now = [v for v in said if v.recorded_at <= self.known_at]
        return fate(stand(then), stand(now))

    def news(self, records: Iterable[UUID]) -> tuple[Said, ...]:
        """The versions of records that the closing did not count by: not heard of then, or recorded after it."""
        return tuple(
            version
            for record in sorted(records)
            for version in self.said.get(record, [])
            if (version.late or version.recorded_at > self.closing.known_at)
            and version.recorded_at <= self.known_at
        )


def stand(known: Iterable[Said]) -> Stand:
    """Return what a record says by the versions known at one moment."""
    latest = newest(known)
    return Stand(None, False) if latest is None else Stand(latest.event_id, latest.voided)


async def names(connection: Connection, refs: Collection[UUID], known_at: datetime) -> dict[UUID, UUID]:
    """Which human being the references went by at an instant; a reference that went by its own is left out."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT ref, person FROM person WHERE ref = ANY(%s) AND known_from <= %s AND known_to > %s",
            [list(refs), known_at, known_at],
        )
        return dict(await cursor.fetchall())


async def versions(
    connection: Connection, records: Collection[UUID], boundary: Boundary
) -> dict[UUID, list[Said]]:
    """Every version of the records, by record."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT v.record_id, v.sequence, v.event_id, v.form, v.recorded_at, v.unit, v.data IS NULL,"
            f" {late('v')} FROM version v WHERE v.record_id = ANY(%(records)s)"
            " ORDER BY v.record_id, v.sequence".encode(),
            boundary.parameters() | {"records": list(records)},
        )
        found: dict[UUID, list[Said]] = {}
        for row in await cursor.fetchall():
            found.setdefault(row[0], []).append(Said(*row))
    return found


async def records_beside(
    connection: Connection, records: Collection[UUID], refs: Collection[UUID]
) -> set[UUID]:
    """Records that share a timeline with one of these, or that are about one of these references."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT b.record_id FROM version a JOIN version b ON b.grp = a.grp"
            " WHERE a.grp IS NOT NULL AND a.record_id = ANY(%(records)s)"
            " UNION SELECT record_id FROM spell WHERE person_ref = ANY(%(refs)s)"
            " UNION SELECT record_id FROM fact WHERE person_ref = ANY(%(refs)s)"
            " UNION SELECT record_id FROM presence WHERE person_ref = ANY(%(refs)s)",
            {"records": list(records), "refs": list(refs)},
        )
        return {record_id for (record_id,) in await cursor.fetchall()}


async def records_in(connection: Connection, areas: Collection[str], kinds: Collection[str]) -> set[UUID]:
    """Records of these kinds of states and events in these areas (uids), at any time."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT record_id FROM spell WHERE kind = ANY(%(kinds)s) AND area = ANY(%(areas)s)"
            " UNION SELECT record_id FROM fact WHERE kind = ANY(%(kinds)s) AND area = ANY(%(areas)s)",
            {"areas": list(areas), "kinds": list(kinds)},
        )
        return {record_id for (record_id,) in await cursor.fetchall()}


async def target_records(connection: Connection, figure: str, areas: Collection[str]) -> set[UUID]:
    """Records that assign a target for a figure in these areas (uids)."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            "SELECT record_id FROM target WHERE figure = %s AND area = ANY(%s)", [figure, list(areas)]
        )
        return {record_id for (record_id,) in await cursor.fetchall()}


async def new_links(
    connection: Connection,
    refs: Collection[UUID],
    boundary: Boundary,
    closed: datetime,
    known_at: datetime,
) -> dict[UUID, list[LinkEvent]]:
    """By reference, the link events about it that are news to a closing: unheard of then, or of a time after it."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            f"SELECT l.ref, l.record_id, l.event_id, l.basis, l.known_from, l.withdrawn, {late('l')}"
            " FROM (SELECT record_id, sequence, event_id, ref, token, basis, known_from, known_to,"
            " withdrawn FROM link UNION ALL SELECT record_id, sequence, event_id, ref, token, basis, known_from,"
            " known_to, withdrawn FROM link_replaced) l"
            f" WHERE l.ref = ANY(%(refs)s) AND l.known_from <= %(known_at)s AND ({late('l')}"
            " OR l.known_from > %(closed)s OR (l.known_to > %(closed)s AND l.known_to <= %(known_at)s))"
            " ORDER BY l.record_id, l.sequence".encode(),
            boundary.parameters() | {"refs": list(refs), "closed": closed, "known_at": known_at},
        )
        found: dict[UUID, list[LinkEvent]] = {}
        for row in await cursor.fetchall():
            found.setdefault(row[0], []).append(LinkEvent(*row))
    return found
