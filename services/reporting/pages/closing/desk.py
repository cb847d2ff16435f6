"""What stands against closing a period: registers that are late, checks that find something, numbers that differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.reporting.checks import (
    AskedCheck,
    Check,
    all_checks,
    check_may_ask,
    count_aged,
    count_marked,
    exact_counts,
    parse,
)
from services.reporting.closing import Order, check_official, office_key, target_of, usecases
from services.reporting.facts import Connection
from services.reporting.figures import QueryService, Reader, Remembered
from services.reporting.ledger.usecases import Ledger
from services.reporting.pages.choosing import Chosen
from services.reporting.pages.headline import handed_in
from services.reporting.pages.reconciliation.declared import side_by_side

FIRST_SET = "annual"


@dataclass(frozen=True, slots=True)
class Finding:
    """A serious check that finds something, and how many of its lines nobody has marked."""

    check: Check
    owner: str
    count: int
    unmarked: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What is known before a period is closed. ``hand_ins`` is None where the reader may not see them.

    ``refusal`` says why the reader cannot close it; None where he can. ``editions`` are those that there are, the latest first.
    """

    figures: str
    editions: tuple[Mapping[str, Any], ...]
    hand_ins: Ledger | None
    findings: tuple[Finding, ...]
    differing: tuple[Mapping[str, Any], ...]
    refusal: Problem | None


def order_of(chosen: Chosen, figures: str, **more: Any) -> Order:
    """Return the order to close what is chosen."""
    return Order(
        calendar=chosen.period.calendar,
        period=chosen.period.code,
        area=chosen.area.uid,
        figures=figures,
        known_at=chosen.known_as_asked,
        **more,
    )


async def desk(
    platform: Platform,
    queries: QueryService,
    remembered: Remembered,
    reader: Reader,
    chosen: Chosen,
    figures: str,
) -> Desk:
    """Return what the reader may see of it.

    Raises:
        Problem: 403 for whoever may run no checks, or not in this area; 422 where nothing was known yet.
    """
    findings = await _findings(queries, reader, chosen)
    editions = editions_of(await usecases.listed(platform), chosen, figures)
    return Desk(
        figures=figures,
        editions=editions,
        hand_ins=await handed_in(platform, reader, chosen, remembered),
        findings=findings,
        differing=tuple(row for row in await side_by_side(queries, reader, chosen) if not row["agrees"]),
        refusal=None if editions else _refusal(platform, queries, reader, chosen, figures),
    )


def editions_of(
    listed: Iterable[Mapping[str, Any]], chosen: Chosen, figures: str
) -> tuple[Mapping[str, Any], ...]:
    """Return of all closings the editions of the chosen period, area and set, the latest first."""
    wanted = (chosen.period.calendar, chosen.period.code, chosen.area.uid, figures)
    return of_series(listed, wanted)


def of_series(
    listed: Iterable[Mapping[str, Any]], wanted: tuple[str, str, str, str]
) -> tuple[Mapping[str, Any], ...]:
    """Return of all closings those with this identity, the latest edition first."""
    there = (one for one in listed if identity(one) == wanted)
    return tuple(sorted(there, key=lambda one: -one["edition"]))


def identity(closing: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return what all editions of a closed period share."""
    return closing["calendar"], closing["period"], closing["area_uid"], closing["figures"]


async def _findings(queries: QueryService, reader: Reader, chosen: Chosen) -> tuple[Finding, ...]:
    """Return the serious checks that find something, as far as the reader sees them exactly; whoever closes sees all of them."""
    asked = parse(chosen.asked(), chosen.now)
    check_may_ask(reader, asked)
    # All that the board counts, so that what is worked out for either serves both.
    checks = [check for check in all_checks() if check.rule is not None]
    counts, _ = await exact_counts(queries, asked, reader, checks, count_aged)
    scope = asked.scope()
    serious = [
        AskedCheck(check, asked)
        for check in checks
        if check.code in counts and counts[check.code].count and check.severity(scope) == "high"
    ]

    async def marked(connection: Connection) -> list[int]:
        return [await count_marked(connection, one) for one in serious]

    comparisons = [one.comparison for one in serious]
    handled, _ = await queries.read_compared(asked.question, comparisons, reader, "check_parties", marked)
    return tuple(
        Finding(one.check, one.check.owner(scope), count, count - number)
        for one, number in zip(serious, handled, strict=True)
        for count in (counts[one.check.code].count,)
    )


def _refusal(
    platform: Platform, queries: QueryService, reader: Reader, chosen: Chosen, figures: str
) -> Problem | None:
    try:
        target = target_of(order_of(chosen, figures), chosen.now)
        check_official(queries, reader, "close", target.calendar, target.frame)
        office_key(platform)
    except Problem as problem:
        return problem
    return None
