"""Whoever follows a figure reads its changes on Kafka, from the hand-in of a fact to its correction."""

from contracts.catalogue import parse_event
from contracts.events.following import FigureChanged
from tests.failure.harness import Province
from tests.failure.log import read
from tests.failure.parts import wait_for
from tests.integration.rows import fire

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
    assert [(event.sequence, event.data.old, event.data.new) for event in events] == [(1, 0, 1), (2, 1, 3)]
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
