"""What the board of checks says: how many each finds, how many thirty days ago, and how old the oldest is."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from contracts.envelope import VIETNAM, end_of_day
from services.chassis.problems import Problem
from services.chassis.security import Allowed
from services.reporting.checks import (
    Aged,
    AskedCheck,
    Check,
    CheckRequest,
    Severity,
    all_checks,
    check_may_ask,
    count_aged,
    count_all,
    exact_counts,
    released_count,
)
from services.reporting.figures import QueryService, Reader
from services.reporting.pages.preparing import Preparing

BEFORE_DAYS = 30
Age = Literal["month", "quarter", "year", "older"]
"""How old the oldest finding is: up to a month, a quarter, a year, or more; no nearer, since it may be one person's."""
_AGES: Sequence[tuple[int, Age]] = ((31, "month"), (92, "quarter"), (366, "year"))
State = Literal["shown", "withheld", "preparing"]


@dataclass(frozen=True, slots=True)
class Line:
    """One check on the board. ``count`` and ``before`` are None where they are not told; ``age`` where it is not known.

    ``released``: the count is of another agency's records, as it is released.
    """

    check: Check
    owner: str
    severity: Severity
    state: State
    count: int | None
    before: int | None
    age: Age | None
    released: bool


async def board(
    queries: QueryService,
    preparing: Preparing,
    reader: Reader,
    asked: CheckRequest,
    now: datetime,
    *,
    balances: bool,
) -> list[Line]:
    """Return the checks that the reader may see, in the order of the catalogue; those of stocks where ``balances``.

    Raises:
        Problem: 403 for whoever may run no checks, or not in this area; 422 where nothing was known yet.
    """
    check_may_ask(reader, asked)
    checks = [check for check in all_checks() if balances or check.rule is not None]
    counts, _ = await exact_counts(queries, asked, reader, checks, count_aged)
    before = await _before(queries, reader, asked, now, [check for check in checks if check.rule is not None])
    scope = asked.scope()
    others = [check for check in checks if queries.sight_of(check.comparison(scope), reader) == "released"]
    told = await asyncio.gather(*(_released(preparing, check, asked, reader) for check in others))
    lines = {check.code: line for check, line in zip(others, told, strict=True)}
    for check in checks:
        if check.code in counts:
            lines[check.code] = _line(check, asked, reader, counts[check.code], before.get(check.code))
    return [lines[check.code] for check in checks if check.code in lines]


async def _before(
    queries: QueryService, reader: Reader, asked: CheckRequest, now: datetime, checks: list[Check]
) -> Mapping[str, int]:
    """Return the same counts as known some days earlier: none where nothing was known then."""
    # To the end of a day, so that all who look at the board on one day ask for the same.
    day = (asked.question.known_at or now).astimezone(VIETNAM).date() - timedelta(days=BEFORE_DAYS)
    instant = end_of_day(day)
    question = replace(asked.question, known_at=instant, known_as_asked=instant.isoformat())
    try:
        counts, _ = await exact_counts(queries, replace(asked, question=question), reader, checks, count_all)
    except Problem as problem:
        if problem.status != 422:
            raise
        return {}
    return counts


async def _released(preparing: Preparing, check: Check, asked: CheckRequest, reader: Reader) -> Line:
    scope, count = asked.scope(), None
    try:
        count = (await released_count(preparing, check, asked, reader))["count"]
        state: State = "withheld" if count is None else "shown"
    except Problem as problem:
        if problem.status != 503:
            raise
        state = "preparing"
    return Line(check, check.owner(scope), check.severity(scope), state, count, None, None, released=True)


def _line(check: Check, asked: CheckRequest, reader: Reader, found: Aged, before: int | None) -> Line:
    scope = asked.scope()
    return Line(
        check=check,
        owner=check.owner(scope),
        severity=check.severity(scope),
        state="shown",
        count=found.count,
        before=before,
        age=_age(found.oldest, asked.day) if _may_list(check, asked, reader) else None,
        released=False,
    )


def _may_list(check: Check, asked: CheckRequest, reader: Reader) -> bool:
    """Return whether the reader could list the findings, stating a purpose: to others a day is no count, and is not told."""
    comparison = check.comparison(asked.scope())
    decision = reader.may("check", comparison.parties)
    met = decision.guards("check") if isinstance(decision, Allowed) else frozenset[str]()
    whose = {AskedCheck(check, asked).listed_agency}
    return replace(reader, met=reader.met | met).lists("check", comparison.parties, whose)


def _age(oldest: date | None, day: date) -> Age | None:
    if oldest is None:
        return None
    days = (day - oldest).days
    return next((age for most, age in _AGES if days <= most), "older")
