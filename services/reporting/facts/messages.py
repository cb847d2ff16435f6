"""Read messages from Kafka: each becomes a version of a record, or a version of a person link."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ValidationError

from contracts.catalogue import ADAPTERS
from contracts.events import incidents, registry, reporting, statements, treatment
from contracts.events.common import Voided
from services.chassis.kafka import Delivered, Permanent
from services.linkage import REASONS
from services.reporting.facts.projections.model import Version
from services.reporting.facts.projections.records import ALONE
from services.reporting.facts.projections.timelines import TIMELINES
from services.reporting.facts.quick_reading import as_struct, quick_data, quick_event, struct_of

_MODELS: tuple[type[BaseModel], ...] = (
    registry.RegisterRow,
    treatment.Slip,
    treatment.MethadoneEpisode,
    treatment.Dose,
    treatment.DetoxEpisode,
    treatment.PostDetoxSupport,
    treatment.Facility,
    treatment.Clinician,
    treatment.Target,
    incidents.Fire,
    incidents.DrugCase,
    incidents.Arrest,
    incidents.Conflict,
    incidents.Place,
    incidents.AreaClass,
    reporting.Declaration,
    statements.HandInStatement,
)
MODELS: dict[str, type[BaseModel]] = {str(model.model_fields["form"].default): model for model in _MODELS}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Both Python and PostgreSQL can compute with the dates in between. No real date of a record lies outside.
_FIRST_YEAR, _LAST_YEAR = 1900, 9990
_DIGITS = 30
WAITING = REASONS
"""Why a link waits: a link with one of them as its basis joins nobody."""
_WITHDRAWALS = frozenset({"registry.person.unlinked.v1", "registry.person.settled.v1"})
_PENDING: Any = struct_of(registry.PendingLink)
_LINKS: Any = (struct_of(registry.PersonLink), _PENDING)
_WITHDRAWN: Any = (struct_of(Voided), struct_of(treatment.WithdrawnDose))
_AMOUNTS = {"drug_cases": "seized_grams", "targets": "value", "declared": "value"}


@dataclass(frozen=True, slots=True)
class LinkVersion:
    """One version of a person link. Where it is ``withdrawn``, the link counts as if it had never been made.

    One that waits for a clerk has the reason as its ``basis``, and joins nobody.
    """

    record_id: str
    sequence: int
    event_id: UUID
    ref: str
    token: str
    basis: str
    known_from: datetime
    known_to: datetime | None
    recorded_at: datetime
    withdrawn: bool

    @property
    def joins(self) -> bool:
        """Return whether the link makes its reference one human being with others."""
        return not self.withdrawn and self.basis not in WAITING


def read(delivered: Delivered) -> Version | LinkVersion:
    """Return the version of a record or of a person link that a message contains.

    Raises:
        Permanent: the message does not match its schema, or holds a value that cannot be stored or computed with.
    """
    # PostgreSQL cannot store this character, so the batch would fail again and again.
    value = delivered.value
    if b"\\" in value and b"\\u0000" in value:
        raise Permanent("nul-character", delivered)
    event = quick_event(delivered.topic, delivered.type, value, delivered.document)
    event, data = _validated(delivered) if event is None else (event, event.data)
    # In this one spelling only: subjects are compared as texts, and go into array literals without escaping
    # (`repository._ids`).
    if not _UUID.fullmatch(event.subject):
        raise Permanent("subject-not-an-id", delivered)
    _check_instant(event.recordedtime, delivered)
    if isinstance(data, _LINKS):
        return _link(event, data, delivered)
    if data.form not in ALONE:
        raise Permanent("unknown-form", delivered)
    # What is withdrawn has no content any more, so there is no amount to check.
    if isinstance(data, _WITHDRAWN):
        return _version(event, data.form, None, None, None)
    if data.form in _AMOUNTS:
        _check_amount(data, delivered)
    timeline = TIMELINES.get(data.form)
    group = None if timeline is None else timeline.group(data, event.unit)
    return _version(event, data.form, group, data, orjson.dumps(delivered.document["data"]).decode())


def _validated(delivered: Delivered) -> tuple[Any, Any]:
    """Return an event as its model reads it, and its data as a struct."""
    try:
        event: Any = ADAPTERS[delivered.topic].validate_json(delivered.value)
    except ValidationError as invalid:
        raise Permanent("against-schema", delivered) from invalid
    except KeyError:
        raise Permanent("unknown-topic", delivered) from None
    return event, as_struct(event.data)


def _version(event: Any, form: str, group: str | None, data: Any, text: str | None) -> Version:
    # Positional, since it is made once for every event: names of the arguments cost half as much again.
    return Version(
        event.subject,
        int(event.sequence),
        event.id,
        form,
        event.recordedtime,
        event.occurredon,
        event.unit,
        group,
        data,
        text,
    )


def reread(form: str, text: str | None) -> Any:
    """Return the data of a stored version."""
    if text is None:
        return None
    data = quick_data(MODELS[form], orjson.loads(text))
    return as_struct(MODELS[form].model_validate_json(text)) if data is None else data


def _link(event: Any, link: Any, delivered: Delivered) -> LinkVersion:
    _check_instant(link.known_from, delivered)
    if link.known_until is not None:
        _check_instant(link.known_until, delivered)
    return LinkVersion(
        record_id=event.subject,
        sequence=int(event.sequence),
        event_id=event.id,
        ref=str(link.ref),
        token=str(link.person),
        basis=link.reason if isinstance(link, _PENDING) else link.basis,
        known_from=link.known_from,
        known_to=link.known_until,
        recorded_at=event.recordedtime,
        withdrawn=event.type in _WITHDRAWALS,
    )


def _check_instant(instant: datetime, delivered: Delivered) -> None:
    if not _FIRST_YEAR < instant.year < _LAST_YEAR:
        raise Permanent("instant-out-of-range", delivered)


def _check_amount(data: Any, delivered: Delivered) -> None:
    amount = getattr(data, _AMOUNTS[data.form])
    if amount is not None and not _fits(amount):
        raise Permanent("number-out-of-range", delivered)


def _fits(amount: Decimal) -> bool:
    # The exponent of NaN and of infinity is a letter: such amounts would make every sum useless.
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_DIGITS and amount.adjusted() < _DIGITS
