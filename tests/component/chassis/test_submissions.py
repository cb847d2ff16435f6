"""Registers over Kafka: sealed, idempotent, with an outcome and without a value on the bus."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from faststream.kafka import KafkaBroker, TestKafkaBroker
from joserfc import jwe
from joserfc.jwk import ECKey
from sqlalchemy import text

from contracts.catalogue import parse_event
from services.chassis.kafka import Waiting, dead_letters, positions
from services.chassis.kafka.delivery import Delivered, Permanent, receive
from services.chassis.persistence import migrations
from services.chassis.persistence.outbox import unpack_headers
from services.chassis.platform import Platform
from services.chassis.security import HashingClient
from services.incidents.registers import REGISTERS
from services.registers import Intake
from services.registers.submissions import TYPE, Submissions
from tests.support.platform import platform_for, settings_for
from tests.support.register_rows import FULL
from tests.support.tokens import Issuer

AT = ("submissions.incidents", 0)
SOURCE = "urn:unit:police:30"
TRACE = f"00-{'a' * 32}-{'b' * 16}-01"
FIRE = {"incident_no": "C-1", "commune_code": "10513", "alarm_at": "05/03/2023 08:15", "place": "dwelling"}


class Desk:
    """The service's end and the unit's end of a submission."""

    def __init__(self, platform: Platform, issuer: Issuer) -> None:
        self.platform = platform
        self.issuer = issuer
        self.submissions = Submissions(platform, Intake.of(platform, REGISTERS))
        (route,) = self.submissions.router().routes
        self.endpoint: Callable[[], Any] = route.endpoint  # type: ignore[attr-defined]

    async def key(self) -> ECKey:
        """The public key as a unit's software gets it."""
        answer = await self.endpoint()
        return ECKey.import_key(answer.keys[0])

    async def sealed(
        self, rows: Sequence[Any], number: str = "1", /, *, form: str = "fires", **content: Any
    ) -> str:
        """Rows as compact JWE, for the submission of this number."""
        inside = {
            "source": SOURCE,
            "id": number,
            "form": form,
            "unit": "police:30",
            "token": self.issuer.token(),
            "rows": [{"row": number, "values": values} for number, values in enumerate(rows, 2)],
        } | content
        return jwe.encrypt_compact(
            {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}, orjson.dumps(inside), await self.key()
        )

    async def take(self, token: str, number: str = "1", logged_at: datetime | None = None) -> None:
        """Deliver a submission, in a transaction of its own; ``logged_at`` is the broker's time, if it sets one."""
        async with self.platform.uow() as session:
            await self.submissions.take(envelope(token, number, logged_at), session)

    async def outcomes(self) -> list[dict[str, Any]]:
        """What was published, checked against the contract."""
        async with self.platform.uow() as session:
            rows = await session.execute(
                text("SELECT key, payload FROM outbox WHERE topic = :t ORDER BY id"),
                {"t": "submissions.outcomes"},
            )
            found = []
            for key, payload in rows:
                event = parse_event("submissions.outcomes", payload)
                assert event.partitionkey == key
                found.append({"unit": event.unit, **orjson.loads(payload)["data"]})
            return found

    async def facts(self) -> int:
        """Events about fires."""
        async with self.platform.uow() as session:
            return int(
                await session.scalar(text("SELECT count(*) FROM outbox WHERE topic = 'incidents.fires'")) or 0
            )


def document(token: str, number: str = "1", **attributes: str) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": number,
            "source": SOURCE,
            "type": TYPE,
            "data": {"jwe": token},
        }
        | attributes
    )


def envelope(token: str, number: str, logged_at: datetime | None = None) -> Delivered:
    moment = 1 if logged_at is None else round(logged_at.timestamp() * 1000)
    stamped = logged_at is not None
    found = receive(*AT, 0, b"k", document(token, number), (), moment, {TYPE}, broker_time=stamped)
    assert isinstance(found, Delivered)
    return found


@asynccontextmanager
async def listening(desk: Desk) -> AsyncIterator[KafkaBroker]:
    """The consumer's subscriber on FastStream's test broker, with positions and dead letters in the database.

    Every message there has offset 0, so one can be applied.
    """
    consumer = desk.submissions.consumer
    async with desk.platform.uow() as session:
        await positions.start(session, consumer.name, AT, "log-1")
    await consumer._applier.load()
    consumer._applier.own([AT])
    broker, _ = consumer.subscribe([AT])
    async with TestKafkaBroker(broker) as log:
        yield log


@pytest.fixture
async def desk(new_database: Callable[[str], str]) -> AsyncIterator[Desk]:
    url = new_database("incidents")
    migrations.upgrade(settings_for(url, service="incidents"), "services.incidents")
    issuer = Issuer()
    platform = replace(platform_for(url, service="incidents"), verifier=issuer.verifier())
    yield Desk(platform, issuer)
    await platform.close()


async def test_good_rows_are_accepted_and_bad_ones_refused_with_every_fault_but_no_value(desk: Desk) -> None:
    bad = {
        "incident_no": "C-2",
        "commune_code": "10513",
        "alarm_at": "Nguyễn Bí Mật",
        "place": "030090001234",
    }
    await desk.take(await desk.sealed([FIRE, bad]))
    (outcome,) = await desk.outcomes()
    assert outcome["unit"] == "police:30"
    assert (outcome["accepted"], outcome["refused_rows"]) == (1, 1)
    assert {(fault["row"], fault["field"]) for fault in outcome["refused"]} >= {(3, "alarm_at"), (3, "place")}
    assert await desk.facts() >= 1
    async with desk.platform.uow() as session:
        for payload in (await session.execute(text("SELECT payload FROM outbox"))).scalars():
            assert "Bí Mật".encode() not in payload
            assert b"030090001234" not in payload


async def test_an_outcome_counts_what_became_of_each_row_and_notes_how_codes_and_dates_were_read(
    desk: Desk,
) -> None:
    dated = {**FIRE, "recorded_on": "20/03/2023"}
    rows = [
        dated,
        {**dated, "commune_code": "10525"},
        {**dated, "place": "market", "recorded_on": "10/03/2023"},
        {"incident_no": "C-1", "void": "x"},
        FIRE,
    ]
    await desk.take(await desk.sealed(rows))
    (outcome,) = await desk.outcomes()
    counts = {name: outcome[name] for name in ("accepted", "unchanged", "corrected", "withdrawn", "restored")}
    assert counts == {"accepted": 1, "unchanged": 1, "corrected": 1, "withdrawn": 1, "restored": 1}
    assert outcome["notes"] == [
        {"row": 3, "field": "commune_code", "rule": "commune_kept"},
        {"row": 4, "field": "recorded_on", "rule": "older_page"},
    ]


async def test_a_register_of_thousands_of_rows_can_be_opened(desk: Desk) -> None:
    await desk.take(await desk.sealed([FIRE] * 5_000))
    (outcome,) = await desk.outcomes()
    assert outcome["accepted"] + outcome["unchanged"] + outcome["refused_rows"] == 5_000
    assert outcome["accepted"] >= 1


async def test_the_same_submission_again_does_nothing_and_the_same_rows_again_are_unchanged(
    desk: Desk,
) -> None:
    sealed = await desk.sealed([FIRE])
    await desk.take(sealed)
    facts = await desk.facts()
    await desk.take(sealed)
    assert len(await desk.outcomes()) == 1
    await desk.take(await desk.sealed([FIRE], "2"), "2")
    second = (await desk.outcomes())[1]
    assert (second["accepted"], second["unchanged"]) == (0, 1)
    assert await desk.facts() == facts


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({"unit": "health:30"}, "unit_scope"),
        ({"unit": "nonsense unit"}, "unit"),
        ({"form": "no_such_form"}, "unknown_form"),
        ({"token": "not.a.token"}, "token_invalid"),
    ],
)
async def test_what_may_not_be_handed_in_is_refused_as_a_whole(
    desk: Desk, content: dict[str, Any], error: str
) -> None:
    await desk.take(await desk.sealed([FIRE], **content))
    (outcome,) = await desk.outcomes()
    assert (outcome["error"], outcome["refused_rows"], outcome["accepted"]) == (error, 1, 0)
    assert await desk.facts() == 0


async def test_a_submission_goes_on_with_the_units_trace_and_its_position_commits_with_the_rows(
    desk: Desk,
) -> None:
    sealed = await desk.sealed([FIRE])
    async with listening(desk) as log:
        await log.publish(document(sealed, traceparent=TRACE), AT[0])
    assert (await desk.outcomes())[0]["accepted"] == 1
    async with desk.platform.uow() as session:
        found = await positions.load(session, desk.submissions.consumer.name)
        rows = (await session.execute(text("SELECT topic, payload, headers FROM outbox"))).all()
    assert found[AT].next_offset == 1
    assert {topic for topic, _, _ in rows} == {"incidents.fires", "submissions.outcomes"}
    for _, payload, headers in rows:
        assert orjson.loads(payload)["traceparent"] == TRACE
        assert dict(unpack_headers(headers)) == {
            "content-type": b"application/cloudevents+json; charset=utf-8",
            "traceparent": TRACE.encode(),
        }


async def test_a_submission_that_cannot_be_opened_is_kept_with_its_reason_and_the_stream_goes_on(
    desk: Desk,
) -> None:
    async with listening(desk) as log:
        await log.publish(document("rubbish"), AT[0], headers={"h": "v"})
    async with desk.platform.uow() as session:
        (letter,) = await dead_letters.listed(session)
        found = await positions.load(session, desk.submissions.consumer.name)
    assert (letter.reason, letter.value) == ("submission-unreadable", document("rubbish"))
    assert ("h", b"v") in letter.headers
    assert found[AT].next_offset == 1


async def test_the_same_seal_under_another_id_or_source_is_refused_and_undoes_nothing(desk: Desk) -> None:
    # Given a fire that was handed in, and corrected afterwards
    first = await desk.sealed([FIRE])
    await desk.take(first)
    await desk.take(await desk.sealed([{**FIRE, "place": "forest"}], "2"), "2")
    facts = await desk.facts()
    # When somebody who may write to the topic sends the first one again under ids of his own
    await desk.take(first, "3")
    await desk.take(first, "4")
    # Then each is refused with an outcome, and the correction stands
    assert [(found["submission"], found.get("error")) for found in (await desk.outcomes())[2:]] == [
        ("3", "submission_mismatch"),
        ("4", "submission_mismatch"),
    ]
    assert await desk.facts() == facts


async def test_a_seal_that_names_no_source_and_id_is_refused_with_an_outcome(desk: Desk) -> None:
    await desk.take(await desk.sealed([FIRE], source=None, id=None))
    (outcome,) = await desk.outcomes()
    assert (outcome["error"], outcome["refused_rows"]) == ("submission_unbound", 1)
    assert await desk.facts() == 0


async def test_a_stranger_cannot_use_up_the_id_of_a_units_submission(desk: Desk) -> None:
    await desk.take(await desk.sealed([FIRE], token="nobody's"))
    await desk.take(await desk.sealed([FIRE], token=desk.issuer.token(unit="police:10513", area="30")))
    await desk.take(await desk.sealed([FIRE]))
    assert [found.get("error") for found in await desk.outcomes()] == ["token_invalid", "unit_scope", None]
    assert await desk.facts() >= 1


async def test_a_refused_submission_may_come_again_under_its_id_with_a_token_that_holds(desk: Desk) -> None:
    expired = await desk.sealed([FIRE], token=desk.issuer.token(exp=1_000_000))
    await desk.take(expired)
    await desk.take(expired)
    await desk.take(await desk.sealed([FIRE]))
    assert [found.get("error") for found in await desk.outcomes()] == ["token_expired", None]


async def test_a_token_is_judged_at_the_brokers_time_and_not_when_it_is_read(desk: Desk) -> None:
    # Given a token of one hour, and an outage that lets its submission be read a day later
    now = desk.platform.clock()
    an_hour = {"iat": _seconds(now, hours=-25), "exp": _seconds(now, hours=-24)}
    sealed = await desk.sealed([FIRE], token=desk.issuer.token(**an_hour))
    await desk.take(sealed, logged_at=now - timedelta(hours=24, minutes=30))
    # Then it is taken; on the log only after it had expired, or for longer than anybody waits, it is not
    late = await desk.sealed([FIRE], "2", token=desk.issuer.token(**an_hour))
    await desk.take(late, "2", logged_at=now - timedelta(hours=23))
    month = {"iat": _seconds(now, days=-30), "exp": _seconds(now, days=-29)}
    ancient = await desk.sealed([FIRE], "3", token=desk.issuer.token(**month))
    await desk.take(ancient, "3", logged_at=now - timedelta(days=30))
    assert [found.get("error") for found in await desk.outcomes()] == [None, "token_expired", "token_expired"]


async def test_a_time_that_the_sender_may_choose_makes_no_expired_token_good(desk: Desk) -> None:
    now = desk.platform.clock()
    expired = desk.issuer.token(exp=_seconds(now, hours=-24))
    sealed = await desk.sealed([FIRE], token=expired)
    chosen = receive(*AT, 0, b"k", document(sealed), (), _seconds(now, hours=-25) * 1000, {TYPE})
    assert isinstance(chosen, Delivered)
    async with desk.platform.uow() as session:
        await desk.submissions.take(chosen, session)
    assert (await desk.outcomes())[0]["error"] == "token_expired"


def _seconds(now: datetime, **ago: float) -> int:
    return round((now + timedelta(**ago)).timestamp())


async def test_an_expired_token_is_refused(desk: Desk) -> None:
    await desk.take(await desk.sealed([FIRE], token=desk.issuer.token(exp=1_000_000)))
    assert (await desk.outcomes())[0]["error"] == "token_expired"


async def test_what_cannot_be_opened_is_a_dead_letter(desk: Desk) -> None:
    stranger = ECKey.generate_key("P-256")
    protected = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}
    good = await desk.sealed([FIRE])
    unreadable = [
        "rubbish",
        good[:-4] + "AAAA",
        jwe.encrypt_compact(protected, b"{}", stranger),
        jwe.encrypt_compact(protected, b"not json", await desk.key()),
        jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A256GCM"}, b"{}", await desk.key()),
        await desk.sealed([]),
        await desk.sealed(["not cells"]),
    ]
    for token in unreadable:
        with pytest.raises(Permanent, match="submission-unreadable"):
            await desk.take(token)
    assert await desk.outcomes() == []


async def test_while_the_hashing_process_is_away_a_submission_waits_and_is_not_refused(desk: Desk) -> None:
    # Given a hashing process that does not answer, and a submission with a person
    nobody = HashingClient("http://127.0.0.1:1", "k" * 40, seconds=2)
    away = Submissions(desk.platform, Intake.of(replace(desk.platform, hashing=nobody), REGISTERS))
    token = await desk.sealed([FULL["arrests"]], form="arrests")
    # When it is tried, then it waits, without an outcome and without its id being taken
    for _ in range(2):
        with pytest.raises(Waiting, match="hashing"):
            async with desk.platform.uow() as session:
                await away.take(envelope(token, "1"), session)
    assert await desk.outcomes() == []
    # And it is taken when the process is back
    await desk.take(token)
    (outcome,) = await desk.outcomes()
    assert (outcome["accepted"], outcome["refused_rows"]) == (1, 0)


async def test_while_the_issuer_is_away_a_submission_waits_however_often_it_is_tried(desk: Desk) -> None:
    # Given an issuer that is away at the start of the service, and that answers after more tries than others get
    sealed = await desk.sealed([FIRE])
    tries = desk.platform.settings.consume_retry_attempts + 2
    desk.issuer.away_for(tries)
    # When the submission is read
    async with listening(desk) as log:
        await log.publish(document(sealed), AT[0])
    # Then it was tried until the issuer was back, and is no dead letter
    assert desk.issuer.asked > tries
    assert (await desk.outcomes())[0]["accepted"] == 1
    async with desk.platform.uow() as session:
        assert await dead_letters.listed(session, status=None) == []


async def test_the_public_key_is_public(desk: Desk) -> None:
    answer = await desk.endpoint()
    assert "d" not in answer.keys[0]
    assert answer.keys[0]["use"] == "enc"
