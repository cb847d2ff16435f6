"""The AsyncAPI 3 document: every topic, every message, who sends and who receives."""

import json
from importlib.resources import files
from typing import Any

from pydantic import BaseModel

from contracts.catalogue import EVENT_TYPES, EventType
from contracts.envelope import CONTENT_TYPE
from contracts.events.submissions import Submission
from contracts.topics import OUTCOMES, SERVICES, TOPICS, UNITS, Topic, receivers, senders
from tools.generators.plumbing import DEAD_LETTER, LOG_STARTED, dead_letter, log_started
from tools.generators.schemas import SUBMISSION_TYPE, component_schemas, narrowed

Document = dict[str, Any]

BINDING = "0.5.0"

_SUMMARIES = {
    "registry": "the police register of users and addicts, and the index of persons",
    "treatment": "determinations, methadone, detox, facilities and targets",
    "incidents": "fires, drug cases, arrests, conflicts, watched places and classes of communes",
    "reporting": "facts and figures folded from every event; declared figures",
    UNITS: "software of the reporting units, outside this system",
}


def messages_of(topic: str) -> list[str]:
    """Return the event types that a topic carries."""
    if topic.startswith("submissions.") and topic != OUTCOMES:
        return [SUBMISSION_TYPE]
    return [event_type.name for event_type in EVENT_TYPES.values() if event_type.topic == topic]


def asyncapi_document() -> Document:
    """Return the whole document."""
    models: list[type[BaseModel]] = [event_type.model for event_type in EVENT_TYPES.values()]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Khớp Số",
            "version": "1.0.0",
            "description": (
                "Sự kiện của hệ thống Khớp Số. / The events of Khớp Số: what units recorded, once, as CloudEvents "
                "1.0 in structured JSON mode. Within one version of a type only optional fields are ever added; "
                "read past what you do not know."
            ),
            "tags": [{"name": name, "description": _SUMMARIES[name]} for name in (*SERVICES, UNITS)],
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "log": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "The province's Apache Kafka.",
                "variables": {
                    "bootstrap": {"description": "host:port of a broker", "default": "localhost:9092"}
                },
            }
        },
        "channels": {
            **{topic.name: _channel(topic) for topic in TOPICS.values()},
            **{
                topic.dlq: _dead_letters(topic)
                for topic in TOPICS.values()
                if receivers(topic.name) != (UNITS,)
            },
        },
        "operations": _operations(),
        "components": {
            "messages": {
                **{event_type.name: _message(event_type) for event_type in EVENT_TYPES.values()},
                SUBMISSION_TYPE: _submission(),
                LOG_STARTED: log_started(),
                DEAD_LETTER: dead_letter(),
            },
            "schemas": component_schemas(
                [*dict.fromkeys(models), Submission], "#/components/schemas/{model}"
            ),
        },
    }


def _channel(topic: Topic) -> Document:
    return {
        "address": topic.name,
        "title": topic.summary,
        "messages": {name: _component(name) for name in (*messages_of(topic.name), LOG_STARTED)},
        "tags": [{"name": topic.owner}] if topic.owner else [{"name": service} for service in SERVICES],
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": topic.retention_ms},
                "bindingVersion": BINDING,
            }
        },
    }


def _dead_letters(topic: Topic) -> Document:
    return {
        "address": topic.dlq,
        "title": f"what could not be applied from {topic.name}",
        "messages": {name: _component(name) for name in (DEAD_LETTER, LOG_STARTED)},
        "tags": [{"name": service} for service in receivers(topic.name) if service != UNITS],
        "bindings": {"kafka": {"topic": topic.dlq, "partitions": 1, "bindingVersion": BINDING}},
    }


def _component(name: str) -> Document:
    return {"$ref": f"#/components/messages/{name}"}


def _operations() -> Document:
    operations: Document = {}
    for topic in TOPICS:
        for action, parties in (("send", senders(topic)), ("receive", receivers(topic))):
            for party in parties:
                operations[f"{party}.{action}.{topic}"] = {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{topic}"},
                    "title": f"{party} {action}s {topic}",
                    "tags": [{"name": party}],
                    "messages": [
                        {"$ref": f"#/channels/{topic}/messages/{name}"} for name in messages_of(topic)
                    ],
                }
        operations |= {
            f"{service}.send.{TOPICS[topic].dlq}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{TOPICS[topic].dlq}"},
                "title": f"{service} puts aside what it cannot apply from {topic}",
                "tags": [{"name": service}],
            }
            for service in receivers(topic)
            if service != UNITS
        }
    return operations


def _message(event_type: EventType) -> Document:
    model = event_type.model
    return {
        "name": event_type.name,
        "title": event_type.name,
        "summary": " ".join((model.__doc__ or f"{model.__name__} of {event_type.topic}").split()),
        "contentType": CONTENT_TYPE,
        "tags": [{"name": event_type.classification}],
        "payload": {
            "allOf": [
                {"$ref": f"#/components/schemas/{model.__name__}"},
                {"type": "object", "properties": narrowed(event_type)},
            ]
        },
        "bindings": {"kafka": _key("the event's partitionkey: what must stay in order shares it")},
        "examples": _examples(event_type.topic, event_type.name),
    }


def _submission() -> Document:
    return {
        "name": SUBMISSION_TYPE,
        "title": SUBMISSION_TYPE,
        "summary": " ".join((Submission.__doc__ or "").split()),
        "contentType": CONTENT_TYPE,
        "tags": [{"name": "restricted"}],
        "payload": {"$ref": "#/components/schemas/Submission"},
        "bindings": {"kafka": _key("the unit's code, so that one unit's hand-ins stay in order")},
        "examples": _examples("submissions", SUBMISSION_TYPE),
    }


def _key(meaning: str) -> Document:
    return {"key": {"type": "string", "description": meaning}, "bindingVersion": BINDING}


def _examples(folder: str, name: str) -> list[Document]:
    path = files("contracts").joinpath("examples", folder, f"{name}.json")
    return [{"name": "golden", "payload": json.loads(path.read_text(encoding="utf-8"))}]
