"""The same number by the knowledge of an earlier day: which days there are to choose, and what the page offers of them."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from contracts.envelope import VIETNAM
from services.chassis.problems import Fault, Problem
from services.chassis.web import Link
from services.reporting.figures import QueryService, Reader, Reading, Remembered, arrival_days, scope_of
from services.reporting.pages import words
from services.reporting.pages.choosing import Chosen
from services.reporting.reconciliation import EXACT_ONLY
from texts import Message, day_written, message

SLID = "slid"
"""The parameter of the slider: a day as its number, which is what a native range has."""
_LAST_DAY = date.max.toordinal()
_LINKS = 24


@dataclass(frozen=True, slots=True)
class Days:
    """The days on which something became known or was closed, earliest first; ``editions`` are those of the closings."""

    days: Sequence[date]
    editions: Mapping[date, int]

    def until(self, day: date) -> date | None:
        """Return the last of them that is not after a day, the first where all are; None where there are none."""
        found = bisect_right(self.days, day)
        return self.days[max(found - 1, 0)] if self.days else None

    def before(self, day: date) -> date | None:
        """Return the one before a day."""
        earlier = [one for one in self.days if one < day]
        return earlier[-1] if earlier else None


@dataclass(frozen=True, kw_only=True)
class Slider:
    """A range over days by their numbers, and links to days: all of them, or of many the last of each month."""

    first: int
    last: int
    value: int
    first_written: str
    last_written: str
    ticks: tuple[tuple[int, str], ...]
    links: tuple[Link, ...]
    kept: Mapping[str, str]


async def days_of(
    queries: QueryService,
    remembered: Remembered,
    listed: Iterable[Mapping[str, Any]],
    reader: Reader,
    figure: str,
    chosen: Chosen,
) -> Days:
    """Return the days of a figure; ``listed`` are the closings. None for readers of released numbers."""
    question = chosen.question(figure, known_at="")
    scope = scope_of(question)
    # What was known earlier is not released, so whoever is told released numbers has nothing to choose.
    if not queries.may_read(figure, scope, reader):
        return Days((), {})
    editions = _editions(listed, chosen)

    async def read(reading: Reading) -> tuple[date, ...]:
        connection = reading.exact(figure, scope, reader, EXACT_ONLY)
        key = ("arrivals", figure, scope)
        return await remembered.get(reading.watermark, key, lambda: arrival_days(connection, question, scope))

    came = await queries.read(read)
    return Days(sorted({*came, *editions}), editions)


def _editions(listed: Iterable[Mapping[str, Any]], chosen: Chosen) -> dict[date, int]:
    """Return the latest edition of the period that was closed by the knowledge of each day."""
    found: dict[date, int] = {}
    for one in listed:
        asked = (chosen.period.calendar, chosen.period.code, chosen.area.uid)
        if (one["calendar"], one["period"], one["area_uid"]) == asked:
            day = datetime.fromisoformat(one["known_at"]).astimezone(VIETNAM).date()
            found[day] = max(found.get(day, 0), one["edition"])
    return found


def slid_to(days: Days, slid: str, chosen: Chosen) -> Mapping[str, str]:
    """Return the parameters that ask for the day of a slider, and what changed since the one before.

    Raises:
        Problem: 422 where it is no day.
    """
    if re.fullmatch("[0-9]{1,7}", slid) is None or not 1 <= int(slid) <= _LAST_DAY:
        raise Problem.invalid([Fault.of(SLID, slid, "date")])
    day = days.until(date.fromordinal(int(slid)))
    return chosen.asked() if day is None else _asked(days, day, chosen)


def _asked(days: Days, day: date, chosen: Chosen) -> Mapping[str, str]:
    before = days.before(day)
    since = {} if before is None else {"since": before.isoformat()}
    return {**chosen.asked(known_at=day.isoformat()), **since}


def slider(days: Days, chosen: Chosen, path: str, kept: Mapping[str, str]) -> Slider | None:
    """Return what a page offers; None where there is nothing to choose between."""
    if len(days.days) < 2:
        return None
    rest = {name: value for name, value in kept.items() if name != "since"}
    at = chosen.known_at
    current = days.days[-1] if at is None else days.until(at.astimezone(VIETNAM).date())
    first, last = days.days[0], days.days[-1]
    return Slider(
        first=first.toordinal(),
        last=last.toordinal(),
        value=(current or last).toordinal(),
        first_written=day_written(first),
        last_written=day_written(last),
        ticks=tuple((day.toordinal(), day_written(day)) for day in days.days),
        links=tuple(
            Link(
                text=_called(day, days),
                href=words.link(path, {**_asked(days, day, chosen), **rest}),
                current=day == current,
            )
            for day in _offered(days)
        ),
        kept={**chosen.asked(known_at=""), **rest},
    )


def _offered(days: Days) -> list[date]:
    if len(days.days) <= _LINKS:
        return list(days.days)
    ends = {(day.year, day.month): day for day in days.days}
    return sorted({*ends.values(), *days.editions})[-_LINKS:]


def _called(day: date, days: Days) -> Message:
    written = words.both(day_written(day))
    edition = days.editions.get(day)
    return written if edition is None else message("page.known.closed", day=written, edition=edition)
