"""Messages as they come from the log, and what the registry made of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import orjson
from sqlalchemy import text

from contracts.catalogue import EVENT_TYPES, parse_event
from contracts.events.registry import LinkPending, PendingLink, PersonLinked
from services.chassis.kafka.delivery import Delivered
from services.chassis.platform import Platform
from services.chassis.runtime.ids import uuid7
from services.registry.consumers import person_index
from services.registry.index.domain.edges import Basis, Edge
from tests.support.hashing import linkage_keys

NAMES = UUID("11111111-2222-5333-8444-555555555555")
FIRST = datetime(2023, 3, 1, 2, tzinfo=UTC)


def named(name: str) -> UUID:
    """A fixed id for a name of the test."""
    return uuid5(NAMES, name)


@dataclass(frozen=True)
class Someone:
    """The identity behind a record, as its owning service knows it."""

    name: str
    birth: date | int
    national_id: str | None = None
    sex: str = "male"


def arrest(
    record: str, who: Someone, *, hour: int, sequence: int = 1, unit: str = "police:30"
) -> dict[str, Any]:
    """An event about a person, one record per reference."""
    name = "incidents.arrest.made.v1" if sequence == 1 else "incidents.arrest.corrected.v1"
    data = {
        "form": "arrests",
        "person": _person(record, who),
        "commune": "10513@2008",
        "arrested_on": "2023-02-20",
        "case": str(named("case")),
    }
    return _event(name, record, hour, sequence, unit, data)


def slip(record: str, who: Someone, *, hour: int, sequence: int = 1, unit: str = "TT01") -> dict[str, Any]:
    name = f"treatment.determination.{'concluded' if sequence == 1 else 'corrected'}.v1"
    data = {
        "form": "determination",
        "person": _person(record, who),
        "commune": "10513@2008",
        "facility": unit,
        "clinician": "BS1",
        "requested_on": "2023-02-18",
        "concluded_on": "2023-02-20",
        "conclusion": "addicted",
    }
    return _event(name, record, hour, sequence, unit, data)


def of_person(name: str, record: str, who: Someone, unit: str, data: dict[str, Any]) -> dict[str, Any]:
    """An event of any form about a person."""
    return _event(name, record, 3, 1, unit, {**data, "person": _person(record, who)})


def void(of: dict[str, Any], *, hour: int) -> dict[str, Any]:
    """The event that withdraws a record."""
    name = ".".join([*of["type"].split(".")[:2], "voided.v1"])
    data = {"form": of["data"]["form"], "person_ref": of["data"]["person"]["ref"]}
    again = _event(name, "", hour, int(of["sequence"]) + 1, of["unit"], data)
    return again | {"subject": of["subject"], "partitionkey": of["partitionkey"]}


def _person(ref: str, who: Someone) -> dict[str, Any]:
    keys = linkage_keys(who.name, who.birth, who.sex, who.national_id, "10513@2008")
    return {"ref": str(named(f"ref {ref}")), "sex": who.sex, "age_band": "30+", "keys": keys}


def _event(name: str, record: str, hour: int, sequence: int, unit: str, data: Any) -> dict[str, Any]:
    recorded = (FIRST + timedelta(hours=hour)).isoformat()
    return {
        "specversion": "1.0",
        "id": str(uuid7()),
        "source": "/tests",
        "type": name,
        "subject": str(named(f"record {record}")),
        "time": "2023-02-20T00:00:00+07:00",
        "datacontenttype": "application/json",
        "dataschema": f"urn:khopso:schema:{name}",
        "recordedtime": recorded,
        "occurredon": "2023-02-20",
        "sequence": str(sequence),
        "partitionkey": str(named(f"record {record}")),
        "correlationid": "tests",
        "dataclassification": "restricted",
        "unit": unit,
        "data": data,
    }


def delivered(events: Iterable[dict[str, Any]], at: datetime = FIRST) -> list[Delivered]:
    """The events as messages of their topics, written by the owning service at the instant."""
    return [
        Delivered(
            topic=EVENT_TYPES[event["type"]].topic,
            partition=0,
            offset=offset,
            key=event["partitionkey"].encode(),
            value=orjson.dumps(event),
            headers={},
            timestamp=at,
            document=event,
        )
        for offset, event in enumerate(events)
    ]


async def hear(platform: Platform, *batches: Sequence[dict[str, Any]], at: datetime = FIRST) -> None:
    """Apply the batches, each in a transaction of its own; handed in at the instant."""
    handle = person_index(platform.new_id)
    for batch in batches:
        async with platform.uow() as session:
            await handle(delivered(batch, at), session)


async def outbox(platform: Platform) -> list[Any]:
    """The published events of persons, parsed as their consumers parse them, in the order of the outbox."""
    async with platform.uow() as session:
        rows = await session.execute(
            text(
                "SELECT key, subject, sequence, payload, recorded_at FROM outbox"
                " WHERE topic = 'registry.persons' ORDER BY id"
            )
        )
        found = []
        for key, subject, sequence, payload, recorded_at in rows:
            event = parse_event("registry.persons", bytes(payload))
            assert (event.partitionkey, event.subject, event.sequence) == (key, subject, sequence)
            assert event.recordedtime == recorded_at
            found.append(event)
        return found


async def edges(platform: Platform) -> set[Edge]:
    """What a reader of the published events believes: the latest event of each edge."""
    latest: dict[str, Any] = {}
    for event in await outbox(platform):
        assert event.sequence == (latest[event.subject].sequence + 1 if event.subject in latest else 1)
        latest[event.subject] = event
    ordinals: dict[tuple[UUID, UUID, Basis], int] = {}
    believed: set[Edge] = set()
    known = [each for each in latest.values() if isinstance(each, (PersonLinked, LinkPending))]
    for event in sorted(known, key=lambda each: each.data.known_from):
        link = event.data
        basis = link.reason if isinstance(link, PendingLink) else link.basis
        assert basis != "clerk"
        stretch = (link.ref, link.person, basis)
        ordinal = ordinals[stretch] = ordinals.get(stretch, -1) + 1
        believed.add(Edge(link.ref, link.person, basis, ordinal, link.known_from, link.known_until))
    return believed


async def people(platform: Platform, hour: int) -> list[set[UUID]]:
    """The human beings of more than one reference, as known at the hour."""
    moment = FIRST + timedelta(hours=hour)
    groups: dict[UUID, set[UUID]] = {}
    for edge in await edges(platform):
        known = edge.known_from <= moment and (edge.known_until is None or moment < edge.known_until)
        if known and not edge.waits:
            groups.setdefault(edge.person, set()).add(edge.ref)
    merged: list[set[UUID]] = []
    for group in groups.values():
        touching = [each for each in merged if each & group]
        merged = [each for each in merged if not each & group] + [group.union(*touching)]
    return sorted((each for each in merged if len(each) > 1), key=min)


def refs(*names: str) -> set[UUID]:
    return {named(f"ref {name}") for name in names}
