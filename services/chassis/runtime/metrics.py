"""The only file that names metrics. Every name, label and unit is documented in its help text."""

from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_BATCH = (1, 5, 25, 100, 500, 1_000, 2_500, 5_000, 10_000)


class Metrics:
    """The metrics of one process, in a registry of their own (several may live in one test process)."""

    def __init__(self, service: str, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        if registry is None:
            for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
                self.registry.register(collector)
        info = Gauge(
            "khopso_service_info",
            "Constant 1; the label names the service.",
            ["service"],
            registry=self.registry,
        )
        info.labels(service).set(1)
        self._delivery(self.registry)
        self._consuming(self.registry)
        self._http(self.registry)
        self._hashing(self.registry)
        self._cells(self.registry)
        self._gateway(self.registry)

    def _delivery(self, registry: CollectorRegistry) -> None:
        self.outbox_depth = Gauge(
            "khopso_outbox_unsent_events", "Outbox rows not yet on Kafka.", registry=registry
        )
        self.outbox_age = Gauge(
            "khopso_outbox_oldest_unsent_age_seconds",
            "Age of the oldest outbox row not yet on Kafka.",
            registry=registry,
        )
        self.relay_sent = Counter(
            "khopso_relay_sent_events_total",
            "Outbox rows acknowledged by the broker.",
            ["topic"],
            registry=registry,
        )
        self.relay_failures = Counter(
            "khopso_relay_send_failures_total",
            "Sends that failed, by error class.",
            ["error"],
            registry=registry,
        )
        self.relay_active = Gauge(
            "khopso_relay_active",
            "1 where this process holds the relay's lock, 0 on a standby.",
            registry=registry,
        )
        self.relay_delay = Histogram(
            "khopso_relay_delay_seconds",
            "From the outbox row to the broker's acknowledgement.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.log_lost = Counter(
            "khopso_log_lost_total",
            "Times a topic partition was found lost or re-grown, by who noticed.",
            ["role", "topic"],
            registry=registry,
        )

    def _consuming(self, registry: CollectorRegistry) -> None:
        self.consumer_lag = Gauge(
            "khopso_consumer_lag_records",
            "Records on the log not yet applied, as of the last fetch.",
            ["consumer", "topic", "partition"],
            registry=registry,
        )
        self.consumer_running = Gauge(
            "khopso_consumer_running",
            "1 while the consumer applies records, 0 when stopped or waiting.",
            ["consumer"],
            registry=registry,
        )
        self.applied = Counter(
            "khopso_consumer_applied_records_total",
            "Records applied.",
            ["consumer", "topic"],
            registry=registry,
        )
        self.batch_size = Histogram(
            "khopso_consumer_batch_records",
            "Records per committed batch.",
            ["consumer"],
            buckets=_BATCH,
            registry=registry,
        )
        # A record of a large batch takes microseconds, so these buckets begin lower than the others.
        self.handling = Histogram(
            "khopso_consumer_handling_seconds",
            "Handling time per record (batch time / records of the batch).",
            ["consumer"],
            buckets=(0.00001, 0.000025, 0.00005, 0.0001, 0.00025, *_SECONDS),
            registry=registry,
        )
        self.retries = Counter(
            "khopso_consumer_retries_total",
            "Batches tried again, by cause.",
            ["consumer", "cause"],
            registry=registry,
        )
        self.fenced = Counter(
            "khopso_consumer_fenced_batches_total",
            "Batches refused because another process had moved the position.",
            ["consumer"],
            registry=registry,
        )
        self.dead_letters = Counter(
            "khopso_dead_letters_total",
            "Messages put aside as dead letters, by reason.",
            ["consumer", "topic", "reason"],
            registry=registry,
        )
        self.dead_letters_waiting = Gauge(
            "khopso_dead_letters_waiting",
            "Dead letters neither retried nor discarded.",
            registry=registry,
        )
        self.projection_delay = Histogram(
            "khopso_projection_delay_seconds",
            "From acceptance (the record's timestamp on the log) to applied and committed; the oldest of each batch.",
            ["consumer"],
            buckets=_SECONDS,
            registry=registry,
        )

    def _hashing(self, registry: CollectorRegistry) -> None:
        self.hashes = Counter(
            "khopso_hashing_hashes_total",
            "Hashes made under the linkage secret, by who asked for them.",
            ["caller"],
            registry=registry,
        )
        self.hashing_refused = Counter(
            "khopso_hashing_refused_total",
            "Requests for hashes that were refused, by caller and reason (key, limit).",
            ["caller", "reason"],
            registry=registry,
        )
        self.hashing_renewed = Counter(
            "khopso_hashing_renewed_total",
            "Messages answered with their hashes under two secrets, during a rotation, by who asked.",
            ["caller"],
            registry=registry,
        )
        self.hashing_rotating = Gauge(
            "khopso_hashing_rotating",
            "1 while the linkage secret is being rotated: nothing is hashed for hand-ins.",
            registry=registry,
        )

    def _cells(self, registry: CollectorRegistry) -> None:
        self.cells_ready = Gauge(
            "khopso_cells_ready",
            "1 while figures are answered from cells, 0 while these are yet to be filled.",
            registry=registry,
        )
        self.cells_waiting = Gauge(
            "khopso_cells_waiting_references",
            "Marks of references touched by folding and not yet worked into the cells, up to a million.",
            registry=registry,
        )
        self.cells_lag = Gauge(
            "khopso_cells_lag_seconds",
            "From folding to being in the cells, the oldest reference of the last step.",
            registry=registry,
        )
        self.certificate_ends = Gauge(
            "khopso_certificate_ends_timestamp_seconds",
            "When the first certificate of a file ends, by the setting that names the file; 0 where it cannot be read.",
            ["setting"],
            registry=registry,
        )
        self.generation_outdated = Gauge(
            "khopso_generation_outdated",
            "1 while figures are answered from tables that an older program made, 0 once they are rebuilt.",
            registry=registry,
        )

    def _http(self, registry: CollectorRegistry) -> None:
        # By template, never by path: paths carry ids, and each id would become a series of its own.
        self.http_requests = Counter(
            "khopso_http_requests_total",
            "Answered requests by route template.",
            ["method", "route", "status"],
            registry=registry,
        )
        self.http_seconds = Histogram(
            "khopso_http_request_duration_seconds",
            "Time to answer by route template.",
            ["method", "route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.http_in_flight = Gauge(
            "khopso_http_in_flight_requests", "Requests being answered.", registry=registry
        )
        self.rows = Counter(
            "khopso_intake_rows_total",
            "Register rows handed in, by form and outcome.",
            ["form", "outcome"],
            registry=registry,
        )

    def expose(self) -> bytes:
        """Return the exposition text."""
        return generate_latest(self.registry)

    def _gateway(self, registry: CollectorRegistry) -> None:
        self.gateway_sign_ins = Counter(
            "khopso_gateway_sign_ins_total",
            "Browsers that came back from the provider, by what became of it.",
            ["outcome"],
            registry=registry,
        )
        self.gateway_sessions = Counter(
            "khopso_gateway_sessions_ended_total",
            "Sessions of browsers that ended, by how.",
            ["how"],
            registry=registry,
        )
        self.gateway_away = Counter(
            "khopso_gateway_service_away_total",
            "Requests that a service did not answer in time.",
            ["service"],
            registry=registry,
        )
