"""Compare a restored stack with its back-up: what may differ, and by how much (docs/adr/0020-order-of-a-backup.md).

Pure: both sides have been read before. Whoever hands in while a back-up is made leaves events in the dumped outboxes that
were not in its figures. Only these may change a figure, each by one; everything else must be as it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from deploy.backup import KEPT_TABLES, LINK_TOPIC, Databases, Folded, Manifest
from khopso.evidence import FIGURES_ASKED
from reference import FIGURES
from texts import Message, message

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Restored:
    """A running stack: its databases, its chain of closings, its answers to the questions of the back-up.

    ``known`` are those as known at the back-up's beginning.
    """

    databases: Databases
    links: Sequence[Mapping[str, Any]]
    figures: Sequence[Mapping[str, Any]]
    known: Sequence[Mapping[str, Any]]


def differences(manifest: Manifest, links: Sequence[Mapping[str, Any]], found: Restored) -> list[Message]:
    """Return everything by which the stack is not the one of the back-up; ``links`` is the back-up's chain of closings."""
    return [
        *_lost_rows(manifest, found),
        *_outboxes(manifest, found),
        *_folded(found.databases.folded),
        *([] if chain_equal(manifest, links, found) else [message("restore.differs.chain")]),
        *_figures(manifest, found),
    ]


def chain_equal(manifest: Manifest, links: Sequence[Mapping[str, Any]], found: Restored) -> bool:
    """Return whether the chain has exactly the closings that were in the dump: a later one is lost with the machine."""
    return list(found.links) == list(links)[: manifest.evidence.closings]


def _lost_rows(manifest: Manifest, found: Restored) -> Iterator[Message]:
    for service, dumped in manifest.services.items():
        for table, rows in dumped.rows.items():
            now = found.databases.rows[service].get(table, 0)
            if table.removeprefix("public.") in KEPT_TABLES and now < rows:
                yield message("restore.differs.rows", service=service, table=table, then=rows, now=now)


def _outboxes(manifest: Manifest, found: Restored) -> Iterator[Message]:
    for service, dumped in manifest.services.items():
        now = found.databases.dumped[service].topics
        for topic in sorted(dumped.outbox.topics.keys() | now.keys()):
            if dumped.outbox.topics.get(topic) != now.get(topic):
                then, here = dumped.outbox.of(topic).count, found.databases.dumped[service].of(topic).count
                yield message("restore.differs.events", service=service, topic=topic, then=then, now=here)


def _folded(folded: Folded) -> Iterator[Message]:
    if folded.lost:
        yield message("restore.differs.lost", count=len(folded.lost), ids=_first(folded.lost))
    if folded.foreign:
        yield message("restore.differs.foreign", count=len(folded.foreign), ids=_first(folded.foreign))
    if folded.doubled:
        yield message("restore.differs.doubled", count=len(folded.doubled), ids=_first(folded.doubled))


def _first(ids: Sequence[UUID]) -> str:
    return ", ".join(map(str, ids[:_SHOWN]))


def _figures(manifest: Manifest, found: Restored) -> Iterator[Message]:
    evidence = manifest.evidence
    for then, now in zip(evidence.figures, found.figures, strict=True):
        may = 0 if evidence.quiet else _between(manifest, found, then["figure"], "count")
        if abs(then["value"] - now["value"]) > may:
            yield message("restore.differs.figure", **_values(then, now), events=may)
    for then, now in zip(evidence.figures_known, found.known, strict=True):
        may = _between(manifest, found, then["figure"], "before")
        if abs(then["value"] - now["value"]) > may:
            known_at = evidence.known_at.isoformat(timespec="seconds")
            yield message("restore.differs.known", **_values(then, now), events=may, known_at=known_at)


def _values(then: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    return {"figure": then["figure"], "then": then["value"], "now": now["value"]}


def _between(manifest: Manifest, found: Restored, figure: str, counted: Literal["count", "before"]) -> int:
    """Return how many events can have changed the figure since it was asked.

    ``counted``: all of them (``count``), or those recorded before the back-up began (``before``), as a row has that came
    late or names its own time of record.
    """
    form, topic = FIGURES_ASKED[figure]
    evidence = manifest.evidence
    held = sum(getattr(outbox.of(topic), counted) for outbox in found.databases.outboxes.values())
    known = evidence.folded.get(form)
    events = held - (getattr(known, counted) if known else 0)
    if FIGURES[figure].unit == "person":
        outbox, then = found.databases.outboxes["registry"], evidence.links
        events += getattr(outbox.of(LINK_TOPIC), counted) - getattr(then.of(LINK_TOPIC), counted)
        events += outbox.relinked - then.relinked
    return max(0, int(events))
