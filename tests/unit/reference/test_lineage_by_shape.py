"""A successor that only shapes tell: used from the day of the shapes on, between two hierarchies never, and not where the pack says so."""

from datetime import date
from pathlib import Path

from reference import open_province
from reference.pack.areas import read_areas
from tests.support.packs import changed

ENDED, HEIR = "10522@2008", "10532@2025"
BEFORE, BETWEEN, AFTER = date(2024, 11, 30), date(2025, 6, 30), date(2025, 7, 1)


def test_the_commune_is_placed_from_the_day_of_the_shapes_on() -> None:
    book = read_areas(open_province("hai-duong"))
    places = [book.placed(ENDED, day) for day in (BEFORE, BETWEEN, AFTER)]
    assert [(place.uid, place.lost, place.why) for place in places if place] == [
        (ENDED, None, None),
        ("288@2008", ENDED, "unknown"),
        (HEIR, None, None),
    ]
    assert [book.carried_to(ENDED, day) for day in (BEFORE, BETWEEN, AFTER)] == [ENDED, None, HEIR]
    assert [step.kind for step in book.became(ENDED, BETWEEN)] == ["unknown"]
    assert [step.to_uid for step in book.became(ENDED, AFTER)] == [HEIR]


def test_its_land_is_part_of_what_the_later_commune_was_made_of_while_it_was_there() -> None:
    book = read_areas(open_province("hai-duong"))
    assert ENDED in (book.origins(HEIR, BEFORE) or ())
    # In between others held the land: they have rows of their own.
    between = book.origins(HEIR, BETWEEN)
    assert between is not None
    assert ENDED not in between
    assert all(book.by_uid[uid].exists_on(BETWEEN) for uid in between)


def test_a_pack_can_do_without_such_successors(tmp_path: Path) -> None:
    pack = changed("hai-duong", tmp_path, "pack.toml", "by_shape = true", "by_shape = false")
    book = read_areas(open_province(pack))
    place = book.placed(ENDED, AFTER)
    assert place is not None
    assert (place.uid, place.lost, place.why) == ("31@2025", ENDED, "unknown")
    assert book.carried_to(ENDED, AFTER) is None
    assert ENDED not in (book.origins(HEIR, BEFORE) or ())
