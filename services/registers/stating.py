"""Statements of a unit about its registers: everything of a period is handed in, or nothing happened in it.

A figure of 0 alone does not say which of the two it is. The unit says it itself, here, where it hands the register in;
reporting folds what it says like every other fact.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import orjson

from contracts.events.common import Voided
from contracts.events.statements import STATEMENTS, HandInStatement, Said
from contracts.forms import FORMS
from reference import Period, forms_expected
from services.chassis.persistence import About, AsyncSession, Origin, OutboxEvent, outbox, outbox_event, raw
from services.chassis.problems import Fault, Problem
from services.chassis.runtime import NewId
from services.chassis.security import HAND_IN, Actor, Allowed, Decision, Refused, Target, may
from services.registers import store
from services.registers.engine import Intake
from services.registers.plan import plan_of
from services.registers.register import Register
from services.registers.rights import Rights
from services.registers.row import Row

ACTION = "state_hand_ins"
Says = Literal["complete", "nil", "withdrawn"]
Outcome = Literal["stated", "changed", "withdrawn", "unchanged"]
_ONE_DAY = timedelta(days=1)
_FEW = 20


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody states of one unit and period: form → what is said of it.

    ``recorded_on`` is the day on which the unit says that it wrote it down. It is told beside the statement and decides
    nothing: a statement is known from when it was received, or a unit could say in August that it had said so in May.
    """

    unit: str
    period: Period
    said: Mapping[str, Says]
    recorded_on: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The last version of a statement."""

    statement_id: UUID
    says: Said
    withdrawn: bool
    sequence: int


@dataclass(frozen=True, slots=True)
class Stated:
    """What became of a statement. ``statement`` is its id; None where nothing stood that could be withdrawn."""

    form: str
    says: Says
    outcome: Outcome
    statement: UUID | None


def outcome_of(standing: Standing | None, says: Says) -> Outcome:
    """Return what saying this does. Pure.

    Saying again what stands changes nothing, so a request may be repeated. Withdrawing what does not stand changes
    nothing either.
    """
    stands = None if standing is None or standing.withdrawn else standing.says
    if says == "withdrawn":
        return "unchanged" if stands is None else "withdrawn"
    if stands == says:
        return "unchanged"
    return "stated" if stands is None else "changed"


@dataclass(frozen=True, slots=True)
class Maker:
    """Who states it, when, and what the events need: new ids and where they come from."""

    subject: str
    now: datetime
    new_id: NewId
    origin: Origin


async def state(
    session: AsyncSession, intake: Intake, rights: Rights, order: Order, maker: Maker
) -> list[Stated]:
    """Store what is stated and publish it, all of it or nothing; return what became of each, in the order of the request.

    Raises:
        Problem: 403 for another unit's registers; 422 with every fault: a form that the unit does not hand in for the
            period, a period that is not over, nil where rows of the period stand (with their number).
    """
    check_right(rights, order)
    faults = [*_faults(intake, rights, order)]
    if faults:
        raise Problem.invalid(faults)
    for form in sorted(order.said):
        # With the register's own lock no row comes between the counting and the statement.
        await store.lock(session, form, {order.unit})
    faults = [
        Fault.of(f"statements.{form}", "nil", "statement_rows_stand", count=rows)
        for form, says in order.said.items()
        if says == "nil"
        and (rows := await rows_in(session, intake.registers[form], order.unit, order.period))
    ]
    if faults:
        raise Problem.invalid(faults)
    standing = await _standing(session, order)
    made: list[Stated] = []
    events: list[OutboxEvent] = []
    for form, says in order.said.items():
        known = standing.get(form)
        outcome = outcome_of(known, says)
        fresh = known if outcome == "unchanged" else _next(known, says, maker.new_id)
        if fresh is not None and fresh is not known:
            await _put(session, order, form, fresh, maker)
            events.append(_event(intake.service, order, form, fresh, maker))
        made.append(Stated(form, says, outcome, None if fresh is None else fresh.statement_id))
    await outbox.append(session, events)
    return made


def _next(known: Standing | None, says: Says, new_id: NewId) -> Standing:
    if known is None:
        assert says != "withdrawn", "what was never stated is unchanged by a withdrawal"
        return Standing(new_id(), says, False, 1)
    if says == "withdrawn":
        return replace(known, withdrawn=True, sequence=known.sequence + 1)
    return Standing(known.statement_id, says, False, known.sequence + 1)


def may_state(rights: Rights, unit: str) -> bool:
    """Return whether the caller is one of those who state for the unit itself what it has handed in."""
    return isinstance(_decision(rights, unit), Allowed)


def _decision(rights: Rights, unit: str) -> Decision:
    return may(rights.actor, ACTION, Target(unit=rights.units.keeping(unit, rights.day)), rights.day)


def check_right(rights: Rights, order: Order) -> None:
    """Refuse whoever is not of the unit; for a unit that keeps the register no more, the office above it states it."""
    decision = _decision(rights, order.unit)
    if isinstance(decision, Refused) and not all(_stands_in(rights, order, form) for form in order.said):
        raise Problem.refused(decision, "unit_scope")


def _stands_in(rights: Rights, order: Order, form: str) -> bool:
    """Return whether the unit has no clerk of its own for the register today, and the caller hands in its rows."""
    today = rights.units.on(order.unit, rights.day)
    own = may(Actor(today, "clerk"), HAND_IN, Target(form, today), rights.day)
    return isinstance(own, Refused) and isinstance(rights.hand_in(form, order.unit), Allowed)


def _faults(intake: Intake, rights: Rights, order: Order) -> Iterable[Fault]:
    period, day = order.period, order.recorded_on or rights.day
    if day <= period.last:
        yield Fault.of("period", period.code, "statement_not_over", last=period.last)
    if day > rights.day:
        yield Fault.of("recorded_on", day, "statement_in_future")
    expected = forms_expected(rights.units.on(order.unit, period.last).kinds, period, frozenset(FORMS))
    for form in order.said:
        if form not in intake.registers:
            yield Fault.of(f"statements.{form}", form, "form_unknown")
        elif form not in expected:
            yield Fault.of(f"statements.{form}", form, "statement_not_expected", unit=order.unit)


async def rows_in(
    session: AsyncSession, register: Register, unit: str, period: Period, most: int | None = None
) -> int:
    """Return how many of the unit's records say that something happened in the period; withdrawn ones say nothing.

    ``most``: of so many at most that have a day near the period.
    """
    facts = [column.id for column in plan_of(register.form).facts]
    connection = await raw(session)
    cursor = await connection.execute(
        "SELECT content::text FROM record WHERE form = %s AND unit = %s AND NOT voided AND EXISTS ("
        "SELECT FROM jsonb_each_text(content) AS cell (name, said)"
        " WHERE name = ANY(%s) AND left(said, 10) BETWEEN %s AND %s) LIMIT %s",
        # A day of grace on both sides: instants are stored in UTC, and count on the Vietnamese day.
        (
            register.form.name,
            unit,
            facts,
            (period.first - _ONE_DAY).isoformat(),
            (period.last + _ONE_DAY).isoformat(),
            most,
        ),
    )
    stored = [orjson.loads(content) for (content,) in await cursor.fetchall()]
    return sum(_happened(register, content, period) for content in stored)


async def has_rows_in(session: AsyncSession, register: Register, unit: str, period: Period) -> bool:
    """Return whether any of the unit's records says that something happened in the period."""
    # Nearly always one of the first does; only where none of them does all are looked at.
    return bool(await rows_in(session, register, unit, period, most=_FEW)) or bool(
        await rows_in(session, register, unit, period)
    )


def _happened(register: Register, content: Mapping[str, object], period: Period) -> bool:
    milestones = register.milestones(Row.stored(register.form, content))
    return any(period.first <= milestone.on <= period.last for milestone in milestones)


async def _standing(session: AsyncSession, order: Order) -> dict[str, Standing]:
    connection = await raw(session)
    cursor = await connection.execute(
        "SELECT form, statement_id, says, withdrawn, sequence FROM statement"
        " WHERE unit = %s AND calendar = %s AND period = %s AND form = ANY(%s)",
        (order.unit, order.period.calendar, order.period.code, list(order.said)),
    )
    return {form: Standing(*rest) for form, *rest in await cursor.fetchall()}


async def _put(session: AsyncSession, order: Order, form: str, fresh: Standing, maker: Maker) -> None:
    connection = await raw(session)
    await connection.execute(
        "INSERT INTO statement (statement_id, unit, form, calendar, period, says, withdrawn, sequence, written_on,"
        " stated_at, stated_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (statement_id) DO UPDATE SET says = excluded.says, withdrawn = excluded.withdrawn,"
        " sequence = excluded.sequence, written_on = excluded.written_on, stated_at = excluded.stated_at,"
        " stated_by = excluded.stated_by",
        (
            fresh.statement_id, order.unit, form, order.period.calendar, order.period.code, fresh.says,
            fresh.withdrawn, fresh.sequence, order.recorded_on, maker.now, maker.subject,
        ),
    )  # fmt: skip


def _event(service: str, order: Order, form: str, fresh: Standing, maker: Maker) -> OutboxEvent:
    period = order.period
    data = HandInStatement(
        stated_form=form,
        calendar=period.calendar,
        period=period.code,
        first=period.first,
        last=period.last,
        says=fresh.says,
        written_on=order.recorded_on,
    )
    subject = str(fresh.statement_id)
    return outbox_event(
        f"{service}.statement.{'withdrawn' if fresh.withdrawn else 'made'}.v1",
        Voided(form=STATEMENTS) if fresh.withdrawn else data,
        About(subject, subject, order.unit),
        maker.origin,
        event_id=maker.new_id(),
        sequence=fresh.sequence,
        at=maker.now,
        on=period.last,
        recorded_at=maker.now,
    )
