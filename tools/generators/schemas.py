"""JSON Schemas of the events, as they look on the wire."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from contracts.catalogue import EVENT_TYPES, EventType
from contracts.envelope import schema_uri
from contracts.events.submissions import Submission

Schema = dict[str, Any]

SUBMISSION_TYPE = "khopso.submission.v1"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SEQUENCE = {"type": "string", "pattern": "^[1-9][0-9]*$"}


def event_schemas() -> dict[str, Schema]:
    """Return the schema of every event type, and of the submission, by type."""
    schemas = {event_type.name: _event_schema(event_type) for event_type in EVENT_TYPES.values()}
    schemas[SUBMISSION_TYPE] = _published(SUBMISSION_TYPE, wire_schema(Submission))
    return schemas


def wire_schema(model: type[BaseModel]) -> Schema:
    """Return a model's schema as serialised, without the titles that only repeat the names of the properties."""
    schema = model.model_json_schema(mode="serialization")
    _on_the_wire(schema)
    return schema


def component_schemas(models: list[type[BaseModel]], template: str) -> dict[str, Schema]:
    """Return the schemas of the models and of all their parts, by model name; references follow the template."""
    _, together = models_json_schema([(model, "serialization") for model in models], ref_template=template)
    parts: dict[str, Schema] = together["$defs"]
    for part in parts.values():
        _on_the_wire(part)
    return parts


def narrowed(event_type: EventType) -> Schema:
    """Return what one event type says beyond its model: its name and the name of its schema."""
    return {
        "type": {"const": event_type.name, "type": "string"},
        "dataschema": {"const": schema_uri(event_type.name), "type": "string"},
    }


def _event_schema(event_type: EventType) -> Schema:
    schema = wire_schema(event_type.model)
    schema["properties"].update(narrowed(event_type))
    return _published(event_type.name, schema)


def _published(name: str, schema: Schema) -> Schema:
    return {"$schema": DIALECT, "$id": schema_uri(name), **schema, "title": name}


def _on_the_wire(schema: Schema) -> None:
    """Say what the serialiser does and the model's own schema leaves out; drop property titles."""
    for part in _objects(schema):
        for declared in part["properties"].values():
            declared.pop("title", None)
        if "specversion" in part["properties"]:
            part["required"] = list(dict.fromkeys(["specversion", *part.get("required", [])]))
        if "sequence" in part["properties"]:
            part["properties"]["sequence"] = dict(_SEQUENCE)


def _objects(schema: Mapping[str, Any]) -> Iterator[Schema]:
    for part in (schema, *schema.get("$defs", {}).values()):
        if "properties" in part:
            yield part
