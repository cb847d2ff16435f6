"""Which check a route is asked, with which options, and whose records its list is of."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.chassis.problems import Fault, Problem
from services.marks import MarkedList
from services.reporting.checks.requests import CheckRequest, parse
from services.reporting.checks.rules import settings
from services.reporting.checks.usecases import BALANCE, RECOMPUTE, Check, all_checks, check_named
from services.reporting.figures import Comparison


@dataclass(frozen=True, slots=True)
class AskedCheck:
    """A check with what is asked of it."""

    check: Check
    asked: CheckRequest

    @property
    def marked_list(self) -> MarkedList:
        """Return the list that marks on its lines are of."""
        return MarkedList("check", self.check.code, persons=self.check.subject == "person")

    @property
    def comparison(self) -> Comparison:
        """Return whose registers it compares on the day."""
        return self.check.comparison(self.asked.scope())

    @property
    def listed_agency(self) -> str:
        """Return the agency whose records are listed: of its own persons it sees which they are, others never more than how many."""
        owner = self.check.owner(self.asked.scope())
        (whose, *others) = self.comparison.registers or (owner,)
        return owner if others else whose


def check_asked(rule: str, given: Mapping[str, str], now: datetime) -> AskedCheck:
    """Return the check of that code and the question in the parameters.

    Raises:
        Problem: 404 for an unknown check or area, 422 with every fault of the parameters.
    """
    found = check_named(rule)
    if found is None:
        raise _unknown(rule)
    asked = parse(given, now, by_facility=found.by_facility)
    if asked.opening_known_at is not None and not found.code.startswith(BALANCE):
        raise Problem.invalid([Fault.of("opening_known_at", asked.opening_as_asked, "check_opening_only")])
    if asked.days is not None and (found.rule is None or "days" not in settings(found.code, asked.day)):
        raise Problem.invalid([Fault.of("days", asked.days, "check_no_days")])
    return AskedCheck(found, asked)


def _unknown(code: str) -> Problem:
    """Return the problem 404 for an unknown check, with the codes that are most similar."""
    near = difflib.get_close_matches(code, [RECOMPUTE, *(check.code for check in all_checks())], n=3)
    hint = f" ({', '.join(near)}?)" if near else ""
    fault = Fault.of("rule", code, "check_unknown", hint=hint)
    return Problem(404, "check_unknown", faults=[fault], hint=hint)
