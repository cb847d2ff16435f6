"""Every `/metrics` passes `promtool check metrics`; the alerts stand on what is there, and wake when they should."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.chassis.kafka.clients import TopicSpec
from services.chassis.kafka.consuming import Consumer
from services.chassis.kafka.subscribing import Batch, Session
from services.chassis.runtime.metrics import Metrics
from tests.support import judges
from tests.support.platform import platform_for

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
RULES: list[dict[str, Any]] = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"][0]["rules"]


@pytest.mark.parametrize("service", ["registry", "treatment", "incidents", "reporting"])
def test_promtool_accepts_the_metrics_of_a_service(service: str) -> None:
    metrics = Metrics(service)
    metrics.applied.labels("figures", "registry.records").inc()
    metrics.handling.labels("figures").observe(0.002)
    metrics.http_requests.labels("GET", "/v1/figures", "200").inc()
    assert judges.promtool("check", "metrics", given=metrics.expose().decode()) is None


def test_the_metrics_of_faststream_that_operators_read_are_there_and_pass_promtool() -> None:
    """An upgrade of FastStream that renames one must not leave dashboards empty in silence."""
    platform = platform_for("postgresql://u:p@127.0.0.1:1/db")

    async def nobody(batch: Batch, session: Session) -> None: ...

    Consumer(platform, "sample", [TopicSpec("sample.things")], nobody).subscribe([("sample.things", 0)])
    shown = platform.metrics.expose().decode()
    assert judges.promtool("check", "metrics", given=shown) is None
    known = set(re.findall(r"^# TYPE (\w+) ", shown, re.MULTILINE))
    assert {
        "faststream_received_messages_total",
        "faststream_received_messages_size_bytes",
        "faststream_received_messages_in_process",
        "faststream_received_processed_messages_total",
        "faststream_received_processed_messages_duration_seconds",
    } <= known


def test_promtool_refuses_what_is_not_an_exposition() -> None:
    for broken in ("khopso_things_total{ 1\n", "# TYPE khopso_things counter\nkhopso_things 1\n"):
        assert judges.promtool("check", "metrics", given=broken) is not None


def test_promtool_accepts_the_configuration_with_its_rules() -> None:
    assert judges.promtool("check", "config", str(ROOT / "deploy/prometheus/prometheus.yml")) is None


def test_an_outage_of_an_hour_wakes_somebody_in_time_and_the_alarms_go_by_themselves() -> None:
    assert judges.promtool("test", "rules", str(Path(__file__).with_name("alerts_test.yml"))) is None


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_asks_for_metrics_that_exist_and_is_explained_to_operators(rule: dict[str, Any]) -> None:
    metrics = Metrics("sample").expose().decode()
    known = set(re.findall(r"^# TYPE (\w+) ", metrics, re.MULTILINE))
    asked = {re.sub(r"_bucket$", "", name) for name in re.findall(r"khopso_\w+", rule["expr"])}
    assert asked <= known, asked - known
    assert asked or rule["alert"] == "KhopsoProcessDown"
    assert f"`{rule['alert']}`" in (ROOT / "docs/operators.md").read_text(encoding="utf-8")
    assert rule["labels"]["severity"] in ("page", "ticket")
