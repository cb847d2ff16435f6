"""Events as the services publish them, made of contract models, and the fold that they go into."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid5

import orjson

from contracts.catalogue import EVENT_TYPES
from contracts.envelope import schema_uri, start_of_day, wire
from contracts.events.common import PersonKeys
from deploy.embedded.postgres import PostgresServer
from services.chassis.kafka.delivery import Delivered, receive
from services.chassis.platform import Platform
from services.chassis.runtime.tracing import Tracing
from services.reporting.checks.queries import count_findings
from services.reporting.disclosure import ReleaseControl
from services.reporting.facts.consumers import projection
from services.reporting.figures import QueryService, snapshot
from services.reporting.figures.questions import parse_question
from services.reporting.settings import ReportingSettings
from tests.support.databases import copy

NAMES = UUID("11111111-2222-5333-8444-555555555555")
ROLE, PASSWORD = "reporting", "a-password"
_numbers = count()
NOW = datetime(2024, 6, 1, 2, tzinfo=UTC)
LATER = datetime(2100, 1, 1, 2, tzinfo=UTC)
"""After everything that tests write: when questions about knowledge are asked."""
FORMS: dict[str, tuple[str, str]] = {
    "registry": ("registry.record.registered.v1", "status_from"),
    "determination": ("treatment.determination.concluded.v1", "concluded_on"),
    "methadone": ("treatment.methadone.enrolled.v1", "enrolled_on"),
    "doses": ("treatment.dose.dosed.v1", "dosed_on"),
    "detox": ("treatment.detox.admitted.v1", "admitted_on"),
    "post_detox": ("treatment.post_detox.started.v1", "from_on"),
    "facilities": ("treatment.facility.listed.v1", "valid_from"),
    "clinicians": ("treatment.clinician.certified.v1", "valid_from"),
    "targets": ("treatment.target.assigned.v1", "period_to"),
    "fires": ("incidents.fire.reported.v1", "alarm_at"),
    "drug_cases": ("incidents.drug_case.detected.v1", "detected_on"),
    "arrests": ("incidents.arrest.made.v1", "arrested_on"),
    "conflicts": ("incidents.conflict.detected.v1", "detected_on"),
    "places": ("incidents.place.watched.v1", "valid_from"),
    "area_classes": ("incidents.area_class.assigned.v1", "valid_from"),
    "declared": ("reporting.figure.declared.v1", "declared_on"),
}

_SERVICE_OF = {form: event_type.partition(".")[0] for form, (event_type, _) in FORMS.items()}


def reporting_settings(database_url: str, **given: Any) -> ReportingSettings:
    return ReportingSettings(
        **{
            "database_url": database_url,
            "kafka_bootstrap": "127.0.0.1:9",
            "jwks_url": "http://127.0.0.1:9/jwks",
            "token_issuer": "tests",
            "token_audience": "khopso",
            "digest_key": "0123456789abcdef0123456789abcdef",
            "field_keys": orjson.dumps({"k1": b64encode(bytes(range(32))).decode()}).decode(),
            "field_key_current": "k1",
            "refusals_per_minute": 100_000,
            **given,
        }
    )


def fresh(server: PostgresServer) -> tuple[str, str]:
    """Name and address of a new copy of the migrated database."""
    name = f"reporting_{next(_numbers)}"
    copy(server, ROLE, name, ROLE)
    return name, server.service_url(ROLE, PASSWORD, name)


def named(name: str) -> UUID:
    """A fixed id for a name of the test."""
    return uuid5(NAMES, name)


def person(
    name: str, *, sex: str = "male", band: str = "30+", until: date | None = None, key: str = ""
) -> PersonKeys:
    """A person as the bus knows one; ``name`` stands for the service's own reference."""
    return PersonKeys.model_validate(
        {
            "ref": named(f"ref {name}"),
            "sex": sex,
            "age_band": band,
            "age_band_until": until,
            "keys": {"nid12": named(key or name).hex},
        }
    )


class Log:
    """Writes events the way the services do: every change of a record is its next sequence."""

    def __init__(self) -> None:
        self.messages: list[Delivered] = []
        self._sequences: dict[UUID, int] = {}

    def write(
        self,
        form: str,
        record: str,
        *,
        recorded: datetime | date | None = None,
        unit: str = "police:288",
        void: bool = False,
        occurred: date | None = None,
        sequence: int | None = None,
        **data: Any,
    ) -> Delivered:
        """One event of a record. ``recorded`` defaults to the record's own day, as a back-filled register has it."""
        event_type, day_field = FORMS[form]
        if void:
            stem, _, version = event_type.rpartition(".")
            event_type, data = f"{stem.rpartition('.')[0]}.voided.{version}", {"form": form}
        day = occurred or _day(data.get(day_field)) or date(2023, 1, 1)
        return self._add(
            event_type, named(f"{form} {unit} {record}"), data, day, recorded or day, unit, sequence
        )

    def state(
        self,
        form: str,
        unit: str,
        first: date,
        last: date,
        says: str | None,
        *,
        recorded: datetime | date,
        sequence: int | None = None,
        written: date | None = None,
    ) -> Delivered:
        """A unit states that its register of the days is ``complete`` or ``nil``; with None it withdraws that."""
        verb = "withdrawn" if says is None else "made"
        data: dict[str, Any] = {"form": "statements"}
        if says is not None:
            said = {"calendar": "civil", "period": f"{first}", "first": first, "last": last, "says": says}
            said["written_on"] = written
            data |= {"stated_form": form, **said}
        subject = named(f"statement {unit} {form} {first} {last}")
        name = f"{_SERVICE_OF[form]}.statement.{verb}.v1"
        return self._add(name, subject, data, last, recorded, unit, sequence)

    def link(
        self,
        who: str,
        token: str,
        *,
        known: datetime | date,
        until: datetime | date | None = None,
        unlink: bool = False,
        waits: str | None = None,
        basis: str = "national_id",
    ) -> Delivered:
        """A reference belongs to a person token; ``waits`` is why a clerk has to decide first."""
        data = {
            "ref": named(f"ref {who}"),
            "person": named(f"token {token}"),
            "basis": basis,
            "known_from": instant(known),
            "known_until": None if until is None else instant(until),
        }
        verb = "unlinked" if unlink else "linked"
        subject = named(f"edge {who} {token}")
        if waits is not None:
            data = {name: each for name, each in data.items() if name != "basis"} | {"reason": waits}
            verb, subject = "settled" if unlink else "pending", named(f"edge {who} {token} {waits}")
        return self._add(f"registry.person.{verb}.v1", subject, data, _date(known), known, "registry", None)

    def _add(
        self,
        event_type: str,
        subject: UUID,
        data: dict[str, Any],
        day: date,
        recorded: datetime | date,
        unit: str,
        sequence: int | None,
    ) -> Delivered:
        kind = EVENT_TYPES[event_type]
        number = sequence or self._sequences.get(subject, 0) + 1
        self._sequences[subject] = number
        event = kind.model.model_validate(
            {
                "id": named(f"{subject} {number} {len(self.messages)}"),
                "source": f"/{kind.owner}",
                "type": event_type,
                "subject": str(subject),
                "time": start_of_day(day),
                "dataschema": schema_uri(event_type),
                "recordedtime": instant(recorded),
                "occurredon": day,
                "sequence": number,
                "partitionkey": str(subject),
                "correlationid": "test",
                "dataclassification": kind.classification,
                "unit": unit,
                "data": data,
            }
        )
        message = receive(kind.topic, 0, len(self.messages), None, wire(event), [], 0)
        assert isinstance(message, Delivered)
        self.messages.append(message)
        return message


def instant(moment: datetime | date) -> datetime:
    """Record time: a bare day means its start."""
    return moment if isinstance(moment, datetime) else start_of_day(moment)


def _date(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _day(value: Any) -> date | None:
    return None if value is None else _date(value)


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


async def fold(
    platform: Platform, messages: Iterable[Delivered], *, batch: int = 5_000, generation: int = 1
) -> None:
    """Fold messages in batches, one transaction each, as the consumer does."""
    waiting: Sequence[Delivered] = list(messages)
    handler = projection(generation, Tracing())
    for start in range(0, len(waiting), batch):
        async with platform.uow() as session:
            await handler(list(waiting[start : start + batch]), session)


def queries_of(platform: Platform) -> QueryService:
    """The query service as the application composes it."""
    return QueryService(platform, ReleaseControl(platform, count_findings))


async def ask(platform: Platform, code: str, **given: str) -> dict[str, Any]:
    """The answer to a question, put as a request puts it (``from`` is written ``since`` here)."""
    if "since" in given:
        given["from"] = given.pop("since")
    question = parse_question(code, given, LATER, crossed=True)
    document, _ = await snapshot.ask(platform.uow, question, LATER)
    return document


async def value(platform: Platform, code: str, **given: str) -> Any:
    return (await ask(platform, code, **given))["value"]


async def rows(platform: Platform, code: str, by: str, **given: str) -> dict[str, Any]:
    """The rows of a breakdown that are not zero."""
    document = await ask(platform, code, by=by, **given)
    return {row[by]: row["value"] for row in document["rows"] if row["value"]}


HAI_DUONG, CHI_LINH = "10513@2008", "10546@2008"
A: dict[str, Any] = {"commune": HAI_DUONG}


def listed(log: Log, who: str, status: str, since: date, **more: Any) -> None:
    """A register row of the person ``who``, whose record number is the same."""
    given = {"person": person(who), **A, **more}
    log.write("registry", f"{who} {since}", status=status, status_from=since, **given)
