"""What is in the databases of a restored stack: rows, events of the outboxes, and which of these reporting has folded."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from deploy.backup.dumps import count_rows
from deploy.backup.events import (
    RECORD_TOPICS,
    Outbox,
    folded_ids,
    folded_in,
    outbox_ids,
    outbox_of,
    total,
)
from deploy.backup.manifest import Manifest

_SETTLE_SECONDS = 20.0
_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Folded:
    """How reporting's events differ from those of the outboxes, by id; at best not at all.

    ``lost``: in an outbox, but neither folded nor waiting as a dead letter. ``foreign``: folded, but in no outbox.
    ``doubled``: folded more than once.
    """

    lost: tuple[UUID, ...] = ()
    foreign: tuple[UUID, ...] = ()
    doubled: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Databases:
    """The contents of the four databases as they are compared with a back-up.

    ``rows``: of each table by service; ``dumped``: the outboxes up to the last position in the back-up; ``outboxes``: the
    whole of them.
    """

    rows: Mapping[str, Mapping[str, int]]
    dumped: Mapping[str, Outbox]
    outboxes: Mapping[str, Outbox]
    folded: Folded


def read_databases(manifest: Manifest, urls: Mapping[str, str]) -> Databases:
    """Return the contents of the databases; ProcessFailedError where one cannot be reached."""
    known_at = manifest.evidence.known_at
    return Databases(
        rows={name: count_rows(url) for name, url in urls.items()},
        dumped={
            name: outbox_of(urls[name], known_at, dumped.outbox.last)
            for name, dumped in manifest.services.items()
        },
        folded=_folded(manifest, urls),
        outboxes={name: outbox_of(url, known_at) for name, url in urls.items()},
    )


def _folded(manifest: Manifest, urls: Mapping[str, str]) -> Folded:
    """Compare the fingerprints, and the ids one by one only where these differ."""
    known_at = manifest.evidence.known_at
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        outboxes = [outbox_of(url, known_at) for url in urls.values()]
        held = total(outbox.of(topic) for outbox in outboxes for topic in RECORD_TOPICS)
        folded = total(folded_in(urls["reporting"], known_at).values())
        if (held.count, held.ids) == (folded.count, folded.ids):
            return Folded()
        found = _by_id(urls)
        # Somebody may be handing in: what is on its way is folded soon, and what is lost never.
        if found == Folded() or time.monotonic() > deadline:
            return found
        time.sleep(_PAUSE_SECONDS)


def _by_id(urls: Mapping[str, str]) -> Folded:
    held = {event for url in urls.values() for event in outbox_ids(url)}
    folded, letters = folded_ids(urls["reporting"])
    times = Counter(folded)
    return Folded(
        lost=tuple(sorted(held - times.keys() - letters)),
        foreign=tuple(sorted(times.keys() - held)),
        doubled=tuple(sorted(event for event, count in times.items() if count > 1)),
    )
