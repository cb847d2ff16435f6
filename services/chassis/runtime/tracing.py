"""Tracing by OpenTelemetry, off unless an OTLP endpoint is set; and the W3C trace context that events carry either way.

The context of a request (``traceparent``, W3C Trace Context) is passed on with or without tracing: who has a tracing
system of their own finds their hand-in again in the events and in what is caused by them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import context, trace
from opentelemetry.trace import NoOpTracerProvider, Span, SpanKind, StatusCode, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.chassis.runtime.settings import ProcessSettings

TRACEPARENT = "traceparent"
_propagator = TraceContextTextMapPropagator()


class Tracing:
    """The tracer of one process. Without a provider its spans record nothing and only pass the context on."""

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self.on = provider is not None
        self.provider: TracerProvider = provider or NoOpTracerProvider()
        self._tracer = self.provider.get_tracer("khopso")

    @classmethod
    def of(cls, settings: ProcessSettings) -> "Tracing":
        """Return the tracing that the settings ask for; it sends in the background, to a collector that may be away."""
        return cls() if settings.otlp_endpoint is None else cls(_exporting(settings, settings.otlp_endpoint))

    @contextmanager
    def span(
        self,
        name: str,
        attributes: Mapping[str, Any] | None = None,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        parent: context.Context | None = None,
    ) -> Iterator[Span]:
        """Open a span below the current one (or ``parent``). An error is recorded by its class alone.

        The text of an error may quote values of a row, and traces leave the service.
        """
        with self._tracer.start_as_current_span(
            name,
            context=parent,
            kind=kind,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as error:
                span.set_status(StatusCode.ERROR, type(error).__qualname__)
                raise

    def close(self) -> None:
        """Send what is recorded and not yet sent. Blocks for some seconds when the collector is away."""
        # Only a provider that exports has this method; the other one has nothing to send.
        shutdown = getattr(self.provider, "shutdown", None)
        if shutdown is not None:
            shutdown()


def remote_parent(traceparent: str | None) -> context.Context:
    """Return the current context with the span that a ``traceparent`` names; one that is malformed is ignored."""
    return _propagator.extract({} if traceparent is None else {TRACEPARENT: traceparent})


def current_traceparent() -> str | None:
    """Return the ``traceparent`` of the current span, None outside of any trace."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get(TRACEPARENT)


@contextmanager
def continuing(traceparent: str | None) -> Iterator[None]:
    """Make the trace that a message carries the current one, unless a span of this process is current already."""
    if trace.get_current_span().get_span_context().is_valid:
        yield
        return
    token = context.attach(remote_parent(traceparent))
    try:
        yield
    finally:
        context.detach(token)


def _exporting(settings: ProcessSettings, endpoint: str) -> TracerProvider:
    # Imported only where it is used: the SDK and its exporter cost a process memory and time to start.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider as Recording
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    provider = Recording(
        resource=Resource.create({SERVICE_NAME: f"khopso-{settings.service}"}),
        # Who calls with a trace decides about it; the ratio is for traces that begin here.
        sampler=ParentBased(TraceIdRatioBased(settings.trace_ratio)),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
