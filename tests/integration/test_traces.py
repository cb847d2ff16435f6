"""One trace from a hand-in to its fold: every process of the stack sends its spans to the collector that is named."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from contracts.topics import FACT_TOPICS
from tests.support.stack.harness import Province
from tests.support.stack.parts import wait_for
from tests.support.stack.rows import clinician, person, site, slip

TRACE = "0af7651916cd43dd8448eb211c80319c"
SECRETS = ("Nguyễn Thị Vết", "030090004242", "PX-V1", "Mẫu Văn Thử")


class Collector:
    """An OpenTelemetry collector, as far as OTLP over HTTP asks for one."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector.received.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Tests stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "Collector":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def spans(self, trace: str) -> set[tuple[str, str]]:
        """(service, name) of the spans of a trace."""
        return {
            (attribute.value.string_value, span.name)
            for body in list(self.received)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for attribute in resource.resource.attributes
            if attribute.key == "service.name"
            for scope in resource.scope_spans
            for span in scope.spans
            if span.trace_id.hex() == trace
        }


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as made:
        yield made


@pytest.mark.embedded
def test_a_hand_in_is_one_trace_through_the_services_without_a_value_of_it(
    tmp_path: Path, collector: Collector
) -> None:
    with Province(
        tmp_path / "stack", "embedded", split=False, environment={"KHOPSO_OTLP_ENDPOINT": collector.url}
    ) as province:
        province.hand_in("facilities", [site("CS-00")])
        province.hand_in("clinicians", [clinician("BS-1", "CS-00")])
        province.settled()
        province.client.headers["traceparent"] = f"00-{TRACE}-b7ad6b7169203331-01"
        who = person(SECRETS[0], number=SECRETS[1])
        province.hand_in("determination", [slip(SECRETS[2], who, "CS-00", "BS-1")])
        del province.client.headers["traceparent"]
        wanted = {
            ("khopso-treatment", "POST /v1/forms/{form}/records"),
            ("khopso-registry", "treatment.determinations process"),
            ("khopso-reporting", "fold"),
        }
        # A poll is named after its first record; one that is late holds also what registry made of the slip.
        polls = {("khopso-reporting", f"{topic} process") for topic in FACT_TOPICS}

        def found() -> bool:
            spans = collector.spans(TRACE)
            return wanted <= spans and bool(polls & spans)

        wait_for(found, 60, "the trace of the hand-in")
    # At their end the processes send what they still have.
    sent = b"".join(collector.received)
    assert not [secret for secret in SECRETS if secret.encode() in sent]
