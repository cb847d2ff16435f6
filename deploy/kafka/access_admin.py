"""Brings a broker's users (SCRAM-SHA-512) and access control lists to what `deploy.kafka.rights` says."""

import hashlib
import secrets
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from deploy.kafka.access_settings import AccessSettings
from deploy.kafka.rights import Operation, Pattern, Resource, Right, all_rights

_ANY, _ALLOW = 1, 3
_SCRAM_SHA_512 = 2
# As many as Kafka takes at most.
_ITERATIONS = 16_384


@dataclass(frozen=True, slots=True)
class Applied:
    """How many users were set, rights given and rights taken away."""

    users: int
    given: int
    taken: int


class _AlterScramResponse(Response):  # type: ignore[misc]
    API_KEY = 51
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _AlterScramStruct(RequestStruct):  # type: ignore[misc]
    API_KEY = 51
    API_VERSION = 0
    RESPONSE_TYPE = _AlterScramResponse
    FLEXIBLE_VERSION = True
    SCHEMA = Schema(
        (
            "deletions",
            CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields)),
        ),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _AlterScramRequest(Request[_AlterScramStruct]):  # type: ignore[misc]
    """AlterUserScramCredentials (KIP-554), which aiokafka lacks."""

    API_KEY = 51

    def __init__(self, passwords: Iterable[tuple[str, str]]) -> None:
        self._passwords = list(passwords)

    def build(self, request_struct_class: type[_AlterScramStruct]) -> _AlterScramStruct:
        upsertions: list[tuple[Any, ...]] = []
        for name, password in self._passwords:
            salt = secrets.token_bytes(16)
            salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
            upsertions.append((name, _SCRAM_SHA_512, _ITERATIONS, salt, salted, {}))
        return request_struct_class([], upsertions, {})


async def apply(settings: AccessSettings) -> Applied:
    """Set the passwords, give what is missing, then remove all other rights of these principals; may be repeated."""
    wanted = set(all_rights(settings.hand_ins()))
    client = AIOKafkaClient(**_connection(settings))
    await client.bootstrap()
    try:
        credentials = settings.credentials()
        answer = await _answer(client, _AlterScramRequest(credentials.items()))
        for user, code, message, _ in answer.results:
            _check(code, f"{user}: {message}")
        given = {name: await _rights(client, name) for name in credentials}
        found = set().union(*given.values())
        # Given before others are taken away: a service that is running is never without what it keeps.
        for right in sorted(wanted - found):
            created = await _answer(client, CreateAclsRequest(*_fields(right)))
            _check(*created.creation_responses[0])
        for right in sorted(found - wanted):
            deleted = await _answer(client, DeleteAclsRequest(*_fields(right)))
            _check(*deleted.filter_responses[0][:2])
    finally:
        await client.close()
    return Applied(len(credentials), len(wanted - found), len(found - wanted))


async def _rights(client: AIOKafkaClient, principal: str) -> set[Right]:
    question = DescribeAclsRequest(_ANY, None, _ANY, f"User:{principal}", None, _ANY, _ANY)
    answer = await _answer(client, question)
    _check(answer.error_code, answer.error_message)
    rights = set()
    for kind, name, pattern, acls in answer.resources:
        for _, host, operation, permission in acls:
            known = kind in set(Resource) and pattern in set(Pattern) and operation in set(Operation)
            if not known or host != "*" or permission != _ALLOW:
                raise ValueError(f"{principal} has a right that was not made here: remove it by hand")
            rights.add(Right(principal, Resource(kind), name, Pattern(pattern), Operation(operation)))
    return rights


async def _answer(client: AIOKafkaClient, request: Any) -> Any:
    """Return the answer of any broker, which forwards to the controller what only that can do."""
    return await client.send(client.get_random_node(), request)


def _fields(right: Right) -> tuple[Any, ...]:
    return (
        int(right.resource),
        right.name,
        int(right.pattern),
        f"User:{right.principal}",
        "*",
        int(right.operation),
        _ALLOW,
    )


def _check(code: int, message: str | None) -> None:
    if code:
        raise for_code(code)(message)


def _connection(settings: AccessSettings) -> dict[str, Any]:
    named = settings.username is not None and settings.password is not None
    return {
        "bootstrap_servers": settings.bootstrap.split(","),
        "client_id": "khopso-access",
        "security_protocol": settings.security_protocol,
        "ssl_context": ssl.create_default_context(cafile=settings.ca_file)
        if settings.security_protocol.endswith("SSL")
        else None,
        "sasl_mechanism": settings.sasl_mechanism if named else "PLAIN",
        "sasl_plain_username": settings.username,
        "sasl_plain_password": settings.password.get_secret_value() if settings.password else None,
    }
