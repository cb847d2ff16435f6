"""What somebody sent in the clear by mistake is gone from the log, too, and nothing else is."""

from dataclasses import replace

import pytest

from services.chassis.kafka import dead_letters, erasing
from services.chassis.kafka.clients import TopicSpec, dead_letter_topic
from services.chassis.platform import Platform
from tests.support.fixtures import Broker
from tests.support.rig import accept, applied_at_least, consumer_of, event, put, read_topic, relay_of, working
from tests.support.wait import eventually

pytestmark = pytest.mark.timeout(180)
NAME = "Nguyễn Văn Kín".encode()


async def test_an_erased_letter_leaves_the_log_and_the_other_letters_come_back(
    platform: Platform, topic: TopicSpec, broker: Broker
) -> None:
    # Given a topic that units write, a client that forgot to encrypt, and another broken message before and after it
    topic = replace(topic, partitions=1, broker_time=True)
    copies = dead_letter_topic(topic.name).name
    consumer, relay = consumer_of(platform, topic), relay_of(platform, topic)
    async with working(relay.run, consumer.run):
        await accept(platform, [event(topic.name, "s", 1)])
        await eventually(lambda: applied_at_least(platform, 1), deadline=60)
        await put(platform, topic.name, (b"k", b"first", ()), (NAME, b"{" + NAME, (("h", NAME),)))
        await put(platform, topic.name, (b"k", b"last", ()))
        assert len(await read_topic(platform, copies, 3)) == 3
        async with platform.uow() as session:
            letters = await dead_letters.listed(session)
        # When an operator erases the letter
        number = next(letter.id for letter in letters if letter.key == NAME)
        erasure = erasing.Erasure(number, "ops", "sent in the clear", platform.clock())
        async with platform.uow() as session:
            erased = await erasing.erase(session, platform.settings, erasure, {topic.name: topic})
        forgot = await erasing.forget(platform.settings, erased)
        # Then Apache Kafka has forgotten it on both topics; the embedded broker says that it has not
        assert forgot is (broker.flavour == "kafka")
        if broker.flavour == "kafka":
            # And the copies before and after it are there, while new messages are applied as ever
            found = await read_topic(platform, copies, 2)
            assert sorted(record.value for record in found) == [b"first", b"last"]
            source = await read_topic(platform, topic.name, 1)
            assert NAME not in b"".join((record.value or b"") + (record.key or b"") for record in source)
        await accept(platform, [event(topic.name, "s", 2)])
        await eventually(lambda: applied_at_least(platform, 2), deadline=60)
