"""Who may hand in and read rows: what the rows are about, put to the authority of ``services.chassis.security``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from contracts.forms import FORMS
from services.chassis.security import (
    HAND_IN,
    READ,
    Actor,
    Allowed,
    Decision,
    Principal,
    Refused,
    Target,
    Units,
    hands_in,
    may,
    missing,
    names_paper,
    paper_rule,
)
from services.registers.register import Aim, Register
from services.registers.row import Row

_ANYTHING = Aim()


@dataclass(frozen=True, slots=True)
class Rights:
    """One caller's rights over registers on a day, by the units register as it is then."""

    units: Units
    actor: Actor
    day: date
    _read: dict[tuple[str, str, bool], Decision] = field(default_factory=dict)
    _units: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    _kept: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, caller: Principal, units: Units, day: date) -> "Rights":
        """Return the rights of a caller: of its unit as the register knows it, whatever the token says of it."""
        return cls(units, Actor.of(caller, units.on(caller.unit, day)), day)

    def unit_of(self, code: str) -> tuple[str, str | None]:
        """Return a unit's code as the units register has it, else as it is written, and the code of the unit's area."""
        # Of thousands of rows nearly all are of few units.
        if code not in self._units:
            unit = self.units.keeping(self.units.spelt(code, self.actor.unit.code), self.day)
            self._units[code] = (unit.code, unit.area)
        return self._units[code]

    def hand_in(self, form: str, unit: str, aim: Aim | None = _ANYTHING) -> Decision:
        """Return whether the caller may hand in a record of the unit that is about this."""
        if aim is None:
            aim = Aim(variants=frozenset())
        decision = self._decide(form, unit, aim, paper=False)
        # A text is searched for a paper only where the right depends on it: others could keep the service busy by long ones.
        if isinstance(decision, Allowed) or not self.lacks_paper_alone(form, unit, aim):
            return decision
        return self._decide(form, unit, aim, paper=names_paper(form, aim.paper, self.day))

    def lacks_paper_alone(self, form: str, unit: str, aim: Aim | None) -> bool:
        """Return whether the caller could hand the record in if it named the paper that it rests on."""
        return aim is not None and isinstance(self._decide(form, unit, aim, paper=True), Allowed)

    def _decide(self, form: str, unit: str, aim: Aim, *, paper: bool) -> Decision:
        variants = aim.variants if aim.facility is None else self.units.does(aim.facility)
        kept = self.units.keeping(unit, self.day)
        target = Target(form, kept, variants, aim.area, aim.owners, paper=paper)
        return may(self.actor, HAND_IN, target, self.day)

    def hands_in_any(self, registers: Mapping[str, Register], unit: str) -> bool:
        """Return whether the caller may hand in records of the unit in any form."""
        # Asked of hundreds of units: forms that the caller hands in for nobody are left out for all of them at once.
        return any(
            self.hands_in_some(register, unit) for form, register in registers.items() if self._keeps(form)
        )

    def _keeps(self, form: str) -> bool:
        if form not in self._kept:
            self._kept[form] = isinstance(hands_in(self.actor, form, self.day), Allowed)
        return self._kept[form]

    def hands_in_some(self, register: Register, unit: str) -> bool:
        """Return whether the caller may hand in some records of the form for the unit; which ones a row's content decides."""
        own = self.actor.unit
        aim = Aim(area=own.area, owners=own.agencies) if register.aims_at_areas else _ANYTHING
        return isinstance(self._decide(register.form.name, unit, aim, paper=True), Allowed)

    def read(self, form: str, unit: str, *, minor: bool = False) -> Decision:
        """Return what the caller reads of the unit's records of the form."""
        key = (form, unit, minor)
        if key not in self._read:
            target = Target(form, self.units.keeping(unit, self.day), minor=minor)
            self._read[key] = may(self.actor, READ, target, self.day)
        return self._read[key]

    def reads(self, form: str, unit: str, *met: str) -> bool:
        """Return whether the caller reads values of the unit's records when these guards are met."""
        decision = self.read(form, unit)
        return isinstance(decision, Allowed) and decision.reads(*met)

    def reads_minors(self, form: str, unit: str, *met: str) -> bool:
        """Return whether the caller reads who the unit's people under 18 are, when these guards are met."""
        return FORMS[form].identity and "identity" in self.sees(form, unit, *met, minor=True)

    def reads_any(self, form: str, unit: str, *met: str) -> bool:
        """Return whether the caller reads any of the unit's records when these guards are met, be it those of minors alone."""
        return self.reads(form, unit, *met) or self.reads_minors(form, unit, *met)

    def knows(self, form: str, unit: str) -> bool:
        """Return whether the caller may know that the unit has a certain record of the form, whatever it says."""
        decision = self.read(form, unit)
        seen = decision.sees("purpose", "step_up") if isinstance(decision, Allowed) else frozenset[str]()
        return bool(seen & {"values", "identity", "lists"})

    def learns(self, form: str, units: Iterable[str], ties: frozenset[str]) -> frozenset[str]:
        """Return what the caller learns about another agency's person with these ties to the caller's own register."""
        found = frozenset[str]()
        for unit in units:
            target = Target(form, self.units.keeping(unit, self.day), ties=ties)
            decision = may(self.actor, READ, target, self.day)
            found |= decision.learns if isinstance(decision, Allowed) else frozenset()
        return found

    def sees(self, form: str, unit: str, *met: str, minor: bool = False) -> frozenset[str]:
        """Return what the caller sees of the unit's records when these guards are met; nothing where refused."""
        decision = self.read(form, unit, minor=minor)
        return decision.sees(*met) if isinstance(decision, Allowed) else frozenset()


def is_out_of_scope(row: Row) -> bool:
    """Return whether the row was refused because the caller may not hand it in: then nothing may be looked up for it."""
    return any(fault.rule == "unit_scope" for fault in row.faults)


def refuse_rows(rights: Rights, register: Register, rows: Iterable[Row]) -> None:
    """Add a fault to each row that the caller may not hand in."""
    known: dict[tuple[str, Aim | None], Decision] = {}
    for row in rows:
        aim = _ANYTHING if register.aim is None else register.aim(row)
        # The row does not say what it is about, which is another fault: it is refused in any case.
        if aim is None and row.faults:
            continue
        key = (row.unit, aim)
        if key not in known:
            known[key] = rights.hand_in(register.form.name, row.unit, aim)
        decision = known[key]
        if isinstance(decision, Refused):
            column = "unit_code" if aim is None or aim.area is None else "area_code"
            row.faults.append(row.fault(column, "unit_scope", **missing(decision)))
            rule = paper_rule(register.form.name, rights.day)
            if rule is not None and rights.lacks_paper_alone(register.form.name, row.unit, aim):
                row.faults.append(row.fault(rule["column"], "paper_unnamed", example=rule["example"]))
