"""History does not leak: what was known is answered the same for ever, and days gone by are what they were."""

from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference.figures import FIGURES, time_kind
from services.chassis.platform import Platform
from services.reporting.figures import snapshot
from services.reporting.figures.answering import canonical
from services.reporting.figures.breakdown import partners
from services.reporting.figures.definitions import DEFINITIONS
from services.reporting.figures.questions import dimensions, parse_question
from tests.property.reporting.registers import PERSONAL, Registers
from tests.property.reporting.test_figures_hold import wipe
from tests.support.reporting import LATER, fold

_LENIENT = settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
CUT = date(2025, 12, 14)
_seeds = st.integers(0, 2**32)


def pairs(seed: int, count: int = 40) -> list[tuple[str, str | None]]:
    """Figures with a breakdown each, a quarter of them with two dimensions; others in every example, all would take minutes."""
    every = [(code, by) for code in FIGURES for by in (None, *dimensions(FIGURES[code]))]
    draw = Random(seed)
    return [*draw.sample(every, count - count // 4), *draw.sample(tables(), count // 4)]


def tables() -> list[tuple[str, str]]:
    """Every figure with every two dimensions that it can be asked by, rows first."""
    return [
        (code, f"{row},{column}")
        for code, figure in FIGURES.items()
        for row in dimensions(figure)
        for column in partners(figure, row)
        if figure.dimensions
    ]


async def answers(
    platform: Platform, day: date, known: str | None, asked: list[tuple[str, str | None]]
) -> dict[str, bytes]:
    """The bytes of answers as of a day, or over the year up to it."""
    found = {}
    for code, by in asked:
        given = _over_the_year(code, day)
        given |= ({} if by is None else {"by": by}) | ({} if known is None else {"known_at": known})
        found[f"{code} by {by}"] = canonical(await _document(platform, code, given))
    return found


@_LENIENT
@given(seed=_seeds)
async def test_nothing_recorded_later_changes_what_was_known(shared: Platform, seed: int) -> None:
    """New, late, corrected and withdrawn rows of every form, and links, all recorded after the cut."""
    await wipe(shared)
    asked = pairs(seed)
    world = Registers(seed, 60, CUT)
    known = (CUT + timedelta(days=1)).isoformat()
    await fold(shared, world.messages)
    said = len(world.messages)
    before = await answers(shared, CUT, known, asked)
    now = await answers(shared, CUT, None, asked)
    assert before == now
    rows, after = list(world.rows), CUT + timedelta(days=10)
    for number, row in enumerate(rows):
        if number % 3 == 0:
            world.change(row, after)
        elif number % 3 == 1:
            world.withdraw(row, after)
    for _ in range(20):
        world.add(recorded=after)  # late: of a day before the cut
    persons = [row for row in world.rows if row.form in PERSONAL]
    for one, other in pairwise(persons):
        world.link(one, other, after)
    await fold(shared, world.messages[said:])
    assert await answers(shared, CUT, known, asked) == before
    assert await answers(shared, CUT, None, asked) != now


@_LENIENT
@given(seed=_seeds)
async def test_what_happens_later_moves_no_figure_of_an_earlier_day(shared: Platform, seed: int) -> None:
    """New statuses, residences, episodes, places, classes and facilities' levels from a later day on."""
    await wipe(shared)
    asked = pairs(seed)
    world = Registers(seed, 60, CUT)
    await fold(shared, world.messages)
    said = len(world.messages)
    before = await answers(shared, CUT, None, asked)
    for _ in range(60):
        later = CUT + timedelta(days=world.draw.randint(1, 200))
        world.add(day=later, recorded=later)
    await fold(shared, world.messages[said:])
    assert await answers(shared, CUT, None, asked) == before


@_LENIENT
@given(seed=_seeds)
async def test_merge_then_unmerge_is_identity(shared: Platform, seed: int) -> None:
    """A link known from one moment until another changes what is known in between and nothing else."""
    await wipe(shared)
    asked = pairs(seed)
    world = Registers(seed, 60, CUT)
    persons = [row for row in world.rows if row.form in PERSONAL]
    await fold(shared, world.messages)
    said = len(world.messages)
    before = await answers(shared, CUT, None, asked)
    joined, parted = CUT + timedelta(days=10), CUT + timedelta(days=20)
    for row in persons:
        world.link(persons[0], row, joined, parted)
    await fold(shared, world.messages[said:])
    assert await answers(shared, CUT, None, asked) == before
    known = (parted + timedelta(days=1)).isoformat()
    assert await answers(shared, CUT, known, asked) == before
    apart = await counts(shared, known)
    together = await counts(shared, (joined + timedelta(days=1)).isoformat())
    assert together == {code: min(count, 1) for code, count in apart.items()}


async def counts(platform: Platform, known: str) -> dict[str, int]:
    """The figures that count human beings by their own rows alone, over the last year up to the cut."""
    found = {}
    for code, definition in DEFINITIONS.items():
        if definition.count == "person" and definition.present is None and not definition.concluded:
            given = _over_the_year(code, CUT)
            found[code] = (await _document(platform, code, given | {"known_at": known}))["value"]
    return found


@_LENIENT
@given(seed=_seeds)
async def test_the_province_total_of_every_figure_is_the_same_in_every_hierarchy(
    shared: Platform, seed: int
) -> None:
    await wipe(shared)
    world = Registers(seed, 80, CUT)
    await fold(shared, world.messages)
    counted = [code for code in FIGURES if not code.startswith("areas.")]
    for code in Random(seed).sample(counted, 12):
        stock = time_kind(FIGURES[code]) == "stock"
        day = CUT.isoformat()
        when = {"as_of": day} if stock else {"from": "2022-01-01", "to": day}
        totals, split = set(), set()
        for geography in ("2023-06-01", "2024-12-01", "2025-07-01"):
            plain = await _document(shared, code, when | {"geography": geography})
            totals.add(plain["value"])
            for by in ("area", "commune", "region"):
                document = await _document(shared, code, when | {"geography": geography, "by": by})
                split.add(document["value"])
                if FIGURES[code].unit not in ("person", "percent", "facility"):
                    assert sum(row["value"] for row in document["rows"]) == plain["value"], (code, by)
        assert totals == split
        assert len(totals) == 1, code


@_LENIENT
@given(seed=_seeds)
async def test_the_margins_of_a_table_are_the_answers_by_each_dimension_alone(
    shared: Platform, seed: int
) -> None:
    """At any time known, in any hierarchy; and what counts records adds up from the cells."""
    await wipe(shared)
    world = Registers(seed, 80, CUT)
    await fold(shared, world.messages)
    for code, both in Random(seed).sample(tables(), 15):
        row, column = both.split(",")
        for more in ({}, {"geography": "2025-07-01"}, {"geography": "2024-12-01", "known_at": "2025-06-30"}):
            asked = _over_the_year(code, CUT) | more
            table = await _document(shared, code, asked | {"by": both})
            rows = await _document(shared, code, asked | {"by": row})
            columns = await _document(shared, code, asked | {"by": column})
            assert (table["value"], table["rows"]) == (rows["value"], rows["rows"]), (code, both, more)
            assert table["columns"] == columns["rows"], (code, both, more)
            assert table["overlap"] >= max(rows["overlap"], columns["overlap"]), (code, both, more)
            if DEFINITIONS[code].count != "person" and "substance" not in both:
                assert table["overlap"] == 0, (code, both, more)
                assert _added(table["cells"], row) == _filled(table["rows"], row), (code, both, more)
                assert _added(table["cells"], column) == _filled(table["columns"], column), (code, both, more)


def _added(cells: list[dict[str, Any]], dimension: str) -> dict[str, float]:
    """The cells added up over the other dimension; what comes to nothing is left out."""
    found: dict[str, float] = {}
    for cell in cells:
        found[cell[dimension]] = found.get(cell[dimension], 0) + cell["value"]
    return {name: value for name, value in found.items() if value}


def _filled(margin: list[dict[str, Any]], dimension: str) -> dict[str, float]:
    return {one[dimension]: one["value"] for one in margin if one["value"]}


@_LENIENT
@given(seed=_seeds, year=st.sampled_from(["2023", "2024"]))
async def test_a_calendar_change_re_windows_and_never_re_counts(
    shared: Platform, seed: int, year: str
) -> None:
    """A period of a calendar is its days, no more; and the periods of a year count each record once."""
    await wipe(shared)
    world = Registers(seed, 80, CUT)
    await fold(shared, world.messages)
    windows = {
        "civil": (f"{year}-01-01", f"{year}-12-31"),
        "health": (f"{int(year) - 1}-12-15", f"{year}-12-14"),
        "committee": (f"{year}-01-01", f"{year}-12-14"),
    }
    for code in Random(seed).sample(list(FIGURES), 12):
        stock = time_kind(FIGURES[code]) == "stock"
        for calendar, (first, last) in windows.items():
            by_period = await _document(shared, code, {"calendar": calendar, "period": year})
            by_days = await _document(shared, code, {"as_of": last} if stock else {"from": first, "to": last})
            assert (by_period.pop("calendar"), by_period.pop("period")) == (calendar, year)
            assert canonical(by_period) == canonical(by_days)
    rows = [row for row in world.rows if row.form == "drug_cases"]
    for calendar in ("civil", "health", "police"):
        parts = [
            (await _document(shared, "drug_cases.detected", {"calendar": calendar, "period": f"{y}-Q{q}"}))[
                "value"
            ]
            for y in range(2022, 2026)
            for q in (1, 2, 3, 4)
        ]
        assert sum(parts) == len(rows), calendar


def _over_the_year(code: str, day: date) -> dict[str, str]:
    """A stock as of a day, a flow over the year up to it."""
    if time_kind(FIGURES[code]) == "stock":
        return {"as_of": day.isoformat()}
    return {"from": f"{day.year - 1}-12-15", "to": day.isoformat()}


async def _document(platform: Platform, code: str, given: dict[str, str]) -> dict[str, Any]:
    document, _ = await snapshot.ask(platform.uow, parse_question(code, given, LATER, crossed=True), LATER)
    return document


@pytest.mark.parametrize("form", ["registry", "fires", "facilities"])
def test_the_registers_drawn_hold_every_kind_of_row(form: str) -> None:
    assert any(row.form == form for row in Registers(1, 80, CUT).rows)
