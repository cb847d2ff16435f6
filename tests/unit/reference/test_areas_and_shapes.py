"""The shipped areas, held against the shapes of their communes: coordinates, lineage, shares of divided communes."""

from collections import defaultdict
from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest
from shapely import Point
from shapely.geometry.base import BaseGeometry

from reference import AreaBook, open_province
from reference.pack.areas import read_areas
from tests.support.packs import changed
from tools.shapes import COARSE_DEGREES, proposals, share_of, territories

LAST = date(2025, 7, 1)
PACKS = ["hai-duong", "thu-nghiem"]


@lru_cache(maxsize=2)
def lands(pack: str) -> tuple[AreaBook, dict[str, BaseGeometry]]:
    book = read_areas(open_province(pack))
    return book, territories(open_province(pack), book)


@pytest.mark.parametrize("pack", PACKS)
def test_every_commune_has_a_coordinate_and_it_lies_inside_the_commune(pack: str) -> None:
    book, shapes = lands(pack)
    communes = [area for area in book.by_uid.values() if area.level == "commune"]
    assert {area.uid for area in communes} == set(shapes)
    outside = [
        area.uid
        for area in communes
        if area.lat is None or area.lon is None or not shapes[area.uid].covers(Point(area.lon, area.lat))
    ]
    assert outside == []


@pytest.mark.parametrize("pack", PACKS)
def test_every_row_of_the_lineage_leads_to_an_area_on_the_same_land(pack: str) -> None:
    book, shapes = lands(pack)
    for uid, land in shapes.items():
        for step in book.successions(uid):
            if step.to_uid is not None:
                apart = land.distance(shapes[step.to_uid])
                assert apart < COARSE_DEGREES, f"{uid} and {step.to_uid} are {apart * 111:.1f} km apart"
        heir = book.carried_to(uid, LAST)
        assert heir is None or share_of(shapes[heir], land) > 0.5, f"{uid} does not lie in {heir}"


def test_the_share_of_each_part_of_a_divided_commune_is_that_of_its_land() -> None:
    book, shapes = lands("hai-duong")
    parts: dict[str, float] = defaultdict(float)
    for uid, land in shapes.items():
        for step in book.successions(uid):
            if step.kind == "part":
                assert step.to_uid is not None
                assert step.share == pytest.approx(share_of(shapes[step.to_uid], land), abs=0.006)
                parts[uid] += step.share or 0
    assert len(parts) == 34
    assert all(0.95 <= total <= 1.01 for total in parts.values())


def test_a_successor_that_only_shapes_tell_has_nearly_all_of_the_land() -> None:
    book, shapes = lands("hai-duong")
    shaped = {
        uid: step
        for uid in shapes
        for step in book.successions(uid)
        if step.basis == "by_shape" and step.to_uid
    }
    assert len(shaped) == 12
    for uid, step in shaped.items():
        shares = {
            heir: share_of(shapes[heir], shapes[uid])
            for heir in shapes
            if book.by_uid[heir].exists_on(LAST) and step.effective_on == LAST
        }
        assert max(shares, key=lambda heir: shares[heir]) == step.to_uid
        assert step.share == pytest.approx(shares[step.to_uid], abs=0.006)
        assert shares[step.to_uid] > 0.8


@pytest.mark.parametrize("pack", PACKS)
def test_nothing_is_left_for_the_tool_to_propose(pack: str) -> None:
    assert list(proposals(open_province(pack))) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "found"),
    [
        (
            "areas.csv",
            ",20.92391,106.34209",
            ",21.9,106.34209",
            "10513@2008: 21.9,106.34209 lies outside; lat,lon 20.92391,106.34209",
        ),
        ("areas.csv", ",20.92391,106.34209", ",,", "10513@2008: no coordinate; lat,lon 20.92391,106.34209"),
        (
            "lineage.csv",
            "2025-07-01,10798@2024,10804@2025,part,conversion_table,,0.94",
            "2025-07-01,10798@2024,11911@2025,part,conversion_table,,0.94",
            "10798@2024: does not touch 11911@2025; 0.94 in 10804@2025, 0.03 in 10843@2025",
        ),
        (
            "lineage.csv",
            "10606@2025,whole,by_shape",
            "10633@2025,whole,by_shape",
            "10651@2008: 0.00 lies in 10633@2025; 0.98 in 10606@2025, 0.02 in 10642@2025",
        ),
        (
            "pack.toml",
            "by_shape = true",
            "by_shape = false",
            "10522@2008: successor not known; 0.96 in 10532@2025, 0.04 in 10507@2025",
        ),
    ],
)
def test_what_does_not_fit_is_found_with_what_would(
    tmp_path: Path, file: str, old: str, new: str, found: str
) -> None:
    pack = changed("hai-duong", tmp_path, file, old, new)
    assert found in [str(proposal) for proposal in proposals(open_province(pack))]
