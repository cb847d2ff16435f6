"""From what began to what is due: the limit by the rule set, the last day, and the state on a day. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta

from reference import DaysOff, DutyRule, duty_rule
from services.registers.duties.model import Begun, Duty, Lacking, Reckoned, State


def reckon(begun: Iterable[Begun], day: date, days_off: DaysOff) -> Reckoned:
    """Return what is due on the day of what began until then."""
    found = Reckoned()
    for each in begun:
        if (each.since or each.start) > day:
            continue
        made = _made(each, day, days_off)
        if isinstance(made, Lacking):
            found.lacking.add(made)
        elif made is not None:
            found.duties.append(made)
    found.duties.sort(key=lambda duty: duty.place)
    found.counts.update(duty.state for duty in found.duties)
    return found


def state_of(until: date | None, day: date, soon_days: int) -> State:
    """Return the state of a duty on the day; on its last day it is not overdue."""
    if until is None:
        return "open"
    if day > until:
        return "overdue"
    return "soon" if until - day <= timedelta(days=soon_days) else "open"


def _made(begun: Begun, day: date, days_off: DaysOff) -> Duty | Lacking | None:
    rules_of = begun.rules_of or begun.start
    rule = duty_rule(begun.rule, begun.variant, rules_of)
    if rule is None:
        return Lacking(begun.rule, begun.variant, rules_of)
    if begun.then:
        later = duty_rule(begun.then, begun.variant, rules_of)
        if later is None:
            return Lacking(begun.then, begun.variant, rules_of)
        rule = _over(rule, later, begun.start, day, days_off)
    until = rule.last_day(begun.start, days_off)
    state = state_of(until, day, rule.soon_days)
    # Far ahead: shown only where the rule asks for it, or lists would be full of what nobody has to do yet.
    if state == "open" and not rule.early:
        return None
    late = (day - until).days if state == "overdue" and until is not None else 0
    return Duty(begun.fact, rule, begun.since or begun.start, until, state, late)


def _over(rule: DutyRule, later: DutyRule, start: date, day: date, days_off: DaysOff) -> DutyRule:
    """Return the later limit where it is over, too; else the first one."""
    until = later.last_day(start, days_off)
    return later if until is not None and day > until else rule
