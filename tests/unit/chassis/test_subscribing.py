"""Subscribers on FastStream's test broker: its parser, middlewares and injection, as the chassis sets them up."""

from dataclasses import replace

import orjson
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from services.chassis.kafka.clients import TopicSpec
from services.chassis.kafka.consuming import Consumer
from services.chassis.kafka.delivery import Delivered, Permanent, Retryable
from services.chassis.kafka.subscribing import Batch, Message, Session
from services.chassis.platform import Platform
from services.chassis.runtime.tracing import current_traceparent
from tests.support.heard import hearing, record
from tests.support.platform import platform_for
from tests.support.traces import recording

TOPIC, TYPE, SESSION = "sample.things", "sample.thing.done.v1", object()
PARENT, OTHER = f"00-{'a' * 32}-{'b' * 16}-01", f"00-{'c' * 32}-{'d' * 16}-01"
SECRET = "030090001234"


def document(number: int = 1, **changes: object) -> bytes:
    return orjson.dumps({"specversion": "1.0", "id": str(number), "type": TYPE, "data": {}} | changes)


@pytest.fixture
def platform() -> Platform:
    return platform_for("postgresql://u:p@127.0.0.1:1/db")


class Batches:
    """A batch subscriber that keeps what it got."""

    def __init__(self) -> None:
        self.got: list[Delivered] = []
        self.traces: list[str | None] = []

    async def take(self, batch: Batch, session: Session) -> None:
        assert session is SESSION
        assert isinstance(batch, list)
        self.got += batch
        self.traces.append(current_traceparent())
        for item in batch:
            if item.document["data"].get("bad"):
                raise Permanent("rule-broken", item)
            if item.document["data"].get("later"):
                raise Retryable("come back later")


def consumer_of(platform: Platform, batches: Batches) -> Consumer:
    return Consumer(platform, "sample", [TopicSpec(TOPIC)], batches.take, known_types=[TYPE])


async def test_a_batch_subscriber_gets_messages_and_the_session_of_its_transaction(
    platform: Platform,
) -> None:
    batches = Batches()
    async with hearing(consumer_of(platform, batches), SESSION) as heard:
        await heard.log.publish(document(7), TOPIC, key=b"k", headers={"h": "v"})
    (item,) = batches.got
    assert (item.id, item.type, item.key, item.headers["h"]) == ("7", TYPE, b"k", "v")


async def test_a_subscriber_of_single_messages_gets_them_one_by_one(platform: Platform) -> None:
    got: list[str] = []

    async def take(message: Message, session: Session) -> None:
        assert session is SESSION
        got.append(message.id)

    consumer = Consumer(platform, "sample", [TopicSpec(TOPIC)], take, known_types=[TYPE], single=True)
    async with hearing(consumer, SESSION) as heard:
        for number in range(3):
            await heard.log.publish(document(number), TOPIC)
    assert got == ["0", "1", "2"]


async def test_headers_that_fail_in_faststreams_own_parser_skip_no_message(platform: Platform) -> None:
    batches = Batches()
    async with hearing(consumer_of(platform, batches), SESSION) as heard:
        await heard.poll(
            record(TOPIC, 0, document(0)),
            record(TOPIC, 1, document(1), [("h", None)]),
            record(TOPIC, 2, document(2), [("h", b"\xff\xfe")]),
            record(TOPIC, 3, None),
            record(
                TOPIC, 4, document(4), [("reply_to", b"elsewhere"), ("content-type", b"application/json")]
            ),
        )
        assert heard.refused == ["unreadable-header", "unreadable-header", "null-body"]
    assert [item.id for item in batches.got] == ["0", "4"]


async def test_polls_are_measured_in_the_services_own_registry_by_consumer_and_outcome(
    platform: Platform,
) -> None:
    def count(name: str, **labels: str) -> float | None:
        labels |= {"app_name": "sample", "broker": "kafka", "handler": TOPIC, "consumer": "sample"}
        return platform.metrics.registry.get_sample_value(f"faststream_received_{name}", labels)

    async with hearing(consumer_of(platform, Batches()), SESSION) as heard:
        await heard.poll(record(TOPIC, 0, document(0)), record(TOPIC, 1, document(1)))
        await heard.poll(record(TOPIC, 2, document(2, data={"later": True})))
    assert count("messages_total") == 3
    assert count("messages_in_process") == 0
    assert count("processed_messages_total", status="acked") == 2
    assert count("processed_messages_total", status="nacked") == 1


async def test_a_poll_of_one_trace_goes_on_with_it_and_one_of_several_has_links(
    platform: Platform, spans: InMemorySpanExporter
) -> None:
    batches = Batches()
    traced = replace(platform, tracing=recording(spans))
    one, another = [("traceparent", PARENT.encode())], [("traceparent", OTHER.encode())]
    async with hearing(consumer_of(traced, batches), SESSION) as heard:
        await heard.poll(record(TOPIC, 0, document(0), one), record(TOPIC, 1, document(1), one))
        await heard.poll(record(TOPIC, 2, document(2), one), record(TOPIC, 3, document(3), another))
    first, several = (span for span in spans.get_finished_spans() if span.name.endswith(" process"))
    assert first.context is not None
    assert first.parent is not None
    assert (first.kind, f"{first.context.trace_id:032x}") == (SpanKind.CONSUMER, "a" * 32)
    assert f"{first.parent.span_id:016x}" == "b" * 16
    assert batches.traces[0] == f"00-{'a' * 32}-{first.context.span_id:016x}-01", "the span is current inside"
    begun = next(span for span in spans.get_finished_spans() if span.name.endswith(" create"))
    assert several.context is not None
    assert begun.context is not None
    assert begun.context.trace_id == several.context.trace_id
    assert {f"{link.context.trace_id:032x}" for link in begun.links} == {"a" * 32, "c" * 32}


async def test_a_poll_of_several_spans_of_one_trace_goes_on_with_it(
    platform: Platform, spans: InMemorySpanExporter
) -> None:
    """A late poll finds an event and what another service made of it at once."""
    batches = Batches()
    caused = [("traceparent", f"00-{'a' * 32}-{'e' * 16}-01".encode())]
    async with hearing(consumer_of(replace(platform, tracing=recording(spans)), batches), SESSION) as heard:
        await heard.poll(
            record(TOPIC, 0, document(0), [("traceparent", PARENT.encode())]),
            record(TOPIC, 1, document(1), caused),
        )
    (span,) = (span for span in spans.get_finished_spans() if span.name.endswith(" process"))
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == "a" * 32
    assert set(batches.traces) == {f"00-{'a' * 32}-{span.context.span_id:016x}-01"}


async def test_no_key_and_no_value_reaches_a_span(platform: Platform, spans: InMemorySpanExporter) -> None:
    async def take(message: Message, session: Session) -> None:
        raise Permanent("rule-broken", message)

    traced = replace(platform, tracing=recording(spans))
    consumer = Consumer(traced, "sample", [TopicSpec(TOPIC)], take, single=True)
    async with hearing(consumer) as heard:
        await heard.poll(record(TOPIC, 0, document(1, subject=SECRET), key=SECRET.encode()))
        assert heard.refused == ["rule-broken"]
    told = [span.to_json() for span in spans.get_finished_spans()]
    assert told
    assert SECRET not in str(told)


async def test_without_tracing_there_is_no_span_and_the_headers_are_not_looked_at(platform: Platform) -> None:
    batches = Batches()
    async with hearing(consumer_of(platform, batches), SESSION) as heard:
        await heard.poll(record(TOPIC, 0, document(0), [("traceparent", PARENT.encode())]))
    assert batches.traces == [None]
    assert batches.got[0].traceparent == PARENT
