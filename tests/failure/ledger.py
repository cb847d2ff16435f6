"""Nothing lost, nothing double: what was accepted against what was applied."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import orjson

from tests.support.stack.log import Record


@dataclass(frozen=True, slots=True)
class Verdict:
    """Accepted but never applied; applied more than once; applied but never accepted."""

    lost: tuple[Hashable, ...]
    doubled: tuple[Hashable, ...]
    foreign: tuple[Hashable, ...]

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.foreign)

    def __str__(self) -> str:
        return f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.foreign)} foreign"


def judge(accepted: Iterable[Hashable], applied: Iterable[Hashable]) -> Verdict:
    """Compare as bags: each accepted thing must have been applied exactly once."""
    wanted, got = Counter(accepted), Counter(applied)
    return Verdict(
        lost=tuple(key for key in wanted if key not in got),
        doubled=tuple(key for key, times in got.items() if key in wanted and times > wanted[key]),
        foreign=tuple(key for key in got if key not in wanted),
    )


@dataclass(frozen=True, slots=True)
class LogFaults:
    """What is wrong with a log: events that never arrived, and subjects whose events stand in the wrong order."""

    missing: tuple[str, ...]
    disordered: tuple[str, ...]


def check_log(outbox: Sequence[tuple[str, str, int]], records: Sequence[Record]) -> LogFaults:
    """Compare outbox rows (event id, subject, sequence) with the log.

    Repeats are allowed: a relay that died between sending and noting sends again, from there on in order. So the
    order that counts is that of first appearances.
    """
    first: dict[str, int] = {}
    latest: dict[str, int] = {}
    disordered = []
    for record in records:
        event = _event(record)
        identity = str(event.get("id", ""))
        if identity in first or "sequence" not in event:
            continue
        first[identity] = record.offset
        subject, sequence = str(event["subject"]), int(str(event["sequence"]))
        if sequence < latest.get(subject, 0):
            disordered.append(f"{subject}: {sequence} after {latest[subject]}")
        latest[subject] = max(sequence, latest.get(subject, 0))
    missing = tuple(identity for identity, _, _ in outbox if identity not in first)
    return LogFaults(missing, tuple(disordered))


def _event(record: Record) -> dict[str, object]:
    try:
        document = orjson.loads(record.value or b"")
    except orjson.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}
