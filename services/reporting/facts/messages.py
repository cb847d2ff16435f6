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
    if b"\\u0000" in delivered.value:
        raise Permanent("nul-character", delivered)
    try:
        event: Any = ADAPTERS[delivered.topic].validate_json(delivered.value)
    except ValidationError as invalid:
        raise Permanent("against-schema", delivered) from invalid
    except KeyError:
        raise Permanent("unknown-topic", delivered) from None
    if not _UUID.fullmatch(event.subject):
        raise Permanent("subject-not-an-id", delivered)
    _check_instant(event.recordedtime, delivered)
    data = event.data
    if isinstance(data, (registry.PersonLink, registry.PendingLink)):
        return _link(event, data, delivered)
    form = data.form
    if form not in ALONE:
        raise Permanent("unknown-form", delivered)
    # What is withdrawn has no content any more, so there is no amount to check.
    voided = isinstance(data, (Voided, treatment.WithdrawnDose))
    if not voided:
        _check_amount(data, delivered)
    timeline = TIMELINES.get(form)
    return Version(
        record_id=event.subject,
        sequence=event.sequence,
        event_id=event.id,
        form=form,
        recorded_at=event.recordedtime,
        occurred_on=event.occurredon,
        unit=event.unit,
        group=None if voided or timeline is None else timeline.group(data, event.unit),
        data=None if voided else data,
        text=None if voided else orjson.dumps(delivered.document["data"]).decode(),
    )


def reread(form: str, text: str | None) -> Any:
    """Return the data of a stored version."""
    return None if text is None else MODELS[form].model_validate_json(text)


def _link(event: Any, link: registry.PersonLink | registry.PendingLink, delivered: Delivered) -> LinkVersion:
    _check_instant(link.known_from, delivered)
    if link.known_until is not None:
        _check_instant(link.known_until, delivered)
    return LinkVersion(
        record_id=event.subject,
        sequence=event.sequence,
        event_id=event.id,
        ref=str(link.ref),
        token=str(link.person),
        basis=link.reason if isinstance(link, registry.PendingLink) else link.basis,
        known_from=link.known_from,
        known_to=link.known_until,
        recorded_at=event.recordedtime,
        withdrawn=event.type in _WITHDRAWALS,
    )


def _check_instant(instant: datetime, delivered: Delivered) -> None:
    if not _FIRST_YEAR < instant.year < _LAST_YEAR:
        raise Permanent("instant-out-of-range", delivered)


def _check_amount(data: Any, delivered: Delivered) -> None:
    name = _AMOUNTS.get(data.form)
    amount = None if name is None else getattr(data, name)
    if amount is not None and not _fits(amount):
        raise Permanent("number-out-of-range", delivered)


def _fits(amount: Decimal) -> bool:
    # The exponent of NaN and of infinity is a letter: such amounts would make every sum useless.
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_DIGITS and amount.adjusted() < _DIGITS
