"""Run checks: all of them as counts, or one with its list of findings."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from reference import FIGURES
from services.reporting.checks import balance as balancing
from services.reporting.checks.declared import contradicting
from services.reporting.checks.hierarchy import area_before
from services.reporting.checks.history import read_ledger
from services.reporting.checks.ledger import FORMS, Ledger
from services.reporting.checks.queries import Aged, Found, Lines, Tally, Trace, aged, limits, listed, tally
from services.reporting.checks.recompute import by_table, differences
from services.reporting.checks.restated import Restated, restated
from services.reporting.checks.rules import RULES, Rule, Severity
from services.reporting.facts import Connection
from services.reporting.figures import DEFINITIONS, Comparison, Member, Scope
from services.reporting.figures.exact import members
from texts import Message, message

BALANCE, OVERLAP, RECOMPUTE, DECLARED = "balance.", "overlap.", "recompute", "declared.contradiction"


@dataclass(frozen=True, slots=True)
class Check:
    """A check by its code: a cross-register rule, the balance or the overlap of a figure, or the recomputation."""

    code: str
    rule: Rule | None = None
    figure: str | None = None

    def name(self) -> Message:
        """Return the name of the check."""
        return self._text("")

    def todo(self) -> Message:
        """Return what is to be done about a finding."""
        return self._text(".todo")

    def _text(self, suffix: str) -> Message:
        if self.rule is not None or self.figure is None:
            return message(f"check.{self.code}{suffix}")
        kind = self.code.partition(".")[0]
        figure = FIGURES[self.figure]
        key = f"check.{kind}{suffix}"
        return message(key, figure=Message(figure.vi, figure.en))

    def owner(self, scope: Scope) -> str:
        """Return the agency that has to put findings right, on the day."""
        if self.rule is not None:
            return self.rule.owner_on(scope.day)
        return "committee" if self.figure is None else FIGURES[self.figure].owner_on(scope.day)

    def severity(self, scope: Scope) -> Severity:
        """Return how much its findings matter, on the day: where stocks and flows do not agree, rows were lost."""
        return "high" if self.rule is None else self.rule.severity_on(scope.day)

    def comparison(self, scope: Scope) -> Comparison:
        """Return whose registers it holds against each other, and whose rows it finds."""
        if self.rule is not None:
            return Comparison(self.code, scope.day, self.rule.parties, self.rule.registers_on(scope.day))
        owners = {self.owner(scope)}
        if self.figure is not None and scope.first is not None:
            owners.add(FIGURES[self.figure].owner_on(scope.first - timedelta(days=1)))
        # Where the figure passed to another agency in between, neither sees the other's time in its balance.
        parties = tuple(owners) if len(owners) == 1 else ()
        return Comparison(self.code, scope.day, parties, parties)

    @property
    def by_facility(self) -> bool:
        """Return whether it can be split by facility."""
        return self.figure is not None and "facility" in DEFINITIONS[self.figure].dims

    @property
    def subject(self) -> str:
        """Return what is counted."""
        if self.rule is not None:
            return self.rule.subject
        count = "record" if self.figure is None else DEFINITIONS[self.figure].count
        return count if count in ("person", "facility") else "record"


def check_named(code: str) -> Check | None:
    """Return the check of that code; None where there is none."""
    if code in RULES:
        return Check(code, rule=RULES[code])
    if code == RECOMPUTE:
        return Check(code)
    for kind, figures in ((BALANCE, FORMS), (OVERLAP, DEFINITIONS)):
        figure = code.removeprefix(kind)
        if code.startswith(kind) and figure in figures and DEFINITIONS[figure].count != "sum":
            return Check(code, figure=figure)
    return None


def all_checks() -> list[Check]:
    """Return what a run over everything counts: every rule, and the balance of every stock."""
    return [
        *(Check(code, rule=rule) for code, rule in RULES.items()),
        *(Check(f"{BALANCE}{figure}", figure=figure) for figure in FORMS),
    ]


@dataclass(slots=True)
class Outcome:
    """The result of a check: the number of findings, in all and by row, one page of them, and its own document."""

    count: int
    rows: dict[str, int] | None
    page: list[Found] | None
    more: dict[str, Any]


async def count_all(connection: Connection, scope: Scope, checks: list[Check]) -> dict[str, int]:
    """Return the number of findings of each check. The log is read once for all balances, registers once for all rules."""
    return {code: found.count for code, found in (await count_aged(connection, scope, checks)).items()}


async def count_aged(connection: Connection, scope: Scope, checks: list[Check]) -> dict[str, Aged]:
    """Return the number of findings of each check with the day of the oldest; None where a check's rows have no day."""
    ruled = [check.rule for check in checks if check.rule is not None and check.code != DECLARED]
    found = await aged(connection, ruled, replace(scope, by=None))
    if any(check.code == DECLARED for check in checks):
        found[DECLARED] = Aged(len(await contradicting(connection, scope)), None)
    balances = [check.figure for check in checks if _balances(check) and check.figure is not None]
    return found | await _violated(connection, scope, balances)


async def _violated(connection: Connection, scope: Scope, figures: list[str]) -> dict[str, Aged]:
    """Return the number of violations of each figure's balance."""
    if not figures:
        return {}
    book = await read_ledger(
        connection, sorted({form for figure in figures for form in FORMS[figure]}), scope.known_at
    )
    # By commune, because a person in the wrong commune is not seen in the total of the area.
    by_commune = replace(scope, by="commune")
    return {
        f"{BALANCE}{figure}": Aged(
            len((await balancing.balance(connection, figure, by_commune, book)).violations), None
        )
        for figure in figures
    }


def _balances(check: Check) -> bool:
    return check.code.startswith(BALANCE)


async def run(
    connection: Connection,
    check: Check,
    scope: Scope,
    *,
    days: int | None = None,
    agency: str | None = None,
    sample: int | None = None,
    after: str = "",
    limit: int | None = None,
    lines: Lines | None = None,
    names: bool = True,
) -> Outcome:
    """Return one check; ``names`` False leaves every list out, ``lines`` all lines but these."""
    page_of = partial(_listed, _Page(after, limit, lines, names))
    if check.code == RECOMPUTE:
        found = await differences(connection, sample)
        return page_of(found, {"tables": by_table(found)})
    if check.code == DECLARED:
        return page_of(await contradicting(connection, scope, agency), {})
    if check.rule is None and check.figure is not None:
        if _balances(check):
            book = await read_ledger(connection, FORMS[check.figure], scope.known_at)
            return page_of(*await _balance(connection, check.figure, scope, book, names=names))
        return page_of(*await _overlap(connection, check.figure, scope))
    assert check.rule is not None
    counted = await tally(connection, check.rule, scope, days)
    page = None
    if names:
        page = await listed(connection, check.rule, scope, days, after=after, limit=limit, lines=lines)
    return Outcome(counted.count, counted.rows, page, {"parameters": limits(check.rule, scope, days)})


@dataclass(frozen=True, slots=True)
class _Page:
    """Which findings of a list are shown: after a subject, at most so many, of these lines; without names none."""

    after: str
    limit: int | None
    lines: Lines | None
    names: bool


def _listed(page: _Page, found: list[Found], more: dict[str, Any]) -> Outcome:
    if not page.names:
        return Outcome(len(found), None, None, more)
    wanted = [
        one for one in found if one.subject > page.after and (page.lines is None or page.lines.has(one))
    ]
    return Outcome(len(found), None, wanted[: page.limit], more)


async def _balance(
    connection: Connection, figure: str, scope: Scope, book: Ledger, *, names: bool
) -> tuple[list[Found], dict[str, Any]]:
    found = await balancing.balance(connection, figure, scope, book)
    violations = sorted(found.violations, key=lambda finding: finding.subject)
    return violations, {"balance": balancing.document(found, names=names)}


async def restate(
    connection: Connection, check: Check, scope: Scope, known_at: datetime, *, names: bool
) -> dict[str, Any]:
    """Return the opening of a balance as known at an earlier instant, and the steps to what is known of it now."""
    assert scope.first is not None
    before = scope.first - timedelta(days=1)
    there = area_before(scope)
    if there is None:
        return Restated(0, 0, 0, 0, 0, defaultdict(list)).document(known_at.isoformat(), names=names)
    opening = replace(scope, uid=there, day=before)
    found = await restated(connection, check.figure or "", opening, known_at)
    return found.document(known_at.isoformat(), names=names)


async def _overlap(connection: Connection, figure: str, scope: Scope) -> tuple[list[Found], dict[str, Any]]:
    """Return the subjects that a figure counts in more than one row of a breakdown by area."""
    by = scope.by or "commune"
    first = scope.first if FIGURES[figure].kind == "flow" else None
    found = await members(connection, figure, replace(scope, by=by, first=first))
    rows: dict[str, set[str]] = defaultdict(set)
    traces: dict[str, list[Member]] = defaultdict(list)
    for member in found:
        subject = str(member.who or member.facility or member.record_id)
        rows[subject].add(member.row or "unknown")
        traces[subject].append(member)
    twice = [
        Found(
            subject,
            [Trace(row.record_id, row.area, row.unit, row.facility, row.since) for row in traces[subject]],
            {"rows": sorted(names_of)},
        )
        for subject, names_of in sorted(rows.items())
        if len(names_of) > 1
    ]
    total = sum(len(names_of) - 1 for names_of in rows.values())
    return twice, {"by": by, "value": len(rows), "sum_of_rows": len(rows) + total, "overlap": total}


__all__ = ["Check", "Outcome", "Tally", "all_checks", "check_named", "count_all", "run"]
