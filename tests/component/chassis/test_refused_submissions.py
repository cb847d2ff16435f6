"""Whatever a client sends: it is answered where it says which submission it is, and its neighbours are not held up."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from aiokafka import ConsumerRecord
from joserfc import jwe
from joserfc.jwk import ECKey

from services.chassis.kafka import Delivered, Session, circuit_breaker, dead_letters, positions
from services.chassis.persistence import migrations
from tests.component.chassis.test_submissions import AT, FIRE, Desk, document
from tests.support.platform import platform_for, settings_for
from tests.support.tokens import Issuer

Headers = Sequence[tuple[str, bytes | None]]
KEY = b"police:30"
PLAIN: Headers = (("content-type", b"application/cloudevents+json"),)


def changed(**attributes: Any) -> Callable[[str], bytes]:
    """A submission with other attributes; those of None are left out."""

    def made(token: str) -> bytes:
        whole = orjson.loads(document(token, "n")) | attributes
        return orjson.dumps({name: value for name, value in whole.items() if value is not None})

    return made


def whole(token: str) -> bytes:
    return document(token, "n")


# What is wrong → the value, the id that its sender waits for, the reason that it is told.
BROKEN: Mapping[str, tuple[Callable[[str], bytes | None], str, str]] = {
    "a byte order mark": (lambda t: b"\xef\xbb\xbf" + whole(t), "n", "bad_json"),
    "UTF-16": (lambda t: whole(t).decode().encode("utf-16"), "n", "bad_json"),
    "UTF-32 without a mark": (lambda t: whole(t).decode().encode("utf-32-le"), "n", "bad_json"),
    "NUL behind it": (lambda t: whole(t) + b"\x00", "n", "bad_json"),
    "NUL before it": (lambda t: b"\x00" + whole(t), "n", "bad_json"),
    "NUL inside a text": (lambda t: whole(t).replace(b"urn:unit", b"urn\x00unit"), "n", "bad_json"),
    "torn": (lambda t: whole(t)[:-9], "n", "bad_json"),
    "torn behind a number as id": (lambda t: changed(id=7)(t)[:-9], "7", "bad_json"),
    "single quotes at the end": (lambda t: whole(t)[:-1] + b", 'more': 1}", "n", "bad_json"),
    "a comma too many": (lambda t: whole(t)[:-1] + b",}", "n", "bad_json"),
    "something behind it": (lambda t: whole(t) + b"{}", "n", "bad_json"),
    "bytes that are no UTF-8": (lambda t: whole(t).replace(b"urn:", b"\xff\xfe:"), "n", "bad_json"),
    "half a character": (lambda t: whole(t).replace(b"urn:", b"\\ud83d:"), "n", "bad_json"),
    "NaN": (lambda t: whole(t)[:-1] + b', "more": NaN}', "n", "bad_json"),
    "too deep": (
        lambda t: whole(t)[:-1] + b', "more": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        "n",
        "bad_json",
    ),
    "a list": (lambda t: b"[" + whole(t) + b"]", "n", "not_an_object"),
    "JSON as text": (lambda t: orjson.dumps(whole(t).decode()), "n", "not_an_object"),
    "no type": (changed(type=None), "n", "no_type"),
    "a number as type": (changed(type=1), "n", "no_type"),
    "another type": (changed(type="com.example.other"), "n", "unknown_type"),
    "a version to come": (changed(type="khopso.submission.v2"), "n", "future_version"),
    "an id that is a number": (changed(id=12345), "12345", "rule_broken"),
    "an id that is a huge number": (changed(id=2**63), str(2**63), "rule_broken"),
    "an id that is negative": (changed(id=-1), "-1", "rule_broken"),
    "an id that is a fraction": (changed(id=1.5), "1.5", "rule_broken"),
    "an id longer than names are": (changed(id="x" * 300), "x" * 200, "rule_broken"),
    "an id with NUL": (changed(id="a\x00b"), "a\x00b", "nul_character"),
    "a source with NUL": (changed(source="a\x00b"), "n", "nul_character"),
    "no source": (changed(source=None), "n", "rule_broken"),
    "a list as source": (changed(source=["a"]), "n", "rule_broken"),
    "another version of CloudEvents": (changed(specversion="0.3"), "n", "rule_broken"),
    "a time without a zone": (changed(time="2023-01-01T00:00:00"), "n", "rule_broken"),
    "no data": (changed(data=None), "n", "rule_broken"),
    "a text as data": (changed(data="rows"), "n", "rule_broken"),
    "data in base64": (changed(data=None, data_base64="e30="), "n", "rule_broken"),
    "rows in clear": (changed(data={"rows": [{"full_name": "Nguyễn Bí Mật"}]}), "n", "rule_broken"),
    "an empty seal": (lambda _: whole(""), "n", "rule_broken"),
    "a seal that is none": (lambda _: whole("rubbish"), "n", "submission_unreadable"),
    "a seal that was changed": (lambda t: whole(t[:-4] + "AAAA"), "n", "submission_unreadable"),
}
HEADERS: Mapping[str, tuple[Headers, Callable[[str], bytes | None], str, str]] = {
    "a header without a value": ((("h", None),), whole, "n", "unreadable_header"),
    "a header that is no UTF-8": ((("h", b"\xff"),), whole, "n", "unreadable_header"),
    "binary mode": (
        (("ce_id", b"n"), ("ce_source", b"urn:x"), ("ce_type", b"khopso.submission.v1")),
        lambda t: orjson.dumps({"jwe": t}),
        "n",
        "no_type",
    ),
    "binary mode without a body": ((("CE_ID", b"n"),), lambda _: None, "n", "null_body"),
}
KEYS: Mapping[str, tuple[bytes | None, str]] = {
    "no key": (None, "urn:unit:police:30"),
    "an empty key": (b"", "urn:unit:police:30"),
    "a key that is no UTF-8": (b"\xff\xfe", "urn:unit:police:30"),
    "a key with NUL": (b"police\x00", "police\ufffd"),
    "a key longer than names are": (b"k" * 300, "k" * 200),
}
# What is wrong inside the encryption → the place and the rule that the sender is told.
CONTENTS: Mapping[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "no rows": ({"rows": []}, ("rows", "too_short")),
    "too many rows": ({"rows": [{"row": 2, "values": {}}] * 5_001}, ("rows", "too_long")),
    "rows that are none": ({"rows": "all"}, ("rows", "list_type")),
    "a huge row number": ({"rows": [{"row": 2**31, "values": {}}]}, ("rows.0.row", "less_than_equal")),
    "a row number below zero": ({"rows": [{"row": -1, "values": {}}]}, ("rows.0.row", "greater_than_equal")),
    "a row without a number": ({"rows": [{"values": {}}]}, ("rows.0.row", "missing")),
    "a row without cells": ({"rows": [{"row": 2}]}, ("rows.0.values", "missing")),
    "a member that rows do not have": (
        {"rows": [{"row": 2, "values": {}, "Nguyễn Bí Mật": 1}]},
        ("rows.0", "extra_forbidden"),
    ),
    "no form": ({"form": None}, ("form", "string_type")),
    "an empty form": ({"form": ""}, ("form", "string_too_short")),
    "a unit that is a number": ({"unit": 288}, ("unit", "string_type")),
    "a unit with NUL": ({"unit": "police\x00288"}, ("unit", "string_pattern_mismatch")),
    "no token": ({"token": None}, ("token", "string_type")),
}


class Line(Desk):
    """A desk at whose consumer records arrive one behind the other, as the log brings them."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.next = 0

    async def open(self) -> None:
        """Begin at the first record."""
        consumer = self.submissions.consumer
        async with self.platform.uow() as session:
            await positions.start(session, consumer.name, AT, "log-1")
        await consumer._applier.load()
        consumer._applier.own([AT])

    async def arrive(self, value: bytes | None, key: bytes | None = KEY, headers: Headers = PLAIN) -> None:
        """Let a record arrive."""
        record = ConsumerRecord(*AT, self.next, 1_700_000_000_000, 0, key, value, None, 0, 0, tuple(headers))
        self.next += 1

        async def apply(messages: list[Delivered], session: Session) -> None:
            for message in messages:
                await self.submissions.take(message, session)

        assert await self.submissions.consumer._take([record], apply)

    async def outcome(self) -> dict[str, Any]:
        """What was answered last."""
        return (await self.outcomes())[-1]

    async def letters(self) -> list[dead_letters.DeadLetter]:
        """All dead letters."""
        async with self.platform.uow() as session:
            return await dead_letters.listed(session, limit=1_000)


@pytest.fixture
async def line(new_database: Callable[[str], str]) -> AsyncIterator[Line]:
    url = new_database("incidents")
    migrations.upgrade(settings_for(url, service="incidents"), "services.incidents")
    issuer = Issuer()
    platform = replace(
        platform_for(url, service="incidents", dead_letter_limit=10), verifier=issuer.verifier()
    )
    made = Line(platform, issuer)
    await made.open()
    yield made
    await platform.close()


async def test_every_submission_that_says_which_one_it_is_is_answered_and_stops_nobody(line: Line) -> None:
    sealed = await line.sealed([FIRE], "n")
    cases = {name: (PLAIN, *case) for name, case in BROKEN.items()} | dict(HEADERS)
    for number, (name, (headers, value, waited_for, error)) in enumerate(cases.items(), 1):
        await line.arrive(value(sealed), headers=headers)
        assert len(await line.outcomes()) == number, f"{name}: no answer, or more than one"
        found = await line.outcome()
        told = (found["unit"], found["submission"], found.get("error"), found["accepted"])
        # Sealed wrongly or not at all: where the seal itself opens, its unit is answered.
        assert told == ("police:30", waited_for, error, 0), name
        assert "Bí Mật" not in str(found)
    assert len(await line.letters()) == len(cases)
    assert await line.facts() == 0
    await line.arrive(whole(sealed))
    assert (await line.outcome())["accepted"] == 1
    assert not line.submissions.consumer.tripped
    async with line.platform.uow() as session:
        assert all(state["stopped_at"] is None for state in await circuit_breaker.states(session))


async def test_what_is_wrong_inside_the_encryption_is_told_by_place_and_rule(line: Line) -> None:
    for name, (content, fault) in CONTENTS.items():
        await line.arrive(document(await line.sealed([FIRE], name, **content), name))
        found = await line.outcome()
        assert (found["submission"], found["error"]) == (name, "submission_unreadable")
        assert fault in {(one["field"], one["rule"]) for one in found["refused"]}, (name, found)
        assert "Bí Mật" not in str(found)


@pytest.mark.parametrize("plaintext", [b"", b"not json", b"[]", b"null", b'"rows"', b"{}"])
async def test_a_seal_around_anything_else_is_answered_too(line: Line, plaintext: bytes) -> None:
    protected = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}
    await line.arrive(whole(jwe.encrypt_compact(protected, plaintext, await line.key())))
    await line.arrive(whole(jwe.encrypt_compact(protected, plaintext, ECKey.generate_key("P-256"))))
    assert [one["error"] for one in await line.outcomes()] == ["submission_unreadable"] * 2


@pytest.mark.parametrize("name", list(KEYS))
async def test_the_answer_goes_to_the_key_else_to_the_source(line: Line, name: str) -> None:
    key, unit = KEYS[name]
    await line.arrive(whole("rubbish"), key)
    found = await line.outcome()
    assert (found["unit"], found["error"]) == (unit, "submission_unreadable")


async def test_several_submissions_in_one_message_are_answered_each(line: Line) -> None:
    await line.arrive(b"[" + document("rubbish", "a") + b"," + document("rubbish", "b") + b"]")
    assert [(one["submission"], one["error"]) for one in await line.outcomes()] == [
        ("a", "not_an_object"),
        ("b", "not_an_object"),
    ]


@pytest.mark.parametrize("value", [None, b"", b"\x00", b"{}", b"[]", b"null", b"7", changed(id=True)("t")])
async def test_what_says_no_id_is_kept_and_answered_to_nobody(line: Line, value: bytes | None) -> None:
    await line.arrive(value)
    assert await line.outcomes() == []
    assert len(await line.letters()) == 1


async def test_the_same_broken_message_is_answered_once_and_a_whole_one_of_its_id_is_taken(
    line: Line,
) -> None:
    sealed = await line.sealed([FIRE], "n")
    for _ in range(3):
        await line.arrive(whole(sealed)[:-9])
    await line.arrive(whole(sealed))
    assert [(one["submission"], one.get("error"), one["accepted"]) for one in await line.outcomes()] == [
        ("n", "bad_json", 0),
        ("n", None, 1),
    ]
