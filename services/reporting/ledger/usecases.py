"""Put the ledger together: what is expected of whom, what has come, and what of it the caller may see."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from contracts.envelope import VIETNAM
from reference import Area, Period, threshold_of, with_days_off
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.chassis.security import (
    Actor,
    Allowed,
    Refused,
    Target,
    Unit,
    may,
)
from services.reporting.amendments import days_off_at
from services.reporting.facts import Connection, units_register
from services.reporting.figures import Reader, Remembered, knowledge, parse_question, read_watermark
from services.reporting.figures.exact import snapshot
from services.reporting.ledger import queries
from services.reporting.ledger.domain import Arrivals, Entry, Expected, counted, entry_of
from services.reporting.ledger.expectations import expected_of

SEE, COUNT = "see_hand_ins", "count_hand_ins"
ANY_FLOW = "fires.cases"  # a period is asked for in the words of every flow; this is one
_NOTHING = Arrivals({})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the ledger: a period of a calendar in an area, at an instant of record time; one form or unit, or all."""

    period: Period
    area: Area
    known_at: datetime
    form: str | None = None
    unit: str | None = None


def whole(period: Period, now: datetime) -> Asked:
    """Return the question for all registers of the whole province, as known now."""
    given = {"calendar": period.calendar, "period": period.code}
    return Asked(period, parse_question(ANY_FLOW, given, now).area, now)


@dataclass(frozen=True, slots=True)
class Line:
    """An entry that the caller may see; ``with_records``: and how many records it is."""

    entry: Entry
    with_records: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """The answer: the number of registers in each state by form, and the single lines where the caller may see those.

    A number is None where it is withheld: it would speak of fewer units than the release threshold.
    """

    counts: dict[str, dict[str, int | None]]
    lines: list[Line] | None


async def ledger(
    platform: Platform, reader: Reader, asked: Asked, remembered: Remembered | None = None
) -> Ledger:
    """Return the ledger of a period as the caller may see it; what is ``remembered`` of it is not worked out again.

    Raises:
        Problem: 403 for whoever may see no line of it, and not count the area's either.
    """
    kept = remembered or Remembered()
    return await snapshot.again(lambda: _kept_ledger(platform, reader, asked, kept))


async def _kept_ledger(platform: Platform, reader: Reader, asked: Asked, kept: Remembered) -> Ledger:
    async with snapshot.reading(platform.uow) as (connection, number):
        state = await read_watermark(connection, number)
        days_off = await days_off_at(connection, asked.known_at)
        # The rights of all who are the same unit in the same role are the same on a day.
        who = (reader.actor, reader.today)
        of = (asked.period.calendar, asked.period.code, asked.area.uid, asked.form, asked.unit)
        key = ("ledger", who, of, knowledge(state, asked.known_at), days_off)
        known = replace(asked, period=with_days_off(asked.period, days_off))
        return await kept.get(state, key, lambda: _ledger(connection, reader, known))


async def _ledger(connection: Connection, reader: Reader, asked: Asked) -> Ledger:
    actor, today = reader.actor, reader.today
    units = await units_register(connection)
    codes = await queries.facilities(connection, asked.known_at)
    due = expected_of(units, codes, asked.period, asked.area.code, form=asked.form, unit=asked.unit)
    seen = {unit.code: _sight(actor, units.keeping(unit.code, today), today) for unit in due}
    counts_all = _may_count(actor, asked, today)
    if not counts_all and not any(seen.values()):
        _refuse(actor, asked, today)
    shown = {unit: found for unit, found in due.items() if counts_all or seen[unit.code]}
    entries = await _entries(connection, asked, (one for found in shown.values() for one in found))
    lines = [Line(entry, bool(seen[entry.expected.unit] == "records")) for entry in entries]
    lines.sort(key=lambda line: (line.entry.expected.form, line.entry.expected.unit))
    counts = _by_form(line.entry for line in lines)
    if counts_all:
        least = threshold_of("", asked.period.last).least
        return Ledger({form: _withheld(states, least) for form, states in counts.items()}, None)
    return Ledger({form: dict(states) for form, states in counts.items()}, lines)


async def states_by_form(connection: Connection, asked: Asked) -> dict[str, dict[str, int]]:
    """Return how many registers of the area are in each state, by form, whoever asks.

    For what is done to a period as a whole: its closing shows what it was closed without.
    """
    return _by_form(await entries_of(connection, asked))


async def entries_of(connection: Connection, asked: Asked) -> list[Entry]:
    """Return every line of the ledger that is asked for, whoever asks."""
    days_off = await days_off_at(connection, asked.known_at)
    asked = replace(asked, period=with_days_off(asked.period, days_off))
    units, codes = await units_register(connection), await queries.facilities(connection, asked.known_at)
    due = expected_of(units, codes, asked.period, asked.area.code, form=asked.form, unit=asked.unit)
    return await _entries(connection, asked, (one for found in due.values() for one in found))


async def _entries(connection: Connection, asked: Asked, expected: Iterable[Expected]) -> list[Entry]:
    """Return what has become of what is expected, as known at the instant asked."""
    wanted, period = list(expected), asked.period
    forms = {one.form for one in wanted}
    came = await queries.arrivals(connection, forms, period.first, period.last, asked.known_at)
    said = await queries.statements(connection, forms, period.first, period.last, asked.known_at)
    on = asked.known_at.astimezone(VIETNAM).date()
    return [
        entry_of(
            one,
            came.get((one.form, one.unit), _NOTHING),
            period,
            on,
            said.get((one.form, one.unit), ()),
        )
        for one in wanted
    ]


def _by_form(entries: Iterable[Entry]) -> dict[str, dict[str, int]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.expected.form].append(entry)
    return {form: counted(those) for form, those in sorted(found.items())}


def _sight(actor: Actor, unit: Unit, day: date) -> str | None:
    """Return what the caller sees of a unit's lines: "records" with their number, "state" without it, None nothing.

    How many records a unit has in a month is an exact count of its figures, so it is for the unit and its agency.
    """
    target = Target(unit=unit, area=unit.area, owners=unit.agencies)
    if isinstance(may(actor, SEE, target, day), Refused):
        return None
    if actor.unit.code == unit.code:
        return "records"
    # A facility stands above nobody: what its neighbour in the commune has handed in is not its own.
    if not actor.unit.office:
        return None
    return "records" if actor.unit.agencies & unit.agencies else "state"


def _may_count(actor: Actor, asked: Asked, day: date) -> bool:
    # Of one commune even "received" would say that it had a case: whoever only counts may name neither it nor its unit.
    if asked.unit is not None or asked.area.level != "province":
        return False
    return isinstance(may(actor, COUNT, Target(area=asked.area.code), day), Allowed)


def _withheld(states: dict[str, int], least: int) -> dict[str, int | None]:
    """Return the numbers of a form's registers in each state; only how many are expected where they would tell of few.

    That is where fewer than ``least`` are expected, or fewer handed something in: each has a record, so their number is the
    least that a hidden figure of the period can be, and two calendars' numbers would give that of the days between them.
    Units that say that nothing happened have none, so they are not among those few; how many they are is never told, for
    the rest would be how many units have a case.

    Example: one office alone keeps a form, so its number "received" would be that office's own state. Four units that
    handed in conflicts, and a figure hidden because it is 1 to 4: it would be 4.
    """
    came = states["received"] + states["late"]
    few = any(0 < number < least for number in (came, came - states["nil"]))
    told = states["expected"] >= least and not few
    return {
        name: number if name == "expected" or (told and name != "nil") else None
        for name, number in states.items()
    }


def _refuse(actor: Actor, asked: Asked, day: date) -> None:
    decision = may(actor, SEE, Target(unit=Unit(""), area=asked.area.code), day)
    raise Problem.refused(decision) if isinstance(decision, Refused) else Problem.forbidden("area_scope")
