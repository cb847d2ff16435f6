"""Going through record time: what follows from what is known, at every instant at which something changes."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from services.registry.index.domain.knowledge import Interval

Known = TypeVar("Known")
Link = TypeVar("Link")


class Stretches(Generic[Link]):
    """The intervals in which each link holds, told instant by instant."""

    def __init__(self) -> None:
        self._opened: dict[Link, datetime] = {}
        self._ended: dict[Link, list[Interval]] = defaultdict(list)

    def begin(self, link: Link, moment: datetime) -> None:
        """Let the link hold from the instant on; nothing changes where it does already."""
        self._opened.setdefault(link, moment)

    def end(self, link: Link, moment: datetime) -> None:
        """Let the link, which holds, hold no longer from the instant on."""
        self._ended[link].append(Interval(self._opened.pop(link), moment))

    def holding(self) -> list[Link]:
        """Return the links that hold."""
        return list(self._opened)

    def all(self) -> dict[Link, tuple[Interval, ...]]:
        """Return when each link holds."""
        found = {link: list(intervals) for link, intervals in self._ended.items()}
        for link, since in self._opened.items():
            found.setdefault(link, []).append(Interval(since, None))
        return {link: tuple(intervals) for link, intervals in found.items()}


def through_time(
    known: Mapping[Known, Iterable[Interval]],
    links: Callable[[set[Known], datetime], Collection[Link]],
    moments: Iterable[datetime] = (),
) -> dict[Link, tuple[Interval, ...]]:
    """Return when each link holds: ``links`` says which do while exactly a set of things is known, from an instant on.

    ``moments`` are further instants at which the answer of ``links`` may change.
    """
    active: set[Known] = set()
    stretches: Stretches[Link] = Stretches()
    for moment, changes in changes_of(known, moments):
        for begins, thing in changes:
            (active.add if begins else active.discard)(thing)
        now = links(active, moment)
        for ended in [each for each in stretches.holding() if each not in now]:
            stretches.end(ended, moment)
        for begun in now:
            stretches.begin(begun, moment)
    return stretches.all()


def changes_of(
    known: Mapping[Known, Iterable[Interval]], moments: Iterable[datetime] = ()
) -> Iterator[tuple[datetime, Sequence[tuple[bool, Known]]]]:
    """Return the instants in order, each with the things that begin (True) or end (False) to be known."""
    changes: dict[datetime, list[tuple[bool, Known]]] = defaultdict(list)
    for thing, intervals in known.items():
        for interval in intervals:
            changes[interval.known_from].append((True, thing))
            if interval.known_until is not None:
                changes[interval.known_until].append((False, thing))
    for moment in moments:
        # Only so that the instant is visited, although nothing begins or ends at it.
        changes[moment].extend(())
    for moment in sorted(changes):
        yield moment, changes[moment]
