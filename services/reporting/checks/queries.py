"""Run the statements of cross-register checks: the number of findings, the number by area, and pages of findings."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from contracts.envelope import start_of_day
from reference import area_book
from services.chassis.persistence import Cte, Statement, nested
from services.reporting.checks.rules import RULES, Rule, settings
from services.reporting.checks.sets import check_sets
from services.reporting.checks.statements import FINDINGS
from services.reporting.facts import FOREVER, Connection, fetch
from services.reporting.figures import (
    UNKNOWN,
    Result,
    Scope,
    by_address,
    commune_of,
    default_province,
    land_parameters,
    parameters,
    place_of_row,
)

_LIMIT = re.compile(r"%\((days|statuses|excused)\)s")
"""A placeholder of a rule's own settings, which `limits` has the values of."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A record behind a finding: ids, codes and a day only, no names and no ID numbers of people.

    ``agency`` and ``form`` stand in place of all others where the record is another agency's than the reader's.
    """

    record_id: UUID | None
    area: str | None
    unit: str | None
    facility: str | None
    since: date | None
    agency: str | None = None
    form: str | None = None


@dataclass(slots=True)
class Found:
    """One finding: a person, record, commune or declaration, with the rows behind it."""

    subject: str
    traces: list[Trace] = field(default_factory=list)
    about: dict[str, Any] | None = None

    @property
    def records(self) -> frozenset[UUID]:
        """Return the records behind it."""
        return frozenset(trace.record_id for trace in self.traces if trace.record_id is not None)

    @property
    def areas(self) -> frozenset[str]:
        """Return the areas (uids) of the rows behind it."""
        return frozenset(trace.area for trace in self.traces if trace.area is not None)


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of a list: those of these subjects and those with one of these records.

    Records are named where lines are of persons alone, whom a link may give another subject.
    """

    subjects: frozenset[str]
    records: frozenset[UUID]

    def has(self, found: Found) -> bool:
        """Return whether a finding is one of them."""
        return found.subject in self.subjects or any(
            trace.record_id in self.records for trace in found.traces
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """The number of findings, and where asked the numbers by area (``rows``).

    A person can be in two rows and is counted once in ``count``.
    """

    count: int
    rows: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Aged:
    """The number of findings, and the day since when the oldest has been so; None where rows have no day, or there are none."""

    count: int
    oldest: date | None


def limits(rule: Rule, scope: Scope, days: int | None = None) -> dict[str, Any]:
    """Return the rule's settings on the day as a statement takes them; ``days`` replaces its limit."""
    given = settings(rule.code, scope.day)
    found: dict[str, Any] = {
        name: text.split(";") for name, text in given.items() if name in ("statuses", "excused")
    }
    if "days" in given:
        found["days"] = int(given["days"]) if days is None else days
    return found


async def tally(connection: Connection, rule: Rule, scope: Scope, days: int | None = None) -> Tally:
    """Count a rule's findings in the area, and by area where ``scope.by`` asks for it."""
    found = await _fetched_by_hashes(connection, counting(rule, scope, days), scope)
    count = next((number for whole, _, number in found if whole), 0)
    if scope.by is None:
        return Tally(count)
    rows = dict.fromkeys(scope.territory().parts, 0)
    named = {UNKNOWN if part is None else part: number for whole, part, number in found if not whole}
    rows |= {part: named[part] for part in sorted(named, key=place_of_row)}
    return Tally(count, rows)


async def aged(connection: Connection, rules: Sequence[Rule], scope: Scope) -> dict[str, Aged]:
    """Count what each rule finds in the area, and say since when the oldest of it has been so; by the codes of the rules."""
    if not rules:
        return {}
    rows = await _fetched_by_hashes(connection, ageing(rules, scope), scope)
    found = {code: Aged(count, oldest) for code, count, oldest in rows}
    return {rule.code: found.get(rule.code, Aged(0, None)) for rule in rules}


async def _fetched_by_hashes(
    connection: Connection, statement: Statement, scope: Scope
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement whose sets are joined by hashes, not row by row.

    Before the tables have statistics, as after a large hand-in, the planner takes each set for one row: the board took 15 s.
    """
    if scope.territory().attributions:
        # Where persons of divided communes are looked up, the planner chooses between an index for few and all rows for many.
        return await fetch(connection, statement)
    await connection.execute("SET LOCAL enable_nestloop TO off")
    found = await fetch(connection, statement)
    await connection.execute("SET LOCAL enable_nestloop TO DEFAULT")
    return found


async def count_findings(connection: Connection, code: str, scope: Scope) -> Result:
    """Count what a rule finds as a figure is counted, for the releases of its counts."""
    found = await tally(connection, RULES[code], scope)
    return Result(found.count, None if found.rows is None else dict(found.rows))


async def listed(
    connection: Connection,
    rule: Rule,
    scope: Scope,
    days: int | None = None,
    *,
    after: str = "",
    limit: int | None = None,
    lines: Lines | None = None,
) -> list[Found]:
    """Return the findings after a subject, in the order of subjects, at most ``limit`` of them (None = all)."""
    statement = listing(rule, scope, days, after=after, limit=limit, lines=lines)
    found: dict[str, Found] = {}
    for subject, *trace in await fetch(connection, statement):
        found.setdefault(subject, Found(subject)).traces.append(Trace(*trace))
    return list(found.values())


def counting(rule: Rule, scope: Scope, days: int | None = None) -> Statement:
    """Return the statement that counts a rule's findings; columns: whether it is the total, the row, the number."""
    return Statement(
        "counting",
        """
        SELECT grouping(part) = 1, part, count(DISTINCT subject)
        FROM finding_here
        GROUP BY GROUPING SETS ((), (part))
        """,
        doc="How many the check finds: in the whole area asked, and in each row of the breakdown.",
        needs=("finding_here",),
        sets=_sets(FINDINGS[rule.code], scope),
        parameters=_values(scope) | limits(rule, scope, days),
    )


def ageing(rules: Sequence[Rule], scope: Scope) -> Statement:
    """Return the statement that counts what each of some rules finds, and finds the first day of the oldest.

    One statement for all, because most rules read the same sets of persons, which it works out once.
    """
    return Statement(
        "ageing",
        """
        SELECT rule, count(DISTINCT subject), min(since)
        FROM finding_here
        GROUP BY rule
        """,
        doc="How many each check finds in the area asked, and since when the oldest has been so.",
        needs=("finding_here",),
        sets=_sets(_findings_of(rules), scope),
        parameters=_values(scope) | _limits_of(rules, scope),
    )


def _findings_of(rules: Sequence[Rule]) -> Cte:
    """Return what any of the rules finds, each row with its rule."""
    each = [FINDINGS[rule.code] for rule in rules]
    return Cte(
        "finding",
        "\nUNION ALL\n".join(
            f"""SELECT '{rule.code}' AS rule, found.* FROM {nested(_own_limits(rule, one.sql))} AS found"""
            for rule, one in zip(rules, each, strict=True)
        ),
        doc="What each of the checks finds.",
        needs=tuple(dict.fromkeys(name for one in each for name in one.needs)),
        materialized=True,
    )


def _own_limits(rule: Rule, sql: str) -> str:
    """Return the text with the rule's settings as placeholders of its own: two rules have limits of the same name."""
    return _LIMIT.sub(lambda found: f"%({_own_limit(rule, found[1])})s", sql)


def _own_limit(rule: Rule, name: str) -> str:
    return f"{rule.code.replace('.', '_')}_{name}"


def _limits_of(rules: Sequence[Rule], scope: Scope) -> dict[str, Any]:
    return {_own_limit(rule, name): value for rule in rules for name, value in limits(rule, scope).items()}


def listing(
    rule: Rule,
    scope: Scope,
    days: int | None = None,
    *,
    after: str = "",
    limit: int | None = None,
    lines: Lines | None = None,
) -> Statement:
    """Return the statement that lists the rows behind a page of findings, by subject; ``lines``: of these lines alone."""
    return Statement(
        "listing",
        """
        SELECT subject, record_id, area, unit, facility, since
        FROM finding_here
        WHERE subject IN (
            SELECT subject
            FROM finding_here
            WHERE subject > %(after)s
            GROUP BY subject
            HAVING %(every_line)s OR bool_or(
                subject = ANY(%(subjects)s::text[]) OR coalesce(record_id = ANY(%(records)s::uuid[]), FALSE)
            )
            ORDER BY subject
            LIMIT %(limit)s
        )
        ORDER BY subject, since, record_id
        """,
        doc="The rows behind the findings that come after a subject, by subject.",
        needs=("finding_here",),
        sets=_sets(FINDINGS[rule.code], scope),
        parameters=_values(scope)
        | limits(rule, scope, days)
        | {"after": after, "limit": limit}
        | _marked(lines),
    )


def _marked(lines: Lines | None) -> dict[str, Any]:
    if lines is None:
        return {"every_line": True, "subjects": [], "records": []}
    return {
        "every_line": False,
        "subjects": sorted(lines.subjects),
        "records": sorted(map(str, lines.records)),
    }


def _sets(findings: Cte, scope: Scope) -> tuple[Cte, ...]:
    """Return the SQL sets up to ``finding_here``: the rows behind findings in the area asked, each with its ``part``.

    A row of a person of a divided commune belongs to the successor in which the person has an address, as in figures.
    """
    sets = (*check_sets(scope), findings)
    if not scope.territory().attributions:
        return (*sets, _FINDING_HERE)
    return (*sets, *by_address("finding", scope), _FINDING_BY_ADDRESS)


# A finding without an area belongs to no commune, so only a question about the whole can count it.
_HERE = "home.uid IS NOT NULL OR finding.area IS NULL AND %(whole)s"
_DOC = "The findings in the area asked, each with the row of the breakdown that it counts in (part)."
_FINDING_HERE = Cte(
    "finding_here",
    f"""
    SELECT finding.*, home.part AS part
    FROM finding
    LEFT JOIN home ON home.uid = finding.area
    WHERE {_HERE}
    """,
    doc=_DOC,
    needs=("finding", "home"),
    materialized=True,
)
_FINDING_BY_ADDRESS = Cte(
    "finding_here",
    f"""
    SELECT finding.*, coalesce(attributed.part, home.part) AS part
    FROM finding
    LEFT JOIN home ON home.uid = finding.area
    LEFT JOIN attributed ON attributed.who = finding.who AND attributed.area = finding.area
    WHERE coalesce(attributed.inside, {_HERE})
    """,
    doc=_DOC,
    needs=("finding", "home", "attributed"),
    materialized=True,
)


def _values(scope: Scope) -> dict[str, Any]:
    book = area_book()
    province = default_province(scope.hierarchy)
    communes = [] if province is None else book.communes(province, scope.hierarchy)
    into: Mapping[str, str] = commune_of(scope.hierarchy)
    first = scope.first or scope.day
    return (
        parameters(scope)
        | land_parameters(scope)
        | {
            "first": first,
            "until": scope.known_at or FOREVER,
            "from_instant": start_of_day(first),
            "to_instant": start_of_day(scope.day + timedelta(days=1)),
            "communes": [commune.uid for commune in communes],
            "commune_units": [f"police:{commune.code}" for commune in communes],
            "carried": list(into),
            "into": list(into.values()),
        }
    )
