"""Convert events of the services to observations, and changes of edges to events."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.envelope import VIETNAM, Envelope
from contracts.events.common import LinkageKeys, PersonKeys
from contracts.events.registry import PendingLink, PersonLink
from services.chassis.persistence import About, Origin, OutboxEvent, outbox_event
from services.chassis.runtime import NewId
from services.linkage import Said
from services.registry.index.domain.agencies import agency_of_record
from services.registry.index.domain.edges import Edge
from services.registry.index.domain.knowledge import Observation, Token, TokenKind, mark, token
from services.registry.index.domain.plan import LinkChange
from services.registry.index.repository import Sighting
from services.registry.index.sharing import shared_by

_UNIT = "registry"
_VOIDED = ".voided.v1"
_LAST_SEQUENCE = 2**63 - 1
_YEARS = range(1900, 9000)


@dataclass(frozen=True, slots=True)
class Cause:
    """The event that caused the index to compute edges again."""

    event_id: UUID
    correlation_id: str
    traceparent: str | None = None


def sighting(event: Envelope, handed_in_at: datetime) -> Sighting:
    """Return from an event the observation of its record: its person reference and tokens.

    ``handed_in_at`` is when the owning service wrote the event (`Delivered.timestamp`).

    Raises:
        ValueError: its subject is no record id, or something in it that no database can keep.
        TypeError: its data are of no person.
    """
    # A whole batch is inserted at once: one value that PostgreSQL cannot store would make all others fail.
    if event.sequence > _LAST_SEQUENCE or event.recordedtime.year not in _YEARS or "\0" in event.unit:
        raise ValueError("out of range")
    data = getattr(event, "data", None)
    ref: UUID | None = None
    tokens: tuple[Token, ...] = ()
    said: Said | None = None
    # A withdrawn record belongs to nobody, so its event has no person and no tokens.
    if not event.type.endswith(_VOIDED):
        person = getattr(data, "person", None)
        if not isinstance(person, PersonKeys):
            raise TypeError(f"{event.type} carries no person")
        ref, tokens = person.ref, tokens_of(person.keys)
        said = said_by(person, agency_of_record(getattr(data, "form", ""), event.unit))
    observation = Observation(UUID(event.subject), event.sequence, ref, tokens, event.recordedtime, said)
    commune = getattr(data, "commune", "")
    return Sighting(
        observation, getattr(data, "form", ""), event.unit, handed_in_at, commune, shared_by(event) or {}
    )


def tokens_of(keys: LinkageKeys) -> tuple[Token, ...]:
    """Return the tokens of the keys that make certain links; name, year and commune alone make none."""
    named = (
        (TokenKind.NID12, keys.nid12),
        (TokenKind.NID9, keys.nid9),
        (TokenKind.NAME_BIRTH_SEX, keys.name_birth_sex),
        (TokenKind.NAME_BIRTH_SEX, keys.name_folded),
    )
    return tuple(token(kind, key) for kind, key in named if key is not None)


def said_by(person: PersonKeys, agency: str) -> Said | None:
    """Return what the agency's record says of the person beside the national ID; None where the event does not tell it."""
    keys = person.keys
    if keys.number_name is None or keys.number_year is None:
        return None
    birth = None if keys.number_birth is None else mark("number_birth", keys.number_birth)
    name, year = mark("number_name", keys.number_name), mark("number_year", keys.number_year)
    return Said(person.sex, name, year, birth, bool(person.number_doubted), agency)


def link_event(change: LinkChange, cause: Cause | None, new_id: NewId) -> OutboxEvent:
    """Return the event of a change.

    Its record time is the edge's ``known_from``: the instant from which the record times of the linked records make the
    link known, however late these records arrived here. ``occurredon`` is the day of that instant.
    """
    edge, since, event_id = change.edge, change.edge.known_from, new_id()
    return outbox_event(
        f"registry.person.{_told_as(change)}.v1",
        _link(edge),
        About(str(edge.id), str(edge.person), _UNIT),
        Origin("registry", str(event_id))
        if cause is None
        else Origin("registry", cause.correlation_id, str(cause.event_id), cause.traceparent),
        event_id=event_id,
        sequence=change.sequence,
        at=since,
        on=since.astimezone(VIETNAM).date(),
        recorded_at=since,
    )


def _told_as(change: LinkChange) -> str:
    if change.edge.waits:
        return "pending" if change.kind == "linked" else "settled"
    return change.kind


def _link(edge: Edge) -> PersonLink | PendingLink:
    told = {
        "ref": edge.ref,
        "person": edge.person,
        "known_from": edge.known_from,
        "known_until": edge.known_until,
    }
    if edge.waits:
        return PendingLink.model_validate({**told, "reason": edge.basis})
    return PersonLink.model_validate({**told, "basis": edge.basis})
