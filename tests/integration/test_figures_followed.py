"""Whoever follows a figure reads its changes on Kafka, from the hand-in of a fact to its correction."""

import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from contracts.catalogue import parse_event
from contracts.events.following import FigureChanged
from tests.support.stack.harness import Province
from tests.support.stack.log import read
from tests.support.stack.parts import wait_for
from tests.support.stack.rows import fire

AREA = "10561"


def told(province: Province, follow: str) -> list[FigureChanged]:
    """What the topic says to one follow, in its order."""
    found = []
    for record in read(province.broker.bootstrap, ["reporting.figures"], province.flavour):
        if record.key == follow.encode() and record.value is not None:
            event = parse_event("reporting.figures", record.value)
            assert isinstance(event, FigureChanged)
            found.append(event)
    return sorted(found, key=lambda event: event.sequence)


def test_changes_of_a_followed_figure_arrive_on_kafka_without_gaps(province: Province) -> None:
    year = {"from": "2023-01-01", "to": "2023-12-31"}
    made = province.post("reporting", "/v1/follows", {"figure": "fires.deaths", "area": AREA, **year})
    row = fire("TD-1", deaths="1", commune=AREA)
    province.hand_in("fires", [row])
    wait_for(lambda: len(told(province, made["id"])) == 1, 60, "the first change")
    province.hand_in("fires", [{**row, "deaths": "3"}])
    wait_for(lambda: len(told(province, made["id"])) == 2, 60, "the second change")
    events = told(province, made["id"])
    changes = [(event.sequence, event.data.old, event.data.new) for event in events]
    assert changes == [(1, Decimal(0), Decimal(1)), (2, Decimal(1), Decimal(3))]
    assert {event.data.figure for event in events} == {"fires.deaths"}


def test_a_data_query_answers_what_the_single_figures_say(province: Province) -> None:
    row = fire("TD-2", deaths="2", commune=AREA)
    province.hand_in("fires", [row])
    province.settled()
    asked = {"startPeriod": "2023", "frequency": "Q", "area": AREA}
    found = province.get("reporting", "/v1/data/fires.cases,fires.deaths", asked)["observations"]
    for seen in found:
        alone = province.get(
            "reporting",
            f"/v1/figures/{seen['figure']}",
            {"area": AREA, "from": seen["from"], "to": seen["to"]},
        )
        assert alone["value"] == seen["value"]
    assert len(found) == 8


def shown(about: str) -> str:
    """The program about something that docs/machines.md shows."""
    page = (Path(__file__).parents[2] / "docs" / "machines.md").read_text(encoding="utf-8")
    (code,) = [part for part in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if about in part]
    return str(code)


def test_the_copy_that_the_documentation_shows_stays_equal_to_the_figures(province: Province) -> None:
    bearer = {"Authorization": f"Bearer {province.token}"}
    names: dict[str, Any] = {"httpx": httpx, "reporting": province.url("reporting"), "bearer": bearer}
    exec(shown("updatedAfter").replace("drug_cases.detected", "fires.deaths"), names)
    copy: dict[tuple[str | None, ...], Any] = {}
    known = names["visit"](copy, None)
    for number, day in enumerate(("03/02/2023", "06/05/2023")):
        province.hand_in("fires", [fire(f"SAO-{number}", day=day, commune=AREA)])
        province.settled()
        known = names["visit"](copy, known)
        fresh: dict[tuple[str | None, ...], Any] = {}
        names["visit"](fresh, None)
        assert copy == fresh
    assert copy["fires.deaths", f"{AREA}@2008", None, None, "2023-05"] == 1


def test_the_follower_that_the_documentation_shows_works(province: Province, tmp_path: Path) -> None:
    program = tmp_path / "follower.py"
    program.write_text(shown("AIOKafkaConsumer"), encoding="utf-8")
    year = {"from": "2023-01-01", "to": "2023-12-31"}
    made = province.post(
        "reporting", "/v1/follows", {"figure": "fires.deaths", "area": AREA, "by": "commune", **year}
    )
    before = int(made["value"])
    province.hand_in("fires", [fire("TD-3", deaths="2", commune=AREA)])
    with subprocess.Popen(
        [sys.executable, str(program), province.broker.bootstrap, made["id"]],
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            assert running.stdout is not None
            said = [running.stdout.readline().split() for _ in range(2)]
        finally:
            running.terminate()
    change = [str(before), str(before + 2)]
    assert said == [
        ["1", "fires.deaths", made_area(made), "None", *change],
        ["2", "fires.deaths", made_area(made), AREA, *change],
    ]


def made_area(made: dict[str, Any]) -> str:
    """The uid of the commune that was followed: the only row."""
    (uid,) = made["rows"]
    return str(uid)
