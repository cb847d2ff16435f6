"""Put the ledger together: what is expected of whom, what has come, and what of it the caller may see."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from contracts.envelope import VIETNAM
from contracts.forms import FORMS
from reference import Area, Period, area_book, authority, calendars, hand_in_periods, unit_kinds
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.chassis.security import (
    Actor,
    Allowed,
    Refused,
    Target,
    Unit,
    Units,
    lies_in,
    may,
)
from services.reporting.facts import units_register
from services.reporting.figures import Reader
from services.reporting.figures.exact import snapshot
from services.reporting.ledger import queries
from services.reporting.ledger.domain import Arrivals, Entry, Expected, counted, entry_of

SEE, COUNT = "see_hand_ins", "count_hand_ins"
_NOTHING = Arrivals({})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the ledger: a period of a calendar in an area, at an instant of record time; one form or unit, or all."""

    period: Period
    area: Area
    known_at: datetime
    form: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry that the caller may see; ``with_records``: and how many records it is."""

    entry: Entry
    with_records: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """The answer: the number of registers in each state by form, and the single lines where the caller may see those."""

    counts: dict[str, dict[str, int]]
    lines: list[Line] | None


async def ledger(platform: Platform, reader: Reader, asked: Asked) -> Ledger:
    """Return the ledger of a period as the caller may see it.

    Raises:
        Problem: 403 for whoever may see no line of it, and not count the area's either.
    """
    return await snapshot.again(lambda: _ledger(platform, reader, asked))


async def _ledger(platform: Platform, reader: Reader, asked: Asked) -> Ledger:
    actor, today = reader.actor, reader.today
    async with snapshot.reading(platform.uow) as (connection, _):
        units = await units_register(connection)
        codes = await queries.facilities(connection, asked.known_at)
        due = _expected(asked, units, codes)
        seen = {unit.code: _sight(actor, units.keeping(unit.code, today), today) for unit in due}
        counts_all = _may_count(actor, asked.area, today)
        if not counts_all and not any(seen.values()):
            _refuse(actor, asked, today)
        shown = {unit: found for unit, found in due.items() if counts_all or seen[unit.code]}
        forms = {one.form for found in shown.values() for one in found}
        period = asked.period
        came = await queries.arrivals(connection, forms, period.first, period.last, asked.known_at)
    on = asked.known_at.astimezone(VIETNAM).date()
    lines = [
        Line(
            entry_of(one, came.get((one.form, one.unit), _NOTHING), period.last, on),
            bool(seen[unit.code] == "records"),
        )
        for unit, found in shown.items()
        for one in found
    ]
    lines.sort(key=lambda line: (line.entry.expected.form, line.entry.expected.unit))
    return Ledger(_by_form(line.entry for line in lines), None if counts_all else lines)


def _by_form(entries: Iterable[Entry]) -> dict[str, dict[str, int]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.expected.form].append(entry)
    return {form: counted(those) for form, those in sorted(found.items())}


def _expected(asked: Asked, units: Units, facilities: Iterable[str]) -> dict[Unit, list[Expected]]:
    """Return what each unit in the area is expected to hand in, as the rules stand on the period's last day."""
    day, period = asked.period.last, asked.period
    owners = frozenset(calendars()[period.calendar].owners)
    rules = [row for row in hand_in_periods(period.kind, day) if asked.form in (None, row.form)]
    kept = [row for row in authority(frozenset(FORMS)).on("hand-in", day) if row["reach"] == "own"]
    found: dict[Unit, list[Expected]] = {}
    for code in [asked.unit] if asked.unit else [*_offices(day), *facilities]:
        unit = units.on(code, day)
        if not lies_in(unit, asked.area.code):
            continue
        reporting = {kind for kind, agency in unit.kinds if owners & {"*", agency}}
        forms = {
            rule.form
            for rule in rules
            for row in kept
            if row["form"] == rule.form and row["kind"] in reporting and rule.expects(row["kind"])
        }
        due = period.due.get(unit.level or "") if unit.office else _due_of_facility(period, unit)
        if forms:
            found[unit] = [Expected(form, code, due) for form in sorted(forms)]
    return found


def _due_of_facility(period: Period, unit: Unit) -> date | None:
    """Return the day for a facility: the calendar's own for facilities, else that of its level."""
    return period.due.get("facility") or period.due.get(unit.level or "")


def _offices(day: date) -> list[str]:
    """Return the codes of the units of all areas that exist on the day."""
    return [
        f"{kind.code_word}:{area.code}"
        for kind in unit_kinds()
        if kind.code_word is not None
        for area in area_book().by_uid.values()
        if area.level == kind.level and area.exists_on(day)
    ]


def _sight(actor: Actor, unit: Unit, day: date) -> str | None:
    """Return what the caller sees of a unit's lines: "records" with their number, "state" without it, None nothing.

    How many records a unit has in a month is an exact count of its figures, so it is for the unit and its agency.
    """
    target = Target(unit=unit, area=unit.area, owners=unit.agencies)
    if isinstance(may(actor, SEE, target, day), Refused):
        return None
    own = actor.unit.code == unit.code or bool(actor.unit.agencies & unit.agencies)
    return "records" if own else "state"


def _may_count(actor: Actor, area: Area, day: date) -> bool:
    # Of one commune even "received" would say that it had a case.
    return area.level == "province" and isinstance(may(actor, COUNT, Target(area=area.code), day), Allowed)


def _refuse(actor: Actor, asked: Asked, day: date) -> None:
    decision = may(actor, SEE, Target(unit=Unit(""), area=asked.area.code), day)
    raise Problem.refused(decision) if isinstance(decision, Refused) else Problem.forbidden("area_scope")
