"""Tables of two dimensions: cells, margins and total, at every time and in every hierarchy, worked out by hand."""

from datetime import date
from itertools import combinations
from typing import Any

import pytest

from reference import FIGURES, time_kind
from services.chassis.platform import Platform
from services.reporting.figures import dimensions
from services.reporting.figures.breakdown import partners
from tests.support.reporting import Log, ask, fold, person

ADDICTS = "registry.addicts_with_file"
DAY = {"as_of": "2023-12-14"}
YEAR = {"since": "2023-01-01", "to": "2023-12-31"}
NGOC_CHAU, QUANG_TRUNG, PHA_LAI = "10513@2008", "10516@2008", "10546@2008"
DIVIDED = "11008@2008"


def addict(log: Log, who: str, commune: str, sex: str = "male", **more: Any) -> None:
    since = date(2023, 1, 1)
    human = person(who, sex=sex)
    log.write("registry", who, person=human, commune=commune, status="addict", status_from=since, **more)


def cells(document: dict[str, Any], row: str, column: str) -> dict[tuple[str, str], int]:
    """The cells that are not zero."""
    return {(one[row], one[column]): one["value"] for one in document["cells"] if one["value"]}


def margin(document: dict[str, Any], part: str, dimension: str) -> dict[str, int]:
    return {one[dimension]: one["value"] for one in document[part] if one["value"]}


async def test_a_table_has_cells_both_margins_and_the_total(platform: Platform) -> None:
    log = Log()
    addict(log, "an", NGOC_CHAU)
    addict(log, "binh", NGOC_CHAU, "female")
    addict(log, "cuc", PHA_LAI, "female")
    await fold(platform, log.messages)
    document = await ask(platform, ADDICTS, by="area,sex", **DAY)
    assert document["value"] == 3
    assert cells(document, "area", "sex") == {("288", "male"): 1, ("288", "female"): 1, ("290", "female"): 1}
    assert margin(document, "rows", "area") == {"288": 2, "290": 1}
    assert margin(document, "columns", "sex") == {"female": 2, "male": 1}
    assert document["overlap"] == 0


async def test_every_row_meets_every_column_zeros_included(platform: Platform) -> None:
    log = Log()
    addict(log, "an", NGOC_CHAU)
    await fold(platform, log.messages)
    document = await ask(platform, ADDICTS, by="area,sex", **DAY)
    assert [one["area"] for one in document["rows"]] == sorted(one["area"] for one in document["rows"])
    assert len(document["rows"]) == len(document["cells"]) == 12
    turned = await ask(platform, ADDICTS, by="sex,area", **DAY)
    assert cells(turned, "area", "sex") == cells(document, "area", "sex")
    assert (turned["rows"], turned["columns"]) == (document["columns"], document["rows"])


async def test_who_is_listed_in_two_communes_counts_in_both_cells_and_once_in_the_margin(
    platform: Platform,
) -> None:
    log = Log()
    addict(log, "an", NGOC_CHAU)
    addict(log, "an again", QUANG_TRUNG)
    for number in ("an", "an again"):
        log.link(number, "human", known=date(2023, 1, 1))
    await fold(platform, log.messages)
    document = await ask(platform, ADDICTS, by="commune,sex", **DAY)
    assert cells(document, "commune", "sex") == {("10513", "male"): 1, ("10516", "male"): 1}
    assert margin(document, "columns", "sex") == {"male": 1}
    assert (document["value"], document["overlap"]) == (1, 1)


async def test_a_slip_with_two_substances_counts_in_the_cells_of_both(platform: Platform) -> None:
    log = Log()
    for number, (conclusion, substances) in enumerate(
        [("addicted", ["heroin", "ketamine"]), ("not_addicted", ["heroin"])]
    ):
        log.write(
            "determination",
            str(number),
            person=person(str(number)),
            commune=NGOC_CHAU,
            unit="tram-1",
            facility="tram-1",
            clinician="c1",
            requested_on=date(2023, 2, 1),
            concluded_on=date(2023, 2, 1),
            conclusion=conclusion,
            substances=substances,
        )
    await fold(platform, log.messages)
    document = await ask(platform, "determination.slips", by="outcome,substance", **YEAR)
    assert cells(document, "outcome", "substance") == {
        ("addicted", "heroin"): 1,
        ("addicted", "ketamine"): 1,
        ("not_addicted", "heroin"): 1,
    }
    assert margin(document, "rows", "outcome") == {"addicted": 1, "not_addicted": 1}
    assert margin(document, "columns", "substance") == {"heroin": 2, "ketamine": 1}
    assert (document["value"], document["overlap"]) == (2, 1)


async def test_a_table_is_that_of_the_knowledge_asked(platform: Platform) -> None:
    log = Log()
    addict(log, "an", NGOC_CHAU, recorded=date(2023, 1, 2))
    addict(log, "binh", NGOC_CHAU, "female", recorded=date(2024, 1, 5))
    await fold(platform, log.messages)
    then = await ask(platform, ADDICTS, by="area,sex", **DAY, known_at="2023-12-31")
    assert cells(then, "area", "sex") == {("288", "male"): 1}
    assert [one["sex"] for one in then["columns"]] == ["male"]
    now = await ask(platform, ADDICTS, by="area,sex", **DAY)
    assert cells(now, "area", "sex") == {("288", "male"): 1, ("288", "female"): 1}


async def test_a_divided_commune_keeps_its_row_in_the_areas_of_2025(platform: Platform) -> None:
    log = Log()
    addict(log, "an", DIVIDED)
    addict(log, "binh", NGOC_CHAU, "female")
    await fold(platform, log.messages)
    document = await ask(platform, ADDICTS, by="commune,sex", **DAY, geography="2025-07-01")
    alone = await ask(platform, ADDICTS, by="commune", **DAY, geography="2025-07-01")
    assert document["rows"] == alone["rows"]
    (lost,) = (row for row in document["rows"] if row["commune"].startswith("unattributed:"))
    assert cells(document, "commune", "sex")[lost["commune"], "male"] == 1
    assert sum(cells(document, "commune", "sex").values()) == document["value"] == 2
    regions = await ask(platform, ADDICTS, by="region,sex", as_of="2026-01-01")
    assert margin(regions, "rows", "region") == {"288": 1, "297": 1}


@pytest.mark.parametrize("code", sorted(code for code, figure in FIGURES.items() if figure.dimensions))
async def test_every_figure_makes_every_table_that_it_says_it_makes(empty: Platform, code: str) -> None:
    figure = FIGURES[code]
    when = {"as_of": "2023-12-31"} if time_kind(figure) == "stock" else YEAR
    made = [pair for pair in combinations(dimensions(figure), 2) if pair[1] in partners(figure, pair[0])]
    assert len(made) == len(figure.dimensions) * (len(figure.dimensions) + 5) // 2
    for by, across in made:
        document = await ask(empty, code, by=f"{by},{across}", **when)
        assert document["value"] == 0
        places = {"area": 12, "commune": 235, "region": 12}.get(by, 0)
        assert (len(document["rows"]), document["columns"], document["cells"]) == (places, [], [])
