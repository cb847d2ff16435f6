"""Registers handed in over Kafka: decrypted, checked and applied as over HTTP, the outcome published."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson
from fastapi import APIRouter
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.envelope import VIETNAM, Name
from contracts.events.submissions import Outcome, RowFault, Submission
from contracts.topics import TOPICS
from reference import parse_unit, tidy
from services.chassis.http import Problem
from services.chassis.kafka import Consumer, Delivered, Message, Permanent, Session, Undelivered, Waiting
from services.chassis.persistence import (
    About,
    AsyncSession,
    Origin,
    OutboxEvent,
    inbox,
    outbox,
    outbox_event,
)
from services.chassis.platform import Platform
from services.chassis.runtime import continuing, current_traceparent, get_logger, parse_submission_key
from services.chassis.security import (
    HashingUnreachableError,
    IssuerUnreachableError,
    NotAuthenticatedError,
    Principal,
)
from services.registers import HandIn, Intake, RawRow, Result, UnitRefusedError, UnknownFormError
from services.registers.noting import note_confirmed
from services.registers.refused_submissions import Said, identity_of, refusal, said_by
from services.registers.sealed_outcomes import ReplyKey, reply_key, sealed
from services.registers.stated_submissions import StatedContent, apply_statements

log = get_logger(__name__)

TYPE = "khopso.submission.v1"
OUTCOME_TYPE = "khopso.submission.outcome.v1"
MAX_ROWS = 5_000
MAX_FAULTS = 10_000
# A fixed list: otherwise the sender could choose a weaker algorithm in the header.
_ALGORITHMS = ["ECDH-ES+A256KW", "A256GCM"]


class _Registry(jwe.JWERegistry):
    """joserfc opens 64 kB by default, which is a register of some hundred rows."""

    max_ciphertext_length = 20_000_000  # as `contracts.events.submissions.Sealed` allows


_REGISTRY = _Registry(algorithms=_ALGORITHMS)
_UNREADABLE = (JoseError, ValueError, TypeError, KeyError)
# Names inside the encryption that an outcome may repeat: any other word there may be personal data.
_TOLD = frozenset(
    {
        "form",
        "unit",
        "token",
        "rows",
        "row",
        "values",
        "calendar",
        "period",
        "statements",
        "recorded_on",
        "reply_to",
    }
)


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    row: int = Field(ge=0, le=2_147_483_647)
    values: dict[str, Any]


class _Content(BaseModel):
    """What is inside the JWE.

    ``source`` and ``id`` are those of the CloudEvent, so that nobody can send the same JWE under another id. They are
    optional here for one reason: a unit whose software leaves them out is told so by an outcome (ADR 0019). ``reply_to``: the
    public key to which the outcome is encrypted.
    """

    # Inputs stay out of error texts, which end up in logs: they may be names and numbers of people.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    source: Name | None = None
    id: Name | None = None
    form: str = Field(min_length=1, max_length=64)
    unit: str | None = Field(default=None, min_length=1, max_length=64, pattern=r"^[^\x00]*$")
    token: str = Field(min_length=1, max_length=16_384)
    rows: list[_Row] = Field(min_length=1, max_length=MAX_ROWS)
    replace: bool = False
    reply_to: ReplyKey | None = None

    @property
    def told_form(self) -> str:
        """Return the form that it is about."""
        return self.form

    @property
    def row_count(self) -> int:
        """Return how many rows it has."""
        return len(self.rows)


class SubmissionKey(BaseModel):
    """The public key for encrypting submissions to this service, as a JWK set (RFC 7517)."""

    keys: list[dict[str, Any]]


class Submissions:
    """Takes submissions for one service. Idempotent by the unit and the CloudEvent's source and id.

    Everything a submission causes commits together: records, events, the outcome and the memory of its id. An id is
    taken only by a caller whose token holds: otherwise a stranger could use up the ids of a unit.
    """

    def __init__(self, platform: Platform, intake: Intake) -> None:
        if platform.settings.submission_private_key is None:
            raise ValueError("submission_private_key is not set")
        self._platform = platform
        self._intake = intake
        self._service = platform.settings.service
        self._waiting = timedelta(seconds=platform.settings.submission_waiting_seconds)
        self._key: ECKey = parse_submission_key(platform.settings.submission_private_key)
        self.consumer = Consumer(
            platform,
            f"{self._service}-submissions",
            [TOPICS[f"submissions.{self._service}"]],
            self.take,
            known_types=[TYPE],
            single=True,  # each may hold thousands of rows, enough for a transaction of its own
            outsiders=True,
            refused=self.answer,
        )

    def router(self) -> APIRouter:
        """Return the route ``GET /v1/submission-key``."""
        routes = APIRouter(tags=["submissions"])
        public = {**self._key.as_dict(private=False), "use": "enc", "alg": "ECDH-ES+A256KW"}
        public.setdefault("kid", self._key.thumbprint())

        @routes.get("/v1/submission-key", operation_id="get_submission_key")
        async def submission_key() -> SubmissionKey:
            return SubmissionKey(keys=[public])

        return routes

    async def take(self, delivered: Message, session: Session) -> None:
        """Take one submission, in the session's transaction; the subscriber of the topic."""
        try:
            event = Submission.model_validate(delivered.document)
        except ValidationError:
            raise Permanent("rule-broken", delivered) from None
        # PostgreSQL cannot store this character; without this the reason would only be "handler-error".
        if "\x00" in event.id + event.source:
            raise Permanent("nul-character", delivered)
        content = self._open(event.data.jwe, delivered)
        message = _digest("message", event.source, event.id, event.data.jwe)
        if not await inbox.claim_one(session, self.consumer.name, message):
            return
        with continuing(delivered.traceparent):
            taken = await self._apply(session, event, content, delivered.logged_at)
            if taken is None:
                return
            unit, outcome = taken
            told = outcome if content.reply_to is None else sealed(outcome, reply_key(content.reply_to))
            await outbox.append(session, [self._published(message, event.id, unit, told)])
        log.info("submission taken", form=outcome.form, unit=unit, error=outcome.error,
                 accepted=outcome.accepted, unchanged=outcome.unchanged, corrected=outcome.corrected,
                 withdrawn=outcome.withdrawn, restored=outcome.restored, refused=outcome.refused_rows)  # fmt: skip

    async def answer(self, letter: Undelivered, session: AsyncSession) -> None:
        """Answer the sender of a message that becomes a dead letter, where its submission can be identified.

        Each message is answered once, however often it is read from the log.
        """
        for said in said_by(letter):
            identity = identity_of(said, letter)
            if await inbox.claim_one(session, self.consumer.name, identity):
                unit, faults, key = self._look_into(said)
                outcome = refusal(said, self._service, letter, faults)
                outcome = outcome if key is None else sealed(outcome, key)
                await outbox.append(session, [self._published(identity, said.subject, unit, outcome)])

    def _look_into(self, said: Said) -> tuple[str, list[RowFault], ECKey | None]:
        """Return whom to answer, and of content that can be decrypted its faults and the key that it names for the answer."""
        data = said.document.get("data")
        token = data.get("jwe") if isinstance(data, dict) else None
        try:
            opened = self._opened(token if isinstance(token, str) else "")
        except _UNREADABLE:
            return said.to, [], None
        named = opened if isinstance(opened, dict) else {}
        unit, key = named.get("unit"), _named_key(named.get("reply_to"))
        to = (_told_unit(unit) if isinstance(unit, str) else None) or said.to
        try:
            _content_of(opened)
        except ValidationError as broken:
            return to, _content_faults(broken), key
        return to, [], key

    def _opened(self, token: str) -> Any:
        return orjson.loads(jwe.decrypt_compact(token, self._key, registry=_REGISTRY).plaintext or b"")

    def _open(self, token: str, delivered: Delivered) -> _Content | StatedContent:
        try:
            return _content_of(self._opened(token))
        except _UNREADABLE:  # whatever is wrong inside, the outcome repeats none of it
            raise Permanent("submission-unreadable", delivered) from None

    async def _apply(
        self,
        session: AsyncSession,
        event: Submission,
        content: _Content | StatedContent,
        logged_at: datetime | None,
    ) -> tuple[str, Outcome] | None:
        """Return the outcome for the unit, with a reason where no row was read; None where the id was taken before."""
        claimed = _told_unit(content.unit) or "unknown"
        if content.source is None or content.id is None:
            return claimed, self._refusal(event, content, "submission_unbound")
        if (content.source, content.id) != (event.source, event.id):
            return claimed, self._refusal(event, content, "submission_mismatch")
        try:
            principal = await self._platform.verifier.verify(content.token, self._moment(logged_at))
        except NotAuthenticatedError as refused:
            return claimed, self._refusal(event, content, refused.rule)
        except IssuerUnreachableError as away:
            # The unit did nothing wrong: the submission waits until the issuer is back, instead of being refused.
            raise Waiting("token issuer unreachable") from away
        identity = _digest("submission", principal.unit, event.source, event.id)
        if not await inbox.claim_one(session, self.consumer.name, identity):
            return None
        unit = _told_unit(content.unit) or principal.unit
        if isinstance(content, StatedContent):
            return unit, await apply_statements(
                session, self._platform, self._intake, event.id, content, principal
            )
        return unit, await self._hand_in(session, event, content, principal)

    async def _hand_in(
        self, session: AsyncSession, event: Submission, content: _Content, principal: Principal
    ) -> Outcome:
        batch = HandIn(
            form=content.form,
            rows=[RawRow(row.row, row.values) for row in content.rows],
            unit=content.unit,
            replace=content.replace,
            correlation_id=event.id,
            causation_id=event.id,
        )
        try:
            # A savepoint: when the batch is refused, its writes go, but the outcome for the unit still commits.
            async with session.begin_nested():
                result = await self._intake.hand_in(session, batch, principal)
                await note_confirmed(session, self._platform, principal, batch, result)
        except HashingUnreachableError as away:
            raise Waiting("hashing process unreachable") from away
        except UnknownFormError:
            return self._refusal(event, content, "unknown_form")
        except UnitRefusedError as refused:
            return self._refusal(event, content, refused.rule)
        return _outcome(event, self._service, result)

    def _moment(self, logged_at: datetime | None) -> datetime:
        """Return the moment at which the token has to be valid: when the broker took the submission in.

        An outage of the service must not refuse what was validly sent. Waiting on the log counts at most as long as the
        settings say; beyond that the token is judged as of that limit. Where the broker sets no time, the service's
        own clock counts.
        """
        now = self._platform.clock()
        return now if logged_at is None else min(now, max(logged_at, now - self._waiting))

    def _refusal(self, event: Submission, content: _Content | StatedContent, rule: str) -> Outcome:
        # An unknown form name is free text from inside the encryption; it is not repeated in the clear.
        form = content.told_form if content.told_form in self._intake.registers else None
        rows = content.row_count
        return Outcome(submission=event.id, service=self._service, form=form, refused_rows=rows, error=rule)

    def _published(self, message: str, subject: str, unit: str, outcome: Outcome) -> OutboxEvent:
        now = self._platform.clock().astimezone(UTC)
        return outbox_event(
            OUTCOME_TYPE,
            outcome,
            About(subject, unit, unit),
            Origin(self._service, subject, subject, current_traceparent()),
            # Made from the message: its outcome has the same id whenever it is made again.
            event_id=uuid5(NAMESPACE_URL, f"khopso:submission-outcome:{self._service}:{message}"),
            sequence=1,
            at=now,
            on=now.astimezone(VIETNAM).date(),
            recorded_at=now,
        )


def submissions_of(platform: Platform, intake: Intake) -> tuple[APIRouter, list[Consumer]]:
    """Return the route and the consumer of a service's submissions; where it has no key it takes none and says so."""
    if platform.settings.submission_private_key is None:
        return _no_submissions_router(), []
    submissions = Submissions(platform, intake)
    return submissions.router(), [submissions.consumer]


def _no_submissions_router() -> APIRouter:
    """Return the route ``GET /v1/submission-key`` of a service that takes no submissions."""
    routes = APIRouter(tags=["submissions"])

    @routes.get("/v1/submission-key", operation_id="get_submission_key")
    async def submission_key() -> SubmissionKey:
        raise Problem(404, "no_submission_key")

    return routes


def _told_unit(code: str | None) -> str | None:
    """Return a unit from inside the encryption as the outcome's key; None for a text that is no unit's code.

    All units' software reads the topic, and what is no code may be a name in the wrong column.
    """
    return code if code and len(code) <= 64 and parse_unit(tidy(code)) is not None else None


def _named_key(given: Any) -> ECKey | None:
    """Return the key that refused content names for its outcome; None where it names none that can be used."""
    try:
        return reply_key(given)
    except ValueError:
        return None


def _content_of(opened: Any) -> _Content | StatedContent:
    """Return what was inside the encryption: rows of one form, or statements. Raise ValidationError where it is neither."""
    states = isinstance(opened, dict) and "statements" in opened
    return StatedContent.model_validate(opened) if states else _Content.model_validate(opened)


def _digest(kind: str, *parts: str) -> str:
    """Return an id for the inbox: of fixed length, and without text of the sender (PostgreSQL refuses NUL)."""
    # As JSON, so that different parts can never join to the same text.
    return f"{kind}:{sha256(orjson.dumps(parts)).hexdigest()}"


def _outcome(event: Submission, service: str, result: Result) -> Outcome:
    return Outcome(
        submission=event.id,
        service=service,
        form=result.form,
        accepted=result.count("accepted"),
        unchanged=result.count("unchanged"),
        corrected=result.count("corrected"),
        withdrawn=result.count("withdrawn"),
        restored=result.count("restored"),
        refused_rows=result.count("refused"),
        refused=_faults(result.faults),
        notes=_faults(result.notes),
    )


def _faults(faults: Sequence[Any]) -> tuple[RowFault, ...]:
    """Return row, column and rule of each fault; never the value, which may be personal data."""
    return tuple(RowFault(row=fault.row, field=fault.field, rule=fault.rule) for fault in faults[:MAX_FAULTS])


def _content_faults(broken: ValidationError) -> list[RowFault]:
    """Return what is wrong with the content as a whole: place and rule, never a value. Row 0: none in particular."""
    found = broken.errors(include_url=False, include_context=False, include_input=False)
    return [
        RowFault(
            row=0,
            field=".".join(str(part) for part in fault["loc"] if isinstance(part, int) or part in _TOLD),
            rule=fault["type"],
        )
        for fault in found[:MAX_FAULTS]
    ]
