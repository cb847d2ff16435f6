"""Spans kept in memory, for tests to look at."""

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.chassis.runtime.tracing import Tracing


def recording(spans: InMemorySpanExporter) -> Tracing:
    """Return a tracing that records every span here at its end."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return Tracing(provider)
