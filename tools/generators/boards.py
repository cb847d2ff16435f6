"""The dashboard of operators, for Grafana: what alerts stand on first, then every other metric of the metrics file.

Written by hand are the questions; places, ids and the panels of all metrics that no question shows follow from
`services.chassis.runtime.Metrics`. Grafana's own library is not used: it is released anew for each version of Grafana, and
a board of one kind of panel needs eight of its fields.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from prometheus_client import Metric

from services.chassis.runtime import Metrics
from texts import message

_METRIC = re.compile(r"\bkhopso_\w+")
_HEIGHT, _WIDTH = 7, 24
_SOURCE = {"type": "prometheus", "uid": "${source}"}
_RUNBOOKS = "https://github.com/khopso/khopso/blob/main/docs/runbooks/README.md"


class UnknownMetricError(ValueError):
    """A query asks for a metric that no service has. ``names`` are those."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(sorted(names))
        super().__init__(f"no service has the metrics {', '.join(self.names)}")


@dataclass(frozen=True, slots=True)
class Row:
    """A heading, under which the panels that follow stand."""

    title: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Queries in one picture. ``unit`` is Grafana's name of it; each query has the text of its legend."""

    title: str
    description: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    kind: Literal["timeseries", "stat"] = "timeseries"


ASKED: tuple[Row | Panel, ...] = (
    Row("Now: does anything need somebody?"),
    Panel(
        "Alerts that are firing",
        "Each links to its page in docs/runbooks.",
        "short",
        (('sum by (alertname, severity) (ALERTS{alertstate="firing"})', "{{alertname}}"),),
        "stat",
    ),
    Panel(
        "Processes that do not answer",
        "KhopsoProcessDown",
        "short",
        (('sum(up{job=~"registry|treatment|incidents|reporting|gateway"} == bool 0)', "down"),),
        "stat",
    ),
    Panel(
        "Dead letters that wait",
        "KhopsoDeadLetters",
        "short",
        (("max by (service) (khopso_dead_letters_waiting)", "{{service}}"),),
        "stat",
    ),
    Panel(
        "Oldest event not on Kafka",
        "KhopsoEventsNotSent",
        "s",
        (("max by (service) (khopso_outbox_oldest_unsent_age_seconds)", "{{service}}"),),
        "stat",
    ),
    Row("From the unit to the figure"),
    Panel(
        "Rows handed in",
        "By form and outcome; refused ones tell of a form or a unit that needs help.",
        "rowsps",
        (
            (
                "sum by (form, outcome) (rate(khopso_intake_rows_total[$__rate_interval]))",
                "{{form}} {{outcome}}",
            ),
        ),
    ),
    Panel(
        "Delay from acceptance to figure, 99 %",
        "KhopsoFiguresLate; after an outage once as long as the outage was.",
        "s",
        (
            (
                "histogram_quantile(0.99, sum by (consumer, le) (rate(khopso_projection_delay_seconds_bucket[$__rate_interval])))",
                "{{consumer}}",
            ),
        ),
    ),
    Panel(
        "Delay in the outbox, 99 %",
        "The part of the delay before Kafka.",
        "s",
        (
            (
                "histogram_quantile(0.99, sum by (service, le) (rate(khopso_relay_delay_seconds_bucket[$__rate_interval])))",
                "{{service}}",
            ),
        ),
    ),
    Panel(
        "Records not applied yet",
        "KhopsoConsumerFallsBehind",
        "short",
        (("sum by (service, consumer) (khopso_consumer_lag_records)", "{{service}} {{consumer}}"),),
    ),
    Row("Relays and consumers"),
    Panel(
        "Events sent to Kafka",
        "By service.",
        "cps",
        (("sum by (service) (rate(khopso_relay_sent_events_total[$__rate_interval]))", "{{service}}"),),
    ),
    Panel(
        "Active relays and running consumers",
        "One relay a service; 0 is KhopsoNoActiveRelay or KhopsoConsumerStopped.",
        "short",
        (
            (
                "max by (service) (khopso_relay_active) or max by (service, consumer) (khopso_consumer_running)",
                "{{service}} {{consumer}}",
            ),
        ),
    ),
    Panel(
        "Logs lost, batches fenced",
        "KhopsoLogLost, KhopsoFencing; both should stand at 0.",
        "short",
        (
            (
                "sum by (service) (increase(khopso_log_lost_total[$__rate_interval])) or sum by (service, consumer) (increase(khopso_consumer_fenced_batches_total[$__rate_interval]))",
                "{{service}} {{consumer}}",
            ),
        ),
    ),
    Panel(
        "Retries of consumers",
        "A batch that failed and is applied again.",
        "cps",
        (
            (
                "sum by (service, consumer) (rate(khopso_consumer_retries_total[$__rate_interval]))",
                "{{service}} {{consumer}}",
            ),
        ),
    ),
    Row("Requests and figures"),
    Panel(
        "Requests by status",
        "Each of 5xx counts into KhopsoRequestsFail.",
        "reqps",
        (
            (
                "sum by (service, status) (rate(khopso_http_requests_total[$__rate_interval]))",
                "{{service}} {{status}}",
            ),
        ),
    ),
    Panel(
        "Time of a request, 99 %",
        "By service.",
        "s",
        (
            (
                "histogram_quantile(0.99, sum by (service, le) (rate(khopso_http_request_duration_seconds_bucket[$__rate_interval])))",
                "{{service}}",
            ),
        ),
    ),
    Panel(
        "References that wait to be worked into the cells",
        "KhopsoCellsWait; figures are exact meanwhile, and slower.",
        "short",
        (("max by (service) (khopso_cells_waiting_references)", "{{service}}"),),
    ),
    Panel(
        "Cells filled, generation outdated",
        "KhopsoCellsMissing when the first is 0, KhopsoGenerationOutdated when the second is 1.",
        "short",
        (
            (
                'label_replace(max(khopso_cells_ready), "what", "cells filled", "", "") or label_replace(max(khopso_generation_outdated), "what", "generation outdated", "", "")',
                "{{what}}",
            ),
        ),
    ),
    Panel(
        "Days until certificates end",
        "KhopsoCertificateEnds under 30: the files that the settings name.",
        "d",
        (
            (
                "min by (service, setting) (khopso_certificate_ends_timestamp_seconds - time()) / 86400",
                "{{service}} {{setting}}",
            ),
        ),
    ),
    Row("The hashing process"),
    Panel(
        "Hashes made",
        "Under the linkage secret, by who asked. A service that hands nothing in and asks much is a reason to look.",
        "ops",
        (("sum by (caller) (rate(khopso_hashing_hashes_total[$__rate_interval]))", "{{caller}}"),),
    ),
    Panel(
        "Hashes refused, and a rotation of the secret",
        "KhopsoHashingRefused when not 0: a wrong key, or somebody asks too much. KhopsoHashingRotating when a rotation lasts two hours.",
        "short",
        (
            (
                "sum by (caller, reason) (increase(khopso_hashing_refused_total[$__rate_interval]))",
                "{{caller}} ({{reason}})",
            ),
            ("max(khopso_hashing_rotating)", "the secret is being rotated"),
        ),
    ),
)
"""What operators ask, in the order in which they ask it."""


def board() -> dict[str, Any]:
    """Return the dashboard.

    Raises:
        UnknownMetricError: a query asks for a metric that there is not.
    """
    families = [
        family for family in Metrics("sample").registry.collect() if family.name.startswith("khopso_")
    ]
    shown = _asked_for(query for part in ASKED if isinstance(part, Panel) for query, _ in part.queries)
    known = {_exposed(family) for family in families}
    if unknown := shown - known:
        raise UnknownMetricError(unknown)
    others = [_of_metric(family) for family in families if _exposed(family) not in shown]
    return {
        "uid": "khopso",
        "title": message("page.frame.product").vi,
        "tags": ["khopso"],
        "schemaVersion": 39,
        "timezone": "Asia/Ho_Chi_Minh",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "links": [{"title": "Runbooks", "type": "link", "url": _RUNBOOKS, "targetBlank": True}],
        "templating": {
            "list": [{"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]
        },
        "panels": list(_placed([*ASKED, Row("All other metrics"), *others])),
    }


def _asked_for(queries: Iterable[str]) -> set[str]:
    return {name.removesuffix("_bucket") for query in queries for name in _METRIC.findall(query)}


def _exposed(family: Metric) -> str:
    """Return the name of a metric as it is declared: the client takes the ending of a counter away."""
    return f"{family.name}_total" if family.type == "counter" else family.name


def _of_metric(family: Metric) -> Panel:
    """Return the panel of a metric, by its type: the rate of a counter, the slowest hundredth of a histogram."""
    name = _exposed(family)
    query, unit = {
        "counter": (f"sum by (service) (rate({name}[$__rate_interval]))", "cps"),
        "gauge": (f"max by (service) ({name})", "s" if name.endswith("_seconds") else "short"),
        "histogram": (
            f"histogram_quantile(0.99, sum by (service, le) (rate({name}_bucket[$__rate_interval])))",
            "s" if name.endswith("_seconds") else "short",
        ),
    }[family.type]
    return Panel(name, family.documentation, unit, ((query, "{{service}}"),))


def _placed(parts: Iterable[Row | Panel]) -> Iterator[dict[str, Any]]:
    """Yield the panels with ids and places: single numbers four beside each other, curves two."""
    x = y = 0
    for number, part in enumerate(parts, 1):
        if isinstance(part, Row):
            y += _HEIGHT if x else 0
            place = {"h": 1, "w": _WIDTH, "x": 0, "y": y}
            yield {
                "id": number,
                "type": "row",
                "title": part.title,
                "collapsed": False,
                "gridPos": place,
                "panels": [],
            }
            x, y = 0, y + 1
            continue
        width = _WIDTH // (4 if part.kind == "stat" else 2)
        yield _drawn(number, part, {"h": _HEIGHT, "w": width, "x": x, "y": y})
        x += width
        if x >= _WIDTH:
            x, y = 0, y + _HEIGHT


def _drawn(number: int, panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    options = {
        "stat": {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value"},
        "timeseries": {"legend": {"displayMode": "list", "placement": "bottom"}},
    }[panel.kind]
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": _SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": options,
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": _SOURCE, "expr": query, "legendFormat": legend}
            for place, (query, legend) in enumerate(panel.queries)
        ],
    }
