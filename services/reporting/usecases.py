"""Folding: what a batch of events changes in a generation. One transaction, a fixed number of statements."""

from collections.abc import Collection, Sequence

from services.reporting import repository
from services.reporting.messages import LinkVersion
from services.reporting.projections.model import Version
from services.reporting.projections.persons import histories
from services.reporting.projections.project import project
from services.reporting.projections.timelines import TIMELINES
from services.reporting.repository import Connection

# Timelines whose rows are spread over partitions, so that two processes can meet in one of them. The register's
# own timelines are not: all rows of one person reference are in one partition.
_SHARED_TIMELINES = frozenset(TIMELINES) - {"registry"}


async def fold(connection: Connection, generation: int, messages: Sequence[Version | LinkVersion]) -> None:
    """Add the messages to a generation's tables. Order, repetition and batch borders leave no trace.

    The caller owns the transaction. Messages that the tables hold already change nothing.
    """
    versions = [message for message in messages if isinstance(message, Version)]
    links = [message for message in messages if isinstance(message, LinkVersion)]
    await repository.use_generation(connection, generation)
    shared = {f"g{generation} {v.form}" for v in versions if v.form in _SHARED_TIMELINES}
    if links:
        shared.add(f"g{generation} links")
    if shared:
        await repository.lock(connection, shared)
    added = await _fold_records(connection, versions) if versions else 0
    added += await _fold_links(connection, links) if links else 0
    if added:
        instants = [message.recorded_at for message in messages]
        await repository.move_watermark(connection, min(instants), max(instants), added)


async def _fold_records(connection: Connection, delivered: Sequence[Version]) -> int:
    touched = {version.record_id for version in delivered}
    stored = await repository.versions_of(connection, touched)
    latest: dict[tuple[str, int], Version] = {(v.record_id, v.sequence): v for v in stored}
    news: dict[tuple[str, int], Version] = {}
    for version in delivered:
        key = (version.record_id, version.sequence)
        rival = latest.get(key)
        if rival is None or version.event_id < rival.event_id:
            latest[key] = news[key] = version
    if not news:
        return 0
    changed = {record_id for record_id, _ in news}
    groups = {v.group for v in latest.values() if v.group is not None and v.record_id in changed}
    beside = await repository.versions_beside(connection, groups, touched) if groups else []
    held = {v.record_id for v in stored} | {v.record_id for v in beside}
    affected = changed | {v.record_id for v in beside} | _same_groups(latest.values(), groups)
    rows = project([v for v in (*latest.values(), *beside) if v.record_id in affected])
    replaced = news.keys() & {(v.record_id, v.sequence) for v in stored}
    await repository.add_versions(connection, list(news.values()), replaced)
    await repository.replace_rows(connection, held & affected, rows)
    return len(news)


def _same_groups(versions: Collection[Version], groups: Collection[str]) -> set[str]:
    return {version.record_id for version in versions if version.group in groups}


async def _fold_links(connection: Connection, delivered: Sequence[LinkVersion]) -> int:
    stored = await repository.links_of(connection, {link.record_id for link in delivered})
    latest = dict(stored)
    for link in delivered:
        rival = latest.get(link.record_id)
        if rival is None or (-link.sequence, link.event_id) < (-rival.sequence, rival.event_id):
            latest[link.record_id] = link
    news = [link for record_id, link in latest.items() if stored.get(record_id) is not link]
    if not news:
        return 0
    await repository.save_links(connection, news)
    moved = [*news, *(stored[link.record_id] for link in news if link.record_id in stored)]
    refs = {link.ref for link in moved}
    edges = await repository.edges_around(connection, refs, {link.token for link in moved})
    refs |= {edge.ref for edge in edges}
    await repository.replace_persons(connection, refs, histories(edges))
    return len(news)
