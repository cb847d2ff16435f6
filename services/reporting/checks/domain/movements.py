"""Entries and exits of a stock between two days: who, when, into or out of which area, and in which way.

Pure: computed from stays (intervals of a subject in a place), wherever they were read.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

_DAY = timedelta(days=1)


class Stay(NamedTuple):
    """A subject (human being, facility, record) in the stock during [start, end), by one record at one place.

    ``reason`` is why it ended, as its register says. ``thing`` is what later records may be about as well, for example the
    place of a hot spot: a record that begins where another one of the same thing ends is a renewal.
    """

    subject: str
    record: str
    place: str | None
    facility: str | None
    start: date
    end: date
    reason: str | None = None
    thing: str | None = None


class Wider(NamedTuple):
    """A subject's registered status during [start, end), whether it counts in the stock or not.

    It tells a change of status (from suspected user to user) from a person who is new in the registers.
    """

    subject: str
    record: str
    code: str
    start: date
    end: date


Cell = Callable[[Stay, date], str | None]
"""The row that a stay belongs to on a day; None where it lies outside the area asked."""


@dataclass(frozen=True, slots=True)
class Move:
    """One entry or exit of a subject: of the whole area where ``row`` is None, else of one row of the breakdown."""

    subject: str
    records: tuple[str, ...]
    day: date
    kind: str
    row: str | None


@dataclass(slots=True)
class Movements:
    """Entries and exits after the opening day, up to and including the closing day.

    ``start`` and ``end`` are the members of the stock at the end of the two days, as subject → rows.
    """

    entries: list[Move] = field(default_factory=list)
    exits: list[Move] = field(default_factory=list)
    start: dict[str, frozenset[str]] = field(default_factory=dict)
    end: dict[str, frozenset[str]] = field(default_factory=dict)

    def counts(self, which: Iterable[Move], row: str | None) -> dict[str, int]:
        """Return the number of moves by class, of the whole area (``row`` None) or of one row."""
        return dict(sorted(Counter(move.kind for move in which if move.row == row).items()))


def movements(
    stays: Iterable[Stay],
    wider: Iterable[Wider],
    opening: date,
    closing: date,
    cell: Cell,
    borders: Collection[date] = (),
) -> Movements:
    """Return the entries and exits between the end of ``opening`` and the end of ``closing``.
    ``borders``: days on which rows change although no stay does (a new hierarchy of areas).
    """
    by_subject: dict[str, list[Stay]] = defaultdict(list)
    for stay in stays:
        # A stay that ends on its first day is in no stock, since stocks are counted at the end of a day.
        if stay.end > stay.start:
            by_subject[stay.subject].append(stay)
    around: dict[str, list[Wider]] = defaultdict(list)
    for spell in wider:
        around[spell.subject].append(spell)
    things: dict[str, list[Stay]] = defaultdict(list)
    for found in by_subject.values():
        for stay in found:
            if stay.thing is not None:
                things[stay.thing].append(stay)
    done = Movements()
    for subject, found in sorted(by_subject.items()):
        if any(stay.start <= closing and stay.end > opening for stay in found):
            _one(
                done,
                _Subject(subject, found, around.get(subject, []), things),
                opening,
                closing,
                cell,
                borders,
            )
    return done


@dataclass(frozen=True, slots=True)
class _Subject:
    name: str
    stays: Sequence[Stay]
    wider: Sequence[Wider]
    things: Mapping[str, Sequence[Stay]]

    def active(self, day: date) -> list[Stay]:
        """Return the stays of the day."""
        return [stay for stay in self.stays if stay.start <= day < stay.end]


def _one(
    done: Movements, who: _Subject, opening: date, closing: date, cell: Cell, borders: Collection[date]
) -> None:
    days = {day for stay in who.stays for day in (stay.start, stay.end)} | set(borders)
    before = _rows(who, opening, cell)
    if before:
        done.start[who.name] = frozenset(before)
    for day in sorted(day for day in days if opening < day <= closing):
        after = _rows(who, day, cell)
        if after != before:
            _change(done, who, day, before, after, cell)
        before = after
    if before:
        done.end[who.name] = frozenset(before)


def _rows(who: _Subject, day: date, cell: Cell) -> set[str]:
    return {row for stay in who.active(day) if (row := cell(stay, day)) is not None}


def _change(done: Movements, who: _Subject, day: date, before: set[str], after: set[str], cell: Cell) -> None:
    whole: str | None = None
    if not before:
        whole = _entry(who, day)
        done.entries.append(Move(who.name, _records(who, day), day, whole, None))
    elif not after:
        whole = _exit(who, day)
        done.exits.append(Move(who.name, _records(who, day - _DAY), day, whole, None))
    for row in sorted(after - before):
        # An entry into the whole area has one reason, and its rows must not name another.
        kind = whole or _within(who, day, row, cell, other_side=before - after, way="in")
        done.entries.append(Move(who.name, _records(who, day), day, kind, row))
    for row in sorted(before - after):
        kind = whole or _within(who, day, row, cell, other_side=after - before, way="out")
        done.exits.append(Move(who.name, _records(who, day - _DAY), day, kind, row))


def _records(who: _Subject, day: date) -> tuple[str, ...]:
    return tuple(sorted({stay.record for stay in who.active(day)}))


def _stayed(who: _Subject, day: date) -> bool:
    """Return whether one record was in the stock at the same place on the day before and on the day."""
    return bool(
        {(stay.record, stay.place) for stay in who.active(day - _DAY)}
        & {(stay.record, stay.place) for stay in who.active(day)}
    )


def _within(who: _Subject, day: date, row: str, cell: Cell, *, other_side: set[str], way: str) -> str:
    """Return why a row gained or lost a subject that is in the area both on the day before and on the day."""
    if not other_side:
        return f"second_{way}"
    yesterday = {(stay.record, stay.place): cell(stay, day - _DAY) for stay in who.active(day - _DAY)}
    today = {(stay.record, stay.place): cell(stay, day) for stay in who.active(day)}
    # The place of the record is the same and its row is another: the hierarchy of areas changed, nobody moved.
    same = [key for key in yesterday.keys() & today.keys() if yesterday[key] != today[key]]
    concerned = today if way == "in" else yesterday
    if any(concerned[key] == row for key in same):
        return "hierarchy"
    return f"moved_{way}"


def _entry(who: _Subject, day: date) -> str:
    """Return why a subject is in the area's stock on the day and was not on the day before."""
    if who.active(day - _DAY):
        return "hierarchy" if _stayed(who, day) else "moved_in"
    now = {stay.record for stay in who.active(day)}
    known = [spell for spell in who.wider if spell.start <= day - _DAY < spell.end]
    # The same record existed before, so the person is not new: a condition of the figure is fulfilled since the day.
    if any(spell.record in now for spell in known):
        return "condition_met"
    if known:
        return "status_change"
    earlier = [stay for stay in who.stays if stay.end <= day]
    if earlier:
        last = max(earlier, key=lambda stay: stay.end)
        return "transferred_in" if last.reason == "transferred" else "returned"
    if any(_renews(stay, who, day) for stay in who.active(day)):
        return "renewed"
    return "new"


def _renews(stay: Stay, who: _Subject, day: date) -> bool:
    """Return whether another record of the same thing ended on the day on which this one begins."""
    return any(other.end == day for other in who.things.get(stay.thing or "", ()) if other is not stay)


def _exit(who: _Subject, day: date) -> str:
    """Return why a subject was in the area's stock on the day before and is not on the day."""
    if who.active(day):
        return "hierarchy" if _stayed(who, day) else "moved_out"
    ended = [stay for stay in who.stays if stay.end == day]
    records = {stay.record for stay in ended}
    known = [spell for spell in who.wider if spell.start <= day < spell.end]
    if any(spell.record in records for spell in known):
        return "condition_ended"
    if known:
        return "status_change"
    reasons = sorted({stay.reason for stay in ended if stay.reason})
    if reasons:
        return "transferred_out" if "transferred" in reasons else f"ended:{reasons[0]}"
    if any(other.start == day for stay in ended for other in who.things.get(stay.thing or "", ())):
        return "renewed"
    return "ended"
