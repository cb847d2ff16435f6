"""Invented registers with injected causes: the generator knows how many records came late, were withdrawn, and so on.

An agency counts its list at its cut-off by the plain rules below; it shares nothing with the projections, the figures
or the waterfall, and what each cause is worth follows from how many times it was injected.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from contracts.envelope import start_of_day
from tests.support.reconciliation import CUT_OFF, DAY, HAI_DUONG
from tests.support.reporting import CHI_LINH, Log, person

EARLY = date(2023, 3, 1)
"""Everything that is true by the declared day begins between here and then."""
_before = st.integers(0, (DAY - EARLY).days).map(lambda n: EARLY + timedelta(days=n))
_by_cut_off = st.integers(0, (CUT_OFF - DAY).days)
_after_cut_off = st.integers(1, 120).map(
    lambda n: start_of_day(CUT_OFF + timedelta(days=n)) + timedelta(hours=3)
)


@dataclass
class Injected:
    """One human being and the one thing that is special about them. ``refs`` are the names that services know."""

    cause: str
    refs: tuple[str, ...]
    since: date
    learnt: datetime
    place: str
    until: date | None = None


@dataclass
class Truth:
    """A population, and how often each cause is in it."""

    people: list[Injected] = field(default_factory=list)

    def number(self, cause: str) -> int:
        return Counter(one.cause for one in self.people)[cause]

    @property
    def known_then(self) -> int:
        """What the log gave at the cut-off for the declared day."""
        weight = {
            "plain": 1,
            "late": 0,
            "voided": 1,
            "moved_away": 1,
            "moved_here": 0,
            "ended_late": 1,
            "merged_late": 2,
            "parted_late": 1,
            "twice": 1,
            "began_between": 0,
            "ended_between": 1,
        }
        return sum(weight[one.cause] for one in self.people)

    def expected(self, later_date: bool) -> dict[str, int]:
        """The steps of *declared − computed*, given a declared number of ``known_then``."""
        steps = {
            "recorded_late": self.number("ended_late") - self.number("late"),
            "corrected_since": self.number("moved_away") - self.number("moved_here"),
            "voided_since": self.number("voided"),
            "linked_since": self.number("merged_late") - self.number("parted_late"),
            "other_date": (self.number("ended_between") - self.number("began_between")) * later_date,
        }
        return {step: count for step, count in steps.items() if count}

    @property
    def extra_records(self) -> int:
        """What an agency adds that counts records instead of people, as people were linked at the cut-off.

        Whoever was taken apart only later still was one person with two records then.
        """
        return self.number("twice") + self.number("parted_late")

    def log(self) -> Log:
        """The events, with the links that follow."""
        log = Log()
        for one in self.people:
            _write(log, one)
        return log


def _row(log: Log, one: Injected, ref: str, recorded: datetime | date, **more: Any) -> None:
    given: dict[str, Any] = {
        "person": person(ref),
        "commune": one.place,
        "facility": "F1",
        "enrolled_on": one.since,
    }
    log.write("methadone", f"{ref} {one.since}", unit="F1", recorded=recorded, **{**given, **more})


def _write(log: Log, one: Injected) -> None:
    first, *others = one.refs
    on_time = start_of_day(min(one.since, DAY))
    if one.cause == "late":
        _row(log, one, first, one.learnt)
    elif one.cause == "voided":
        _row(log, one, first, on_time)
        log.write("methadone", f"{first} {one.since}", unit="F1", void=True, recorded=one.learnt)
    elif one.cause in ("moved_away", "moved_here"):
        here, there = (HAI_DUONG, CHI_LINH) if one.cause == "moved_away" else (CHI_LINH, HAI_DUONG)
        _row(log, one, first, on_time, commune=here)
        _row(log, one, first, one.learnt, commune=there)
    elif one.cause == "ended_late":
        _row(log, one, first, on_time)
        _row(log, one, first, one.learnt, ended_on=one.since, end_reason="dropped_out")
    elif one.cause == "began_between":
        _row(log, one, first, start_of_day(one.since), enrolled_on=one.since)
    elif one.cause == "ended_between":
        _row(log, one, first, on_time)
        _row(log, one, first, start_of_day(CUT_OFF), ended_on=one.until, end_reason="dropped_out")
    else:
        for ref in (first, *others):
            _row(log, one, ref, on_time)
    _link(log, one, on_time)


def _link(log: Log, one: Injected, on_time: datetime) -> None:
    first, *others = one.refs
    if one.cause == "merged_late":
        log.link(first, f"token {first}", known=on_time)
        for ref in others:
            log.link(ref, f"token {first}", known=one.learnt)
    elif one.cause == "parted_late":
        log.link(first, f"token {first}", known=on_time)
        for ref in others:
            log.link(ref, f"token {first}", known=on_time, until=one.learnt)
    elif one.cause == "twice":
        for ref in one.refs:
            log.link(ref, f"token {first}", known=on_time)


CAUSES = (
    "plain",
    "late",
    "voided",
    "moved_away",
    "moved_here",
    "ended_late",
    "merged_late",
    "parted_late",
    "twice",
    "began_between",
    "ended_between",
)


@st.composite
def truths(draw: Any, causes: tuple[str, ...] = CAUSES) -> Truth:
    """A population in which causes occur any number of times."""
    truth = Truth()
    for number in range(draw(st.integers(1, 16))):
        cause = draw(st.sampled_from(causes))
        refs: tuple[str, ...] = (f"p{number}",)
        if cause in ("merged_late", "parted_late", "twice"):
            refs += (f"p{number} too",)
        since = draw(_before)
        if cause == "began_between":
            since = DAY + timedelta(days=draw(st.integers(1, (CUT_OFF - DAY).days)))
        until = DAY + timedelta(days=draw(_by_cut_off.filter(bool))) if cause == "ended_between" else None
        truth.people.append(Injected(cause, refs, since, draw(_after_cut_off), HAI_DUONG, until))
    return truth


@dataclass
class Event:
    """Something that happened on a day and was written down at an instant; ``dropped``: withdrawn at that one."""

    day: date
    written: datetime
    dropped: datetime | None


@dataclass
class Happenings:
    """Drug cases, and the plain reading of windows and knowledge."""

    events: list[Event]

    def log(self) -> Log:
        log = Log()
        for number, event in enumerate(self.events):
            about: dict[str, Any] = {"commune": HAI_DUONG, "offence": "trade", "subjects": 1}
            log.write("drug_cases", str(number), recorded=event.written, detected_on=event.day, **about)
            if event.dropped is not None:
                log.write("drug_cases", str(number), void=True, recorded=event.dropped)
        return log

    def inside(self, window: tuple[date, date], at: datetime | None) -> list[Event]:
        """What happened in the window (both days are in it), as known at an instant (None = in the end)."""
        return [
            event
            for event in self.events
            if window[0] <= event.day <= window[1]
            and (at is None or event.written <= at)
            and not (event.dropped is not None and (at is None or event.dropped <= at))
        ]


_day = st.integers(-60, 320).map(lambda n: date(2023, 1, 1) + timedelta(days=n))


@st.composite
def happenings(draw: Any) -> Happenings:
    """Events through the year, some written down or withdrawn long after."""
    events = []
    for _ in range(draw(st.integers(1, 20))):
        day = draw(_day)
        written = start_of_day(day + timedelta(days=draw(st.integers(0, 200))))
        dropped = written + timedelta(days=draw(st.integers(1, 200))) if draw(st.booleans()) else None
        events.append(Event(day, written, dropped))
    return Happenings(events)


@st.composite
def windows(draw: Any) -> tuple[date, date]:
    """A first and a last day."""
    first, last = sorted((draw(_day), draw(_day)))
    return first, last
