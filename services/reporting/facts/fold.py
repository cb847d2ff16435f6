"""Folding: add a batch of events to the tables of a generation, in one transaction.

The number of SQL statements does not grow with the size of the batch.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.record_time import supersedes
from services.reporting.facts import repository
from services.reporting.facts.late_arrivals import note_arrivals
from services.reporting.facts.late_folds import note_late
from services.reporting.facts.messages import LinkVersion
from services.reporting.facts.projections.model import Version, id_text
from services.reporting.facts.projections.persons import histories
from services.reporting.facts.projections.project import project
from services.reporting.facts.projections.timelines import TIMELINES
from services.reporting.facts.repository import Connection

# Two processes can change the same one of these timelines at once, because its events are in several partitions of
# Kafka. This cannot happen to the register's timelines: all rows of one person reference are in one partition.
_SHARED_TIMELINES = frozenset(TIMELINES) - {"registry"}


async def fold(connection: Connection, generation: int, messages: Sequence[Version | LinkVersion]) -> None:
    """Add the messages to a generation's tables.

    The result depends only on the set of messages folded so far: not on their order, on repetitions or on where batches
    begin and end. The caller begins and commits the transaction.
    """
    versions = [message for message in messages if isinstance(message, Version)]
    links = [message for message in messages if isinstance(message, LinkVersion)]
    await repository.begin_fold(connection, generation)
    # One call takes all locks in a fixed order. With several calls two batches could wait for each other for ever.
    shared = {f"g{generation} {v.form}" for v in versions if v.form in _SHARED_TIMELINES}
    if links:
        shared.add(f"g{generation} links")
    if shared:
        await repository.lock(connection, shared)
    added = await _fold_records(connection, versions) if versions else _NOTHING
    added += await _fold_links(connection, links) if links else _NOTHING
    if added.rows:
        # First the late facts, then the watermark: a fact is late compared with the watermark before this batch.
        instants = [message.recorded_at for message in messages]
        await note_late(connection, generation, min(instants))
        await repository.move_watermark(connection, min(instants), max(instants), added.rows)
    # Also where no row changed: an event that lost to another one may be what a closing counted.
    if added.events:
        await note_arrivals(connection, generation, added.events)


_Identity = tuple[UUID, str, int]


@dataclass(frozen=True, slots=True)
class _Added:
    """What a batch added: the number of versions stored as rows, and every event that was not stored before."""

    rows: int
    events: tuple[Version | LinkVersion, ...]

    def __add__(self, other: "_Added") -> "_Added":
        return _Added(self.rows + other.rows, self.events + other.events)


_NOTHING = _Added(0, ())


async def _fold_records(connection: Connection, delivered: Sequence[Version]) -> _Added:
    touched = {version.record_id for version in delivered}
    stored = await repository.versions_of(connection, touched)
    latest: dict[tuple[str, int], Version] = {(v.record_id, v.sequence): v for v in stored}
    news: dict[tuple[str, int], Version] = {}
    lost: list[Version] = []
    for version in delivered:
        key = (version.record_id, version.sequence)
        rival = latest.get(key)
        if rival is None or supersedes(version, rival):
            latest[key] = news[key] = version
            lost += [rival] if rival is not None else []
        # The same event again is only a repetition. Another event with the same sequence that is not the latest one is
        # kept apart, since a closing may have counted it.
        elif version.event_id != rival.event_id:
            lost.append(version)
    held_before = {_identity(v) for v in stored} if lost else frozenset()
    arrived = (*news.values(), *await _put_by(connection, lost, held_before))
    if not news:
        return _Added(0, arrived)
    changed = {record_id for record_id, _ in news}
    groups = {v.group for v in latest.values() if v.group is not None and v.record_id in changed}
    # A new row of a timeline may end earlier rows of it, so the rows of the whole group are computed again.
    beside = await repository.versions_beside(connection, groups, touched) if groups else []
    held = {v.record_id for v in stored} | {v.record_id for v in beside}
    affected = changed | {v.record_id for v in beside} | _same_groups(latest.values(), groups)
    rows = project([v for v in (*latest.values(), *beside) if v.record_id in affected])
    # Only a version that is stored already needs to be deleted; two versions within this batch leave one row.
    replaced = news.keys() & {(v.record_id, v.sequence) for v in stored}
    await repository.add_versions(connection, list(news.values()), replaced)
    await repository.replace_rows(connection, held & affected, rows)
    await repository.mark(connection, _touched([*latest.values(), *beside, *stored], affected))
    return _Added(len(news), arrived)


def _touched(versions: Iterable[Version], affected: Collection[str]) -> set[str]:
    """Return the references of the persons whom the affected records are or were about.

    For a record about nobody (a fire, a place) its own id stands in place of a person reference.
    """
    found = set()
    for version in versions:
        if version.record_id in affected:
            # Data may be None (voided) or of a form without a person.
            person = getattr(version.data, "person", None)
            found.add(version.record_id if person is None else id_text(person.ref))
    return found


async def _put_by(
    connection: Connection, lost: Sequence[Version | LinkVersion], held: Collection[_Identity]
) -> list[Version | LinkVersion]:
    """Store events that another event replaced, since a closing may have counted them; return those new to this table."""
    if not lost:
        return []
    return [
        event for event in await repository.keep_replaced(connection, lost) if _identity(event) not in held
    ]


def _identity(event: Version | LinkVersion) -> _Identity:
    """Return what identifies an event: id, record and sequence. Another sender may use the same event id again."""
    return event.event_id, event.record_id, event.sequence


def _same_groups(versions: Collection[Version], groups: Collection[str]) -> set[str]:
    return {version.record_id for version in versions if version.group in groups}


async def _fold_links(connection: Connection, delivered: Sequence[LinkVersion]) -> _Added:
    stored = await repository.links_of(connection, {link.record_id for link in delivered})
    latest = dict(stored)
    lost: list[LinkVersion] = []
    for link in delivered:
        rival = latest.get(link.record_id)
        if rival is None or supersedes(link, rival):
            latest[link.record_id] = link
            lost += [rival] if rival is not None else []
        elif _identity(link) != _identity(rival):
            lost.append(link)
    # By identity: whatever is not the loaded object came with this batch.
    news = [link for record_id, link in latest.items() if stored.get(record_id) is not link]
    held_before = {_identity(link) for link in stored.values()}
    arrived = (*news, *await _put_by(connection, lost, held_before))
    if not news:
        return _Added(0, arrived)
    await repository.save_links(connection, news)
    # A changed link may have belonged to another reference before: the names of both references are computed again.
    moved = [*news, *(stored[link.record_id] for link in news if link.record_id in stored)]
    refs = {link.ref for link in moved}
    edges = await repository.edges_around(connection, refs, {link.token for link in moved})
    # One link may join two groups of references or separate them, so each of them may get another name.
    refs |= {edge.ref for edge in edges}
    await repository.replace_persons(connection, refs, histories(edges))
    await repository.mark(connection, refs)
    return _Added(len(news), arrived)
