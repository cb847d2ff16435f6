"""The CloudEvents 1.0 envelope of every event, with the extension attributes that this system adds."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
CONTENT_TYPE = "application/cloudevents+json"

Classification = Literal["public", "internal", "restricted"]
Sequence = Annotated[int, Field(ge=1), PlainSerializer(str, return_type=str, when_used="json")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Snapshot(BaseModel):
    """Base of event data: immutable; a field that this version does not know passes unread."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Envelope(BaseModel):
    """What every event says about itself.

    ``time`` is when it happened (start of the day where only a day is known), ``recordedtime`` when the unit
    recorded it (CloudEvents' bitemporal extension), ``occurredon`` the valid date, ``sequence`` the version of
    the subject (1, 2, 3 …; a string on the wire, as CloudEvents' sequence extension has it), ``unit`` the
    reporting unit and ``area`` the record's area (uid) at that date.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: Name
    type: str
    subject: Name
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: Name
    recordedtime: AwareDatetime
    occurredon: date
    sequence: Sequence
    partitionkey: Name
    correlationid: Name
    causationid: Name | None = None
    dataclassification: Classification
    unit: Name
    area: Name | None = None
    traceparent: str | None = None


def schema_uri(event_type: str) -> str:
    """Return the `dataschema` of an event type: a name, not an address (schemas are read from ``contracts/schemas``)."""
    return f"urn:khopso:schema:{event_type}"


def wire(event: Envelope) -> bytes:
    """Return the structured-mode JSON of an event; attributes without a value are left out, as CloudEvents asks."""
    return event.model_dump_json(exclude_none=True).encode()


def start_of_day(day: date) -> datetime:
    """Return the first instant of a Vietnamese day."""
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM)


def end_of_day(day: date) -> datetime:
    """Return the last instant of a Vietnamese day; record time has a resolution of microseconds."""
    return start_of_day(day + timedelta(days=1)) - timedelta(microseconds=1)
