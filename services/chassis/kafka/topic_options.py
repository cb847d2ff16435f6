"""Options of topics that exist already: brought to what is declared today, at each start of a relay."""

from collections.abc import Mapping, Sequence

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code

from services.chassis.kafka import clients
from services.chassis.kafka.clients import TopicLike
from services.chassis.kafka.log_epochs import quietly
from services.chassis.runtime import ServiceSettings, describe, get_logger

log = get_logger(__name__)
# Options that a release may change on a topic with data: how long records are kept, and whose clock sets timestamps.
_OURS = ("retention.ms", "segment.ms", "message.timestamp.type")
_SET_ON_TOPIC = 1  # DYNAMIC_TOPIC_CONFIG: not a default of the broker


async def align(settings: ServiceSettings, topics: Sequence[TopicLike], role: str) -> list[str]:
    """Set the declared options of existing topics where they differ; return the names of the topics changed.

    The embedded broker has no such options. A broker that forbids the change is told about in the log and left as it
    is: figures do not depend on it.
    """
    if clients.is_embedded(settings):
        return []
    client = clients.admin(settings, f"{role}-options")
    await client.start()
    try:
        existing = set(await client.list_topics())
        return [
            topic.name
            for topic in topics
            if topic.name in existing and await _align_one(client, settings, topic)
        ]
    finally:
        await quietly(client.close(), 5)


async def _align_one(client: AIOKafkaAdminClient, settings: ServiceSettings, topic: TopicLike) -> bool:
    try:
        effective, own = await _options(client, topic.name)
        wanted = clients.topic_configs(settings, topic)
        changed = {
            name: wanted[name] for name in _OURS if name in wanted and effective.get(name) != wanted[name]
        }
        if not changed:
            return False
        # Kafka's request replaces all options of the topic: what an operator has set goes along.
        answers = await client.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic.name, dict(own) | changed)]
        )
        code, message, *_ = answers[0].resources[0]
        if code:
            raise for_code(code)(message)
    except KafkaError as refused:
        if clients.is_passing(refused):
            raise
        log.error("options of a topic cannot be set", topic=topic.name, **describe(refused))
        return False
    log.info("options of a topic set", topic=topic.name, **{name.replace(".", "_"): value for name, value in changed.items()})  # fmt: skip
    return True


async def _options(client: AIOKafkaAdminClient, topic: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return all options of a topic, and of these the ones that were set on it."""
    answers = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    code, message, _, _, entries = answers[0].resources[0]
    if code:
        raise for_code(code)(message)
    effective = {name: value for name, value, *_ in entries}
    own = {name: value for name, value, _, source, *_ in entries if source == _SET_ON_TOPIC}
    return effective, own
