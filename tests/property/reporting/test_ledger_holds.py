"""Whatever units hand in and state, in whatever order it arrives: the ledger says what a plain reading of it says."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.envelope import VIETNAM
from reference import Period, area_book
from services.chassis.persistence import raw
from services.chassis.platform import Platform
from services.reporting.facts import generations, use_generation
from services.reporting.ledger.usecases import Asked, entries_of
from tests.property.reporting.test_figures_hold import folded
from tests.support.reporting import Log

UNIT, FORM = "police:288", "fires"
MONTHS = {
    "2023-10": (date(2023, 10, 1), date(2023, 10, 31)),
    "2023-11": (date(2023, 11, 1), date(2023, 11, 30)),
    "2023-Q4": (date(2023, 10, 1), date(2023, 12, 31)),
}
DUE = date(2023, 12, 5)
ASKED = Period("civil", "2023-M1011", date(2023, 10, 1), date(2023, 11, 30), {"district": DUE}, "month")
_LENIENT = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@dataclass(frozen=True)
class Row:
    """One hand-in of a fire: its number, its day (None: withdrawn) and when it was recorded."""

    number: int
    on: date | None
    recorded: datetime


@dataclass(frozen=True)
class Saying:
    """One statement of a period (None: withdrawn) and when it was recorded."""

    period: str
    says: Literal["complete", "nil"] | None
    recorded: datetime


def instants() -> st.SearchStrategy[datetime]:
    return st.integers(0, 70).map(lambda n: datetime(2023, 11, 1, 3, tzinfo=UTC) + timedelta(days=n))


histories = st.lists(
    st.one_of(
        st.builds(
            Row,
            st.integers(1, 3),
            st.one_of(st.none(), st.dates(date(2023, 9, 25), date(2023, 12, 8))),
            instants(),
        ),
        st.builds(
            Saying, st.sampled_from(sorted(MONTHS)), st.sampled_from(["complete", "nil", None]), instants()
        ),
    ),
    max_size=10,
)


def written(history: list[Row | Saying]) -> Log:
    """The events of the history; of each record and statement the versions are numbered in the order written."""
    log = Log()
    for one in history:
        if isinstance(one, Saying):
            log.state(FORM, UNIT, *MONTHS[one.period], one.says, recorded=one.recorded)
        elif one.on is None:
            log.write(FORM, str(one.number), unit=UNIT, recorded=one.recorded, occurred=DUE, void=True)
        else:
            alarm = datetime(one.on.year, one.on.month, one.on.day, 5, tzinfo=UTC)
            content: dict[str, Any] = {"commune": "10513@2008", "alarm_at": alarm, "place": "dwelling"}
            log.write(FORM, str(one.number), unit=UNIT, recorded=one.recorded, occurred=one.on, **content)
    return log


def counting(history: list[Row | Saying], known_at: datetime) -> dict[int, list[Row]]:
    """Each fire that stands at the instant, with every version of it that says a day."""
    found: dict[int, list[Row]] = {}
    for one in history:
        if isinstance(one, Row) and one.recorded <= known_at:
            found.setdefault(one.number, []).append(one)
    return {
        number: [row for row in rows if row.on is not None]
        for number, rows in found.items()
        if rows[-1].on is not None
    }


def within(rows: list[Row], first: date, last: date) -> list[datetime]:
    return [row.recorded for row in rows if row.on is not None and first <= row.on <= last]


def expected(history: list[Row | Saying], known_at: datetime) -> tuple[object, ...]:
    """State, records, late days, what is declared and since when, and records against it: read day by day."""
    fires = counting(history, known_at)
    today = known_at.astimezone(VIETNAM).date()
    ours = [within(rows, ASKED.first, ASKED.last) for rows in fires.values()]
    arrivals = [min(those).astimezone(VIETNAM).date() for those in ours if those]
    standing: dict[str, Saying] = {}
    for one in history:
        if isinstance(one, Saying) and one.recorded <= known_at:
            standing[one.period] = one
    against = 0
    usable: list[tuple[date, date, str, date]] = []
    for one in standing.values():
        if one.says is None:
            continue
        of_period = [within(rows, *MONTHS[one.period]) for rows in fires.values()]
        firsts = [min(those) for those in of_period if those]
        later = [first for first in firsts if one.says == "nil" or first > one.recorded]
        against += len(later)
        if one.says == "complete" or not later:
            usable.append((*MONTHS[one.period], one.says, one.recorded.astimezone(VIETNAM).date()))
    said = declared_by(usable)
    came = max(arrivals, default=None) or (said[1] if said else None)
    if came is None:
        state, late = ("missing", (today - DUE).days) if today > DUE else ("awaited", 0)
    else:
        state, late = ("late", (came - DUE).days) if came > DUE else ("received", 0)
    return state, len(arrivals), late, said, against


def declared_by(usable: list[tuple[date, date, str, date]]) -> tuple[str, date] | None:
    days = {ASKED.first + timedelta(days=n) for n in range((ASKED.last - ASKED.first).days + 1)}
    for today in sorted({on for *_, on in usable}):
        known = [one for one in usable if one[3] <= today]
        if all(any(first <= day <= last for first, last, *_ in known) for day in days):
            return ("complete" if any(says == "complete" for _, _, says, _ in known) else "nil"), today
    return None


@_LENIENT
@given(
    history=histories,
    seed=st.integers(0, 99),
    borders=st.lists(st.integers(1, 9), max_size=3),
    known_at=instants(),
)
async def test_the_ledger_is_the_plain_reading_of_what_came_in_any_order(
    shared: Platform, history: list[Row | Saying], seed: int, borders: list[int], known_at: datetime
) -> None:
    # Given the history's events in another order, with repetitions, in several batches
    messages = written(history).messages
    shuffled = [*messages, *messages[:2]]
    Random(seed).shuffle(shuffled)
    await folded(shared, shuffled, borders)
    # When the line of the two months is read as known at an instant
    async with shared.uow() as session:
        connection = await raw(session)
        await use_generation(connection, await generations.live(connection))
        asked = Asked(ASKED, area_book().by_uid["30@2008"], known_at, FORM, UNIT)
        (line,) = await entries_of(connection, asked)
    # Then it is what the history says
    said = None if line.declared is None else (line.declared.says, line.declared.on)
    found = (line.state, line.records, line.late_days, said, line.rows_after)
    assert found == expected(history, known_at)
