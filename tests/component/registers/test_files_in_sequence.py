"""Files that follow one another: columns left out, blank cells, corrections, withdrawals, numbers that return.

An independent model says what each file means; after each the records are what the model says, and whatever did not enter
is named by its row.
"""

import csv
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.component.registers.conftest import Desk
from tests.support.cases import named, rows_of
from tests.support.keepers import SITE
from tests.support.packs import COMMUNE, OTHER_COMMUNE

pytestmark = pytest.mark.hai_duong("the clerk of 2026 is of its police")

OPTIONAL = ("cause", "damage_vnd", "arrived_at")
CAUSES = ("electrical", "open_flame", "technical")
FILES, NUMBERS, SEQUENCES = 4, 6, 12


def fire(number: int, year: int = 2023) -> dict[str, str]:
    """What the book says of a fire: of another year it is another day and month, too."""
    day = f"{number + 1:02}/05/{year}" if year == 2023 else f"{number + 11:02}/09/{year}"
    return {
        "incident_no": f"VC-{number:02}",
        "commune_code": COMMUNE if year == 2023 else OTHER_COMMUNE,
        "alarm_at": f"{day} 09:00",
        "place": "dwelling" if year == 2023 else "market",
        "cause": "electrical",
        "damage_vnd": "1500000",
        "arrived_at": f"{day} 09:20",
    }


@dataclass
class Book:
    """What the unit's book means so far: the standing fires by number, and the numbers that were withdrawn."""

    standing: dict[str, dict[str, str]] = field(default_factory=dict)
    withdrawn: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass
class Page:
    """One file: its columns, its rows, and what is to become of each."""

    columns: list[str]
    rows: list[dict[str, str]] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)

    def write(self, path: Path) -> str:
        with path.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, self.columns, extrasaction="ignore", delimiter=";")
            writer.writeheader()
            writer.writerows(self.rows)
        return str(path)


def page_of(random: Random, book: Book) -> Page:
    """Draw one file and enter it in the book: a column it lacks changes nothing, a blank cell of one it has clears."""
    optional = [name for name in OPTIONAL if random.random() < 0.6]
    columns = ["incident_no", "commune_code", "alarm_at", "place", *optional, "void"]
    random.shuffle(columns)
    page = Page(columns)
    for number in random.sample(range(1, NUMBERS + 1), random.randint(2, NUMBERS)):
        row, outcome = _row(random, book, number, optional)
        page.rows.append(row)
        page.outcomes.append(outcome)
    return page


def _row(random: Random, book: Book, number: int, optional: list[str]) -> tuple[dict[str, str], str]:
    key = fire(number)["incident_no"]
    was = book.standing.get(key)
    kind = random.choice(("same", "same", "corrected", "blank", "another", "withdrawn"))
    if kind == "another" and was is not None:
        return {**fire(number, 2024), "void": ""}, "refused"
    if kind == "withdrawn" and was is not None:
        book.withdrawn[key] = book.standing.pop(key)
        return {**was, "void": "x"}, "withdrawn"
    row = dict(was or book.withdrawn.get(key) or fire(number))
    if kind == "corrected":
        row["place"] = random.choice(("dwelling", "warehouse", "vehicle"))
        row["cause"] = random.choice(CAUSES)
    if kind == "blank" and optional:
        row[random.choice(optional)] = ""
    return {**row, "void": ""}, _enter(book, key, row, optional)


def _enter(book: Book, key: str, row: dict[str, str], optional: list[str]) -> str:
    """Enter a row that stands for the fire itself; return what becomes of it."""
    was, removed = book.standing.get(key), book.withdrawn.pop(key, None)
    before = was or removed or {}
    now = {name: row[name] for name in ("incident_no", "commune_code", "alarm_at", "place")}
    now |= {name: row[name] if name in optional else before.get(name, "") for name in OPTIONAL}
    book.standing[key] = now
    if removed is not None:
        return "restored"
    return "accepted" if was is None else "unchanged" if was == now else "corrected"


def as_written(values: dict[str, Any]) -> dict[str, str]:
    """A stored fire as the book writes it."""
    found = {
        name: values.get(name) for name in ("incident_no", "commune_code", "alarm_at", "place", *OPTIONAL)
    }
    for name in ("alarm_at", "arrived_at"):
        if found[name]:
            found[name] = _local(str(found[name]))
    return {name: "" if value is None else str(value) for name, value in found.items()}


def _local(stored: str) -> str:
    # Stored in UTC; the book's clock is seven hours ahead, and all its fires are in the morning.
    day, clock = stored[:10].split("-"), stored[11:16].split(":")
    return f"{day[2]}/{day[1]}/{day[0]} {int(clock[0]) + 7:02}:{clock[1]}"


@pytest.mark.parametrize("seed", range(SEQUENCES))
async def test_after_each_file_records_are_what_the_book_means_and_the_rest_is_named(
    desk: Desk, tmp_path: Path, seed: int
) -> None:
    random, book = Random(seed), Book()
    for number in range(FILES):
        # Given what was handed in before, when the next file comes
        page = page_of(random, book)
        rows, read = rows_of(page.write(tmp_path / f"so-{number}.csv"), "fires")
        answer = await desk.hand_in_rows("fires", rows)
        # Then every row has become what the book means, and each that has not is named with both sides
        refused = [row for row, outcome in enumerate(page.outcomes, 2) if outcome == "refused"]
        assert named(read.all_faults()) == []
        assert [(fault["row"], fault["rule"]) for fault in answer["refused"]] == [
            (row, "number_used") for row in refused
        ]
        counted = {
            name: page.outcomes.count(name) for name in ("corrected", "unchanged", "withdrawn", "restored")
        }
        assert {name: answer[name] for name in counted} == counted
        found = await desk.records("fires")
        stored = {
            each["values"]["incident_no"]: as_written(each["values"]) for each in found if not each["voided"]
        }
        assert stored == book.standing
        assert {each["values"]["incident_no"] for each in found if each["voided"]} == book.withdrawn.keys()


async def test_another_person_under_a_number_takes_nothing_over_from_the_former_one(desk: Desk) -> None:
    # Given a patient whose treatment has ended
    first = {
        "patient_no": "BN-9",
        "full_name": "Nguyễn Văn Thử",
        "birth_date": "05/02/1990",
        "sex": "Nam",
        "national_id": "030090001999",
        "commune_code": COMMUNE,
        "enrolled_on": "10/01/2023",
        "facility_code": SITE,
        "ended_on": "01/05/2023",
        "end_reason": "completed",
    }
    assert (await desk.hand_in("methadone", first))["accepted"] == 1
    # When a page without the columns of end and identity number has somebody else under the number
    other = {
        **first,
        "full_name": "Trần Thị Mẫu",
        "birth_date": "07/08/1985",
        "sex": "Nữ",
    }
    page = {name: other[name] for name in other if name not in ("national_id", "ended_on", "end_reason")}
    refused = await desk.hand_in("methadone", page)
    # Then she is refused for the number; and where the clerk says replace, nothing of the former patient stays with her
    assert [fault["rule"] for fault in refused["refused"]] == ["number_used"]
    replaced = await desk.hand_in("methadone", page, replace=True)
    assert replaced["refused"] == []
    (record,) = await desk.records("methadone")
    assert record["values"]["full_name"] == "Trần Thị Mẫu"
    assert {"national_id", "ended_on", "end_reason"} & {
        name for name, value in record["values"].items() if value is not None
    } == set()
