"""Figures against a plain reading of the rules: both times, both reforms, every hierarchy, cells filled or not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reference.figures import FIGURES as CATALOGUE
from reference.figures import time_kind
from services.chassis.platform import Platform
from services.reporting.figures.questions import dimensions
from tests.property.reporting.counting import FIGURES, Asked
from tests.property.reporting.hierarchies import AREAS
from tests.property.reporting.history import History, Known
from tests.property.reporting.test_cells_equal_intervals import wipe
from tests.property.reporting.truth import AmbiguousError, areas_of, communes_true, table, truth
from tests.property.reporting.written import TURNS, Writer
from tests.support.aggregates import fill, keep
from tests.support.reporting import ask, fold

HIERARCHIES = (date(2023, 6, 1), date(2024, 11, 30), date(2024, 12, 1), date(2025, 6, 30), date(2025, 7, 1))
TREATMENT = ("determination.", "methadone.", "detox.")
ABOUT_COMMUNES = [code for code in CATALOGUE if code.startswith("areas.")]
HEALTH_QUARTERS = {
    "2024-Q4": (date(2024, 9, 15), date(2024, 12, 14)),
    "2025-Q1": (date(2024, 12, 15), date(2025, 3, 14)),
    "2025-Q2": (date(2025, 3, 15), date(2025, 6, 14)),
    "2025-Q3": (date(2025, 6, 15), date(2025, 9, 14)),
    "2025-Q4": (date(2025, 9, 15), date(2025, 12, 14)),
}


class Questioner:
    """Puts questions about a history: (as the plain reading takes it, as a request puts it)."""

    def __init__(self, history: History, instants: list[datetime], seed: int) -> None:
        self.history, self.instants, self.draw = history, instants, Random(seed)

    def question(self) -> tuple[Asked, dict[str, str]]:
        draw = self.draw
        code = draw.choice([*sorted(FIGURES), *ABOUT_COMMUNES])
        first, day, put = self._when(code)
        geography = day
        if draw.random() < 0.6:
            geography = draw.choice((*HIERARCHIES, HIERARCHIES[-1], HIERARCHIES[-1]))
            put["geography"] = geography.isoformat()
        areas = list(areas_of(self.history, geography))
        area = areas[0] if draw.random() < 0.5 else draw.choice(areas)
        if area != areas[0] or draw.random() < 0.5:
            put["area"] = area if draw.random() < 0.2 else AREAS[area]["code"]
        by = draw.choice([None, "area", "commune", "region", *self._dimensions(code)])
        put |= {} if by is None else {"by": by}
        by_facility = (
            code.startswith(TREATMENT) and "facility" in dimensions(CATALOGUE[code]) and draw.random() < 0.4
        )
        put |= {"area_of": "facility"} if by_facility else {}
        known = self._known()
        put |= {} if known is None else {"known_at": known.isoformat()}
        return Asked(code, area, day, first, known, by, geography, by_facility), put

    def across(self, asked: Asked) -> str | None:
        """A second dimension for a question that has one; None where no table can be made with it."""
        if asked.by is None:
            return None
        places = asked.by in ("area", "commune", "region")
        own = [name for name in self._dimensions(asked.code) if name != asked.by]
        others = own if places else [*own, "area", "commune", "region"]
        return self.draw.choice(others) if others else None

    def _when(self, code: str) -> tuple[date | None, date, dict[str, str]]:
        draw = self.draw
        if draw.random() < 0.25:
            name, (first, last) = draw.choice(sorted(HEALTH_QUARTERS.items()))
            put = {"calendar": "health", "period": name}
            return (None if time_kind(CATALOGUE[code]) == "stock" else first), last, put
        days = sorted(self._day() for _ in range(2))
        if time_kind(CATALOGUE[code]) == "stock":
            return None, days[1], {"as_of": days[1].isoformat()}
        return days[0], days[1], {"since": days[0].strftime("%d/%m/%Y"), "to": days[1].isoformat()}

    def _day(self) -> date:
        return self.draw.choice(TURNS) + timedelta(days=self.draw.choice((-1, 0, 0, 1, 40, 200, -300)))

    def _dimensions(self, code: str) -> list[str]:
        return [name for name in CATALOGUE[code].dimensions if name != "substance"]

    def _known(self) -> datetime | None:
        if self.draw.random() < 0.5:
            return None
        at = self.draw.choice(self.instants) + timedelta(microseconds=self.draw.choice((-1, 0, 1)))
        return max(at, self.instants[0])


def plainly(known: Known, asked: Asked) -> tuple[float, Mapping[str, float], set[str]]:
    """Value, rows and what cannot be placed."""
    if asked.code in ABOUT_COMMUNES:
        return communes_true(known, asked)
    return (*truth(known, asked), set())


async def compare_tables(
    platform: Platform, history: History, instants: list[datetime], seed: int, count: int
) -> int:
    """How many tables of two dimensions were what the plain reading has, margins and all."""
    questioner, known, asked_well = Questioner(history, instants, seed), {}, 0
    while count:
        asked, put = questioner.question()
        across = questioner.across(asked)
        if across is None:
            continue
        count -= 1
        if asked.known not in known:
            known[asked.known] = Known(history, asked.known)
        now = known[asked.known]
        try:
            value, rows = truth(now, asked)
            _, columns = truth(now, replace(asked, by=across))
            cells = table(now, asked, across)
        except AmbiguousError:
            continue
        document: dict[str, Any] = await ask(platform, asked.code, **put | {"by": f"{asked.by},{across}"})
        assert document["value"] == value, (asked, across, put)
        for name, part, expected in (("rows", asked.by, rows), ("columns", across, columns)):
            found = {one[part]: one["value"] for one in document[name] if one["value"]}
            assert found == expected, (asked, across, put)
        told = {(one[asked.by], one[across]): one["value"] for one in document["cells"]}
        assert {place: value for place, value in told.items() if value} == cells, (asked, across, put)
        assert document["overlap"] == sum(cells.values()) - value, (asked, across, put)
        asked_well += 1
    return asked_well


async def compare(
    platform: Platform, history: History, instants: list[datetime], seed: int, count: int
) -> int:
    """How many questions were answered as the plain reading has it; raises at the first that is not."""
    questioner, known, asked_well = Questioner(history, instants, seed), {}, 0
    for _ in range(count):
        asked, put = questioner.question()
        if asked.known not in known:
            known[asked.known] = Known(history, asked.known)
        try:
            expected = plainly(known[asked.known], asked)
        except AmbiguousError:
            continue
        document: dict[str, Any] = await ask(platform, asked.code, **put)
        found = {row[asked.by]: row["value"] for row in document.get("rows", ()) if row["value"]}
        unplaced = {one["area"] for one in document.get("unplaced", ())}
        assert (document["value"], found, unplaced) == expected, (asked, put)
        asked_well += 1
    return asked_well


@pytest.mark.timeout(600)
@settings(
    max_examples=6,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32), cells=st.booleans())
async def test_every_figure_is_what_the_records_say_then_and_there(
    shared: Platform, seed: int, cells: bool
) -> None:
    await wipe(shared)
    writer = Writer(seed, 60)
    messages = writer.history.log().messages
    if cells:
        await fold(shared, messages[: len(messages) // 2])
        await fill(shared)
        await fold(shared, messages[len(messages) // 2 :])
    else:
        await fold(shared, messages)
    assert await compare(shared, writer.history, writer.instants(), seed, 60) > 30
    assert await compare_tables(shared, writer.history, writer.instants(), seed + 2, 25) > 12
    if cells:
        await keep(shared)
        assert await compare(shared, writer.history, writer.instants(), seed + 1, 30) > 15
