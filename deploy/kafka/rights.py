"""Who may do what on Apache Kafka: one principal a service, its rights from `contracts.topics`, everything else denied."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from contracts.topics import OUTCOMES, PERSON_TOPICS, SERVICES, TOPICS, UNITS, receivers, senders


class Resource(IntEnum):
    """Kinds of resources, as Kafka's protocol numbers them."""

    TOPIC = 2
    GROUP = 3


class Pattern(IntEnum):
    """How a resource is named: by its own name, or by the beginning of it."""

    LITERAL = 3
    PREFIXED = 4


class Operation(IntEnum):
    """Operations, as Kafka's protocol numbers them."""

    READ = 3
    WRITE = 4
    CREATE = 5
    DELETE = 6
    DESCRIBE = 8
    DESCRIBE_CONFIGS = 10
    ALTER_CONFIGS = 11


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One principal may do one thing with one resource, from any host. What no right names is denied."""

    principal: str
    resource: Resource
    name: str
    pattern: Pattern
    operation: Operation


# A relay creates its topics, brings their options up to date, marks their logs and reads the marks again.
_KEEPS = (
    Operation.CREATE,
    Operation.DESCRIBE,
    Operation.DESCRIBE_CONFIGS,
    Operation.ALTER_CONFIGS,
    Operation.READ,
    Operation.WRITE,
)
_READS = (Operation.DESCRIBE, Operation.READ)
_WRITES = (Operation.DESCRIBE, Operation.WRITE)


def rights_of(service: str) -> set[Right]:
    """Return what a service may do: keep its own topics, read what it consumes, keep those topics' dead letters."""
    rights: set[Right] = set()
    for topic in TOPICS.values():
        if service in senders(topic.name) or topic.owner == service:
            rights |= _on_topic(service, topic.name, _KEEPS)
        if topic.name in PERSON_TOPICS and topic.owner == service:
            # A rotation of the linkage secret deletes the topic, and the relay fills it anew.
            rights |= _on_topic(service, topic.name, (Operation.DELETE,))
        if service in receivers(topic.name):
            rights |= _on_topic(service, topic.name, _READS)
            # Erasing a dead letter deletes it from the log (DeleteRecords).
            rights |= _on_topic(service, topic.dlq, (*_KEEPS, Operation.DELETE))
            if UNITS in senders(topic.name):
                rights |= _on_topic(service, topic.name, (Operation.DELETE,))
    return rights | _on_groups(service)


def rights_of_unit(name: str, services: Iterable[str]) -> set[Right]:
    """Return what a unit's software may do: hand in to these services, and read what became of it."""
    wanted = list(services)
    if not wanted:
        return set()
    rights = _on_topic(name, OUTCOMES, _READS)
    for service in wanted:
        rights |= _on_topic(name, f"submissions.{service}", _WRITES)
    return rights | _on_groups(name)


def all_rights(units: Mapping[str, Iterable[str]]) -> list[Right]:
    """Return the rights of all services and of these units (name → services that it hands in to), in a fixed order."""
    rights: set[Right] = set().union(*(rights_of(service) for service in SERVICES))
    for name, services in units.items():
        rights |= rights_of_unit(name, services)
    return sorted(rights)


def _on_topic(principal: str, topic: str, operations: Iterable[Operation]) -> set[Right]:
    return {Right(principal, Resource.TOPIC, topic, Pattern.LITERAL, each) for each in operations}


def _on_groups(principal: str) -> set[Right]:
    # Consumers are named after their service (`registry-…`), and their groups after them.
    return {Right(principal, Resource.GROUP, f"{principal}-", Pattern.PREFIXED, each) for each in _READS}


def shown(rights: Iterable[Right]) -> str:
    """Return rights as text: principal, resource, name (with * where it is a beginning), operations."""
    lines: dict[tuple[str, str, str], list[str]] = {}
    for right in rights:
        name = right.name + ("*" if right.pattern is Pattern.PREFIXED else "")
        lines.setdefault((right.principal, right.resource.name, name), []).append(right.operation.name)
    return "".join(f"{' '.join(place)}: {', '.join(done)}\n" for place, done in lines.items())
