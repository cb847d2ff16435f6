"""Every `/metrics` passes `promtool check metrics`."""

import pytest

from services.chassis.metrics import Metrics
from tests.support import judges


@pytest.mark.parametrize("service", ["registry", "treatment", "incidents", "reporting"])
def test_promtool_accepts_the_metrics_of_a_service(service: str) -> None:
    metrics = Metrics(service)
    metrics.applied.labels("figures", "registry.records").inc()
    metrics.handling.labels("figures").observe(0.002)
    metrics.http_requests.labels("GET", "/v1/figures", "200").inc()
    assert judges.promtool(metrics.expose().decode()) is None


def test_promtool_refuses_what_is_not_an_exposition() -> None:
    assert judges.promtool("khopso_things_total{ 1\n") is not None
    assert judges.promtool("# TYPE khopso_things counter\nkhopso_things 1\n") is not None
