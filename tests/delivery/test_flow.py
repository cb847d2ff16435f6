"""From the outbox through the broker into effects: everything, once, in order."""

from services.chassis.kafka import TopicSpec
from services.chassis.platform import Platform
from tests.delivery.rig import accept, consumer_of, effects, history, in_order, relay_of, scalar, working
from tests.support.wait import eventually


async def test_everything_accepted_is_applied_once_and_in_order_per_subject(
    platform: Platform, topic: TopicSpec
) -> None:
    relay, consumer = relay_of(platform, topic), consumer_of(platform, topic)
    async with working(relay.run, consumer.run):
        expected = await accept(platform, history(topic.name, subjects=12, length=40))
        await eventually(lambda: _count(platform, len(expected)), deadline=30)
    found = await effects(platform)
    assert sorted(event_id for event_id, _, _ in found) == sorted(expected)
    assert in_order(found)
    assert await scalar(platform, "SELECT count(*) FROM outbox WHERE sent_offset IS NULL") == 0


async def _count(platform: Platform, wanted: int) -> bool:
    return bool(await scalar(platform, "SELECT count(*) >= :wanted FROM effect", wanted=wanted))
