"""The dashboard shows every metric that is there, in queries that Prometheus accepts, and all that an alert stands on."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.chassis.runtime.metrics import Metrics
from tests.support import judges
from tools.generators import boards

ROOT = Path(__file__).parents[2]
BOARD: dict[str, Any] = json.loads((ROOT / "deploy/boards/khopso.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
QUERIES = [target["expr"] for panel in PANELS for target in panel["targets"]]
_METRIC = re.compile(r"\bkhopso_\w+")


def metrics_of(text: str) -> set[str]:
    """Names of our metrics in a text; a histogram by the name that it was declared with."""
    return {name.removesuffix("_bucket") for name in _METRIC.findall(text)}


def test_every_metric_of_the_board_is_one_that_services_have() -> None:
    declared = set(re.findall(r"^# TYPE (\w+) ", Metrics("sample").expose().decode(), re.MULTILINE))
    shown = metrics_of(" ".join(QUERIES))
    assert len(shown) > 10
    assert shown <= declared


def test_every_metric_of_ours_can_be_seen_on_the_board() -> None:
    exposed = re.findall(r"^# TYPE (khopso_\w+) ", Metrics("sample").expose().decode(), re.MULTILINE)
    # The client tells beside each counter when it was made.
    declared = {name for name in exposed if not name.endswith("_created")}
    assert declared <= metrics_of(" ".join(QUERIES))


def test_a_question_about_a_metric_that_is_not_there_is_no_board(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = boards.Panel("Gone", "A metric that was renamed.", "short", (("sum(khopso_gone_total)", ""),))
    monkeypatch.setattr(boards, "ASKED", (*boards.ASKED, planted))
    with pytest.raises(boards.UnknownMetricError, match="khopso_gone_total"):
        boards.board()


def test_whatever_an_alert_stands_on_can_be_seen_on_the_board() -> None:
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8"))["groups"]
    stood_on = metrics_of(" ".join(rule["expr"] for group in rules for rule in group["rules"]))
    assert stood_on <= metrics_of(" ".join(QUERIES))


def test_promtool_accepts_every_query_of_the_board(tmp_path: Path) -> None:
    # The board's own variable is the only thing in a query that Prometheus does not know.
    rules = [
        {"record": f"board:query_{number}", "expr": query.replace("$__rate_interval", "5m")}
        for number, query in enumerate(QUERIES)
    ]
    file = tmp_path / "board.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "board", "rules": rules}]}), encoding="utf-8")
    assert judges.promtool("check", "rules", str(file)) is None


def test_panels_have_ids_of_their_own_say_what_they_mean_and_do_not_overlap() -> None:
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(set(ids)) == len(ids)
    assert all(panel["description"] for panel in PANELS)
    places = [
        (x, y)
        for panel in BOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(places)) == len(places)
