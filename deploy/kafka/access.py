"""Who may do what on Apache Kafka: one principal a service, its rights from `contracts.topics`, everything else denied.

`python -m deploy.kafka.access show` prints the rights; `apply` makes a broker have exactly these for our principals, and
their passwords. It needs a broker with ``StandardAuthorizer`` and a connection that may alter the cluster (docs/operators.md).
"""

import asyncio
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Literal

from pydantic import BaseModel, Field, FilePath, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.topics import OUTCOMES, SERVICES, TOPICS, UNITS, receivers, senders

ServiceName = Literal["registry", "treatment", "incidents", "reporting"]
PrincipalName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,62}$")]


class Resource(IntEnum):
    """Kinds of resources, as Kafka's protocol numbers them."""

    TOPIC = 2
    GROUP = 3


class Pattern(IntEnum):
    """How a resource is named: by its own name, or by the beginning of it."""

    LITERAL = 3
    PREFIXED = 4


class Operation(IntEnum):
    """Operations, as Kafka's protocol numbers them."""

    READ = 3
    WRITE = 4
    CREATE = 5
    DELETE = 6
    DESCRIBE = 8
    DESCRIBE_CONFIGS = 10
    ALTER_CONFIGS = 11


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One principal may do one thing with one resource, from any host. What no right names is denied."""

    principal: str
    resource: Resource
    name: str
    pattern: Pattern
    operation: Operation


class UnitClient(BaseModel):
    """The software of a reporting unit: which services it hands in to. With none it has no right at all.

    To lock one out, its list is emptied; a name that is left out is not looked at any more.
    """

    password: SecretStr
    services: list[ServiceName]


# A relay creates its topics, brings their options up to date, marks their logs and reads the marks again.
_KEEPS = (
    Operation.CREATE,
    Operation.DESCRIBE,
    Operation.DESCRIBE_CONFIGS,
    Operation.ALTER_CONFIGS,
    Operation.READ,
    Operation.WRITE,
)
_READS = (Operation.DESCRIBE, Operation.READ)
_WRITES = (Operation.DESCRIBE, Operation.WRITE)


def rights_of(service: str) -> set[Right]:
    """Return what a service may do: keep its own topics, read what it consumes, keep those topics' dead letters."""
    rights: set[Right] = set()
    for topic in TOPICS.values():
        if service in senders(topic.name) or topic.owner == service:
            rights |= _on_topic(service, topic.name, _KEEPS)
        if service in receivers(topic.name):
            rights |= _on_topic(service, topic.name, _READS)
            # Erasing a dead letter deletes it from the log (DeleteRecords).
            rights |= _on_topic(service, topic.dlq, (*_KEEPS, Operation.DELETE))
            if UNITS in senders(topic.name):
                rights |= _on_topic(service, topic.name, (Operation.DELETE,))
    return rights | _on_groups(service)


def rights_of_unit(name: str, services: Iterable[str]) -> set[Right]:
    """Return what a unit's software may do: hand in to these services, and read what became of it."""
    wanted = list(services)
    if not wanted:
        return set()
    rights = _on_topic(name, OUTCOMES, _READS)
    for service in wanted:
        rights |= _on_topic(name, f"submissions.{service}", _WRITES)
    return rights | _on_groups(name)


def all_rights(units: Mapping[str, UnitClient]) -> list[Right]:
    """Return the rights of all services and of these units' software, in a fixed order."""
    rights: set[Right] = set().union(*(rights_of(service) for service in SERVICES))
    for name, unit in units.items():
        rights |= rights_of_unit(name, unit.services)
    return sorted(rights)


def _on_topic(principal: str, topic: str, operations: Iterable[Operation]) -> set[Right]:
    return {Right(principal, Resource.TOPIC, topic, Pattern.LITERAL, each) for each in operations}


def _on_groups(principal: str) -> set[Right]:
    # Consumers are named after their service (`registry-…`), and their groups after them.
    return {Right(principal, Resource.GROUP, f"{principal}-", Pattern.PREFIXED, each) for each in _READS}


class AccessSettings(BaseSettings):
    """Where the broker is, as whom to change it, and the passwords to be set (environment, ``KHOPSO_KAFKA_…``)."""

    model_config = SettingsConfigDict(
        env_prefix="KHOPSO_KAFKA_", extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    bootstrap: str
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    username: str | None = None
    password: SecretStr | None = None
    ca_file: FilePath | None = None
    passwords: dict[ServiceName, SecretStr] = Field(min_length=len(SERVICES))
    units: dict[PrincipalName, UnitClient] = {}

    @field_validator("units")
    @classmethod
    def _no_service(cls, value: dict[str, UnitClient]) -> dict[str, UnitClient]:
        # Under the name of a service a unit would have the service's rights.
        if set(value) & set(SERVICES):
            raise ValueError("a unit's software may not have the name of a service")
        return value

    def credentials(self) -> dict[str, str]:
        """Return the password of every principal."""
        services = {str(name): secret.get_secret_value() for name, secret in self.passwords.items()}
        return services | {name: unit.password.get_secret_value() for name, unit in self.units.items()}


def shown(rights: Iterable[Right]) -> str:
    """Return rights as text: principal, resource, name (with * where it is a beginning), operations."""
    lines: dict[tuple[str, str, str], list[str]] = {}
    for right in rights:
        name = right.name + ("*" if right.pattern is Pattern.PREFIXED else "")
        lines.setdefault((right.principal, right.resource.name, name), []).append(right.operation.name)
    return "".join(f"{' '.join(place)}: {', '.join(done)}\n" for place, done in lines.items())


def main(arguments: list[str]) -> int:
    """Run the command; return the exit status."""
    if arguments == ["show"]:
        sys.stdout.write(shown(all_rights({})))
        return 0
    if arguments != ["apply"]:
        sys.stderr.write("usage: python -m deploy.kafka.access show | apply\n")
        return 2
    # Only here: printing the rights needs no Kafka client.
    from deploy.kafka.access_admin import apply

    try:
        settings = AccessSettings()  # from the environment
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False, include_input=False, include_context=False):
            name = "_".join(str(part) for part in error["loc"])
            sys.stderr.write(f"KHOPSO_KAFKA_{name.upper()}: {error['msg']}\n")
        return 78
    done = asyncio.run(apply(settings))
    sys.stdout.write(f"users {done.users}, rights given {done.given}, taken away {done.taken}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
