"""A trace goes through the log: from who accepted an event to who applies it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from services.chassis.kafka.clients import TopicSpec
from services.chassis.platform import Platform
from services.chassis.runtime.tracing import current_traceparent
from tests.support.fixtures import Broker
from tests.support.rig import (
    accept,
    applied_at_least,
    consumer_of,
    event,
    logs_exist,
    read_topic,
    record_effects,
    relay_of,
    working,
)
from tests.support.traces import recording
from tests.support.wait import eventually


@pytest.fixture
def topic(topic: TopicSpec) -> TopicSpec:
    """A topic of one partition."""
    return TopicSpec(topic.name, 1)


async def test_the_span_of_a_poll_belongs_to_the_trace_in_which_its_event_was_accepted(
    platforms: Callable[..., Platform],
    database_url: str,
    broker: Broker,
    topic: TopicSpec,
    spans: InMemorySpanExporter,
) -> None:
    tracing = recording(spans)
    platform = replace(platforms(database_url, broker), tracing=tracing)
    consumer = consumer_of(platform, topic, record_effects)
    async with working(relay_of(platform, topic).run):
        await eventually(lambda: logs_exist(platform, topic))
        with tracing.span("request"):
            given = current_traceparent()
            await accept(platform, [replace(event(topic.name, "s", 1), traceparent=given)])
        (sent,) = await read_topic(platform, topic.name, 1)
        assert dict(sent.headers)["traceparent"] == (given or "").encode()
        async with working(consumer.run):
            await eventually(lambda: applied_at_least(platform, 1))
            await eventually(lambda: bool(_consumed(spans)))
    (request,) = (span for span in spans.get_finished_spans() if span.name == "request")
    (poll,) = _consumed(spans)
    assert request.context is not None
    assert poll.context is not None
    assert poll.parent is not None
    assert (poll.context.trace_id, poll.parent.span_id) == (request.context.trace_id, request.context.span_id)


async def test_an_event_without_a_trace_has_the_one_header_that_it_always_had(
    platform: Platform, topic: TopicSpec
) -> None:
    async with working(relay_of(platform, topic).run):
        await accept(platform, [event(topic.name, "s", 1)])
        (sent,) = await read_topic(platform, topic.name, 1)
    assert [name for name, _ in sent.headers] == ["content-type"]


def _consumed(spans: InMemorySpanExporter) -> Sequence[ReadableSpan]:
    """The spans of polls that belong to a trace; the first poll, of markers alone, begins one of its own."""
    return [
        span
        for span in spans.get_finished_spans()
        if span.kind is SpanKind.CONSUMER and span.parent and span.parent.is_remote
    ]
