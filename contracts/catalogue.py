"""Every event type: its topic, model, owner and classification. The schemas and AsyncAPI come from here."""

from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, TypeAdapter
from pydantic_core import PydanticCustomError

from contracts.envelope import Classification, Envelope
from contracts.events import (
    calendars,
    closing,
    following,
    incidents,
    registry,
    reminding,
    reporting,
    statements,
    submissions,
    treatment,
)


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type."""

    name: str
    topic: str
    model: type[Envelope]
    owner: str
    classification: Classification


# Union types are values for pydantic, though typing has no name for that.
_UNIONS: dict[str, Any] = {
    "registry.records": registry.RecordsTopic,
    "registry.persons": registry.PersonsTopic,
    "treatment.determinations": treatment.DeterminationsTopic,
    "treatment.methadone": treatment.MethadoneTopic,
    "treatment.doses": treatment.DosesTopic,
    "treatment.detox": treatment.DetoxTopic,
    "treatment.post_detox": treatment.PostDetoxTopic,
    "treatment.directory": treatment.DirectoryTopic,
    "treatment.targets": treatment.TargetsTopic,
    "incidents.fires": incidents.FiresTopic,
    "incidents.drug_cases": incidents.DrugCasesTopic,
    "incidents.arrests": incidents.ArrestsTopic,
    "incidents.conflicts": incidents.ConflictsTopic,
    "incidents.places": incidents.PlacesTopic,
    "incidents.area_classes": incidents.AreaClassesTopic,
    "registry.statements": statements.RegistryStatementsTopic,
    "treatment.statements": statements.TreatmentStatementsTopic,
    "incidents.statements": statements.IncidentsStatementsTopic,
    "reporting.declarations": reporting.DeclarationsTopic,
    "reporting.closings": closing.ClosingsTopic,
    "reporting.figures": following.FiguresTopic,
    "reporting.reminders": reminding.RemindersTopic,
    "reporting.calendars": calendars.CalendarsTopic,
    "submissions.outcomes": submissions.SubmissionOutcome,
}
_RESTRICTED = frozenset(
    {"registry.records", "registry.persons", "incidents.arrests", "reporting.figures", "submissions.outcomes"}
    | {f"treatment.{name}" for name in ("determinations", "methadone", "detox", "post_detox")}
)


def _says_its_version(event: Envelope) -> Envelope:
    """`specversion` has a default for those who build events, never for what arrives."""
    if "specversion" not in event.model_fields_set:
        raise PydanticCustomError("missing", "specversion is required")
    return event


def _adapter(union: Any) -> TypeAdapter[Any]:
    checked: Any = Annotated[union, AfterValidator(_says_its_version)]
    return TypeAdapter(checked)


ADAPTERS: dict[str, TypeAdapter[Any]] = {topic: _adapter(union) for topic, union in _UNIONS.items()}
"""Reads the messages of each topic."""


def _models(union: Any) -> tuple[type[Envelope], ...]:
    if isinstance(union, type):
        return (union,)
    inner = get_args(union)[0]
    return get_args(inner) if isinstance(inner, UnionType) else (inner,)


EVENT_TYPES: dict[str, EventType] = {
    name: EventType(
        name, topic, model, name.split(".")[0], "restricted" if topic in _RESTRICTED else "internal"
    )
    for topic, union in _UNIONS.items()
    for model in _models(union)
    for name in get_args(model.model_fields["type"].annotation)
}


def parse_event(topic: str, payload: bytes) -> Envelope:
    """Return the event in a topic's message.

    Raises:
        pydantic.ValidationError: not JSON, of a type that the topic does not carry, or against its rules.
        KeyError: no such topic.
    """
    event: Envelope = ADAPTERS[topic].validate_json(payload)
    return event
