"""What a release declares of a topic reaches topics that exist: whose clock stamps its records, how long it keeps them."""

from dataclasses import replace

from services.chassis.kafka import clients
from services.chassis.kafka.clients import TopicSpec, dead_letter_topic
from services.chassis.kafka.log_epochs import provision
from services.chassis.kafka.subscribing import Batch, Session
from services.chassis.kafka.topic_options import align
from services.chassis.platform import Platform
from tests.support.fixtures import Broker
from tests.support.rig import accept, consumer_of, history, relay_of, working
from tests.support.wait import eventually

_DAY_MS = 86_400_000


async def _all_listed(platform: Platform, *topics: TopicSpec) -> bool:
    """Whether the broker lists the topics: it does so a moment after it created them."""
    client = clients.admin(platform.settings, "test-list")
    await client.start()
    try:
        return {topic.name for topic in topics} <= set(await client.list_topics())
    finally:
        await client.close()


async def test_topics_of_an_earlier_release_get_todays_options_once(
    platform: Platform, topic: TopicSpec, broker: Broker
) -> None:
    # Given a topic with the sender's time, and dead letters that are kept for ever
    letters = dead_letter_topic(topic.name)
    await provision(platform.settings, [topic, replace(letters, retention_ms=-1)], "test")
    await eventually(lambda: _all_listed(platform, topic, letters))
    wanted = [replace(topic, broker_time=True), letters]
    # When a relay of today's release starts, and another one after it
    changed = await align(platform.settings, wanted, "test")
    again = await align(platform.settings, wanted, "test")
    # Then both are changed, once; the embedded broker knows no options and is left alone
    assert sorted(changed) == ([] if broker.flavour == "embedded" else sorted([topic.name, letters.name]))
    assert again == []
    assert dead_letter_topic(topic.name).retention_ms == 30 * _DAY_MS
    assert clients.topic_configs(platform.settings, letters)["segment.ms"] == str(_DAY_MS)


async def test_a_message_tells_the_brokers_time_only_where_the_broker_sets_it(
    platform: Platform, topic: TopicSpec, broker: Broker
) -> None:
    # Given a topic whose records the broker stamps, and one whose senders do
    stamped, own = replace(topic, broker_time=True), TopicSpec(f"{topic.name}_own")
    seen: dict[str, set[bool]] = {}

    async def look(batch: Batch, _: Session) -> None:
        for item in batch:
            seen.setdefault(item.topic, set()).add(item.logged_at is not None)

    consumers = [
        consumer_of(platform, each, look, f"look-{number}") for number, each in enumerate((stamped, own))
    ]
    # When events come through both
    async with working(relay_of(platform, stamped, own).run, *(consumer.run for consumer in consumers)):
        await accept(platform, [*history(stamped.name, 2, 1), *history(own.name, 2, 1)])
        await eventually(lambda: len(seen) == 2, deadline=40)
    # Then only what the broker stamped has a time that can be trusted
    assert seen == {stamped.name: {broker.flavour == "kafka"}, own.name: {False}}
