"""Checks and figures that hang together on any data are protected together: found by counting both on invented people."""

from collections.abc import Mapping
from datetime import date
from itertools import permutations
from random import Random
from typing import Any

import pytest

from reference import FIGURES, area_book
from services.chassis.platform import Platform
from services.reporting.checks.queries import listed as findings
from services.reporting.checks.rules import RULES
from services.reporting.disclosure.policy import family_of, is_flow, is_sensitive, links, rule_of
from services.reporting.figures import Scope, has_members
from services.reporting.figures.exact import members, snapshot
from tests.component.reporting.checks.support import PROVINCE, in_detox, on_methadone, slip
from tests.support.reporting import Log, fold, listed, person

FIRST, DAY = date(2023, 1, 1), date(2023, 12, 31)
CHECKS = [code for code in RULES if rule_of(f"check.{code}", DAY).sensitive]
PEOPLE = 600
_STATUSES = ("user", "addict", "addict", "post_detox", "suspected_addict", "suspected_user", None, None)
Places = Mapping[str, frozenset[str]]
"""Commune → the persons counted in it."""


def invented(seed: int) -> Log:
    """People of twelve communes, each on some registers and not on others, independently of each other."""
    log, rng = Log(), Random(seed)
    communes = [area.uid for area in area_book().communes(PROVINCE, DAY)[:12]]
    for number in range(PEOPLE):
        who, commune = f"p{number}", rng.choice(communes)
        place: dict[str, Any] = {"commune": commune}
        _registered(log, rng, who, place)
        ended: dict[str, Any] = {
            "ended_on": date(2023, 11, 1),
            "end_reason": rng.choice(("died", "completed")),
        }
        if rng.random() < 0.35:
            on_methadone(log, who, date(2023, 3, 1), **place, **(ended if rng.random() < 0.3 else {}))
        if rng.random() < 0.25:
            kind = rng.choice(("compulsory", "voluntary_facility", "voluntary_home"))
            in_detox(log, who, date(2023, 4, 1), kind, **place, **(ended if rng.random() < 0.4 else {}))
        if number % 9 == 0:
            log.link(who, f"number of {who}", known=FIRST, waits="structure")
        for day in (date(2022, 5, 1), date(2023, 5, 1)):
            if rng.random() < 0.3:
                slip(log, who, day, rng.choice(("addicted", "not_addicted")), **place)
        if rng.random() < 0.15:
            days: dict[str, Any] = {"from_on": date(2023, 6, 1), "until_on": date(2024, 6, 1)}
            log.write("post_detox", who, person=person(who), **place, **days)
    return log


def _registered(log: Log, rng: Random, who: str, place: Mapping[str, Any]) -> None:
    status = rng.choice(_STATUSES)
    if status is None:
        return
    more: dict[str, Any] = {"presence": rng.choice(("community", "community", "detained"))}
    if rng.random() < 0.3:
        more |= {"has_decision": True, "decision_date": date(2023, 2, 1)}
    if rng.random() < 0.3:
        more |= {"psychosis": True, "psychosis_from": date(2023, 2, 1)}
    listed(log, who, status, date(2023, 1, 15), **place, **more)


@pytest.fixture
async def counted(platform: Platform) -> tuple[dict[str, Places], dict[str, Places]]:
    """Of each released check and each sensitive figure of persons whom it counts where."""
    await fold(platform, invented(7).messages)
    checks: dict[str, Places] = {}
    figures: dict[str, Places] = {}
    async with snapshot.reading(platform.uow) as (connection, _):
        for code in CHECKS:
            scope = Scope(PROVINCE, DAY, FIRST, None, "commune")
            found = await findings(connection, RULES[code], scope)
            pairs = [(trace.area or "", one.subject) for one in found for trace in one.traces]
            checks[f"check.{code}"] = _by_place(pairs)
        for code, figure in FIGURES.items():
            if figure.unit != "person" or figure.kind == "ratio" or not has_members(code):
                continue
            if is_sensitive(code, DAY):
                first = FIRST if figure.kind == "flow" else None
                rows = await members(connection, code, Scope(PROVINCE, DAY, first, None, "commune"))
                figures[code] = _by_place([(row.area or "", str(row.who)) for row in rows])
    return checks, figures


def _by_place(pairs: list[tuple[str, str]]) -> Places:
    found: dict[str, set[str]] = {}
    for place, who in pairs:
        found.setdefault(place, set()).add(who)
    return {place: frozenset(people) for place, people in found.items()}


def _everybody(places: Places) -> frozenset[str]:
    return frozenset().union(*places.values())


Counted = tuple[dict[str, Places], dict[str, Places]]


async def test_whoever_a_check_finds_among_those_of_a_figure_or_check_is_protected_with_them(
    counted: Counted,
) -> None:
    checks, figures = counted
    about_persons = {code: places for code, places in checks.items() if RULES[code[6:]].subject == "person"}
    assert [code for code, places in about_persons.items() if not places] == [], (
        "a check that finds nobody shows nothing"
    )
    apart = [
        (part, whole)
        for part, own in about_persons.items()
        for whole, places in {**figures, **about_persons}.items()
        if part != whole
        and is_flow(part, DAY) == is_flow(whole, DAY)
        and _everybody(own) <= _everybody(places)
        and family_of(part) != family_of(whole)
    ]
    assert apart == [], "each needs a relation in disclosure_links.csv"


async def test_a_count_that_is_a_sum_or_difference_of_two_others_is_a_relation_of_the_release(
    counted: Counted,
) -> None:
    checks, figures = counted
    everything = {**figures, **checks}
    communes = sorted({place for places in everything.values() for place in places})
    counts = {
        code: tuple(len(places.get(commune, ())) for commune in communes)
        for code, places in everything.items()
    }
    listed_ones = {frozenset(term.figure for term in link.terms) for link in links() if not link.complement}
    found = {
        frozenset((code, whole, part))
        for code in checks
        for whole, part in permutations(sorted(set(counts) - {code}), 2)
        if any(counts[code])
        and any(counts[part])
        and len({is_flow(one, DAY) for one in (code, whole, part)}) == 1
        and all(a == b - c for a, b, c in zip(counts[code], counts[whole], counts[part], strict=True))
    }
    assert found, "addicts with a file less those with a slip are those without one"
    assert found <= listed_ones, "each needs a row 'equal' in disclosure_links.csv"
