"""A unit's own software: hands registers in over Kafka, encrypted to the service that owns the form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from joserfc import jwe, jwk

from deploy.embedded import Broker, Issuer
from tests.support.stack.harness import owner_of
from tests.support.stack.keeping import unit_of
from tests.support.stack.log import Headers, Record, put, read
from tests.support.stack.parts import wait_for

OUTCOMES = "submissions.outcomes"
_POLICE = "police:30"
_REPLY_KEY = jwk.ECKey.generate_key("P-256")
"""To which outcomes are encrypted: one key of all senders, so that another process of a unit can read them."""
_HEADERS: Headers = (("content-type", b"application/cloudevents+json"),)


class Reached(Protocol):
    """What a unit needs of the stack that it hands in to: the services, the issuer of its tokens, and the broker."""

    @property
    def issuer(self) -> Issuer: ...
    @property
    def bootstrap(self) -> str: ...
    @property
    def flavour(self) -> Broker: ...
    def get(self, service: str, path: str) -> Any: ...


@dataclass(slots=True)
class Sender:
    """Units' own software. Everything it sends has the same key, so it is applied in the order sent.

    Without ``unit``, each submission is of the unit that its first row is of.
    """

    province: Reached
    unit: str | None = None
    token: str | None = None

    @property
    def source(self) -> str:
        """Its name in CloudEvents."""
        return f"urn:unit:{self.unit or _POLICE}"

    def seal(
        self,
        submission: str,
        form: str,
        rows: Sequence[Mapping[str, object]],
        service: str | None = None,
    ) -> str:
        """Rows of a form as compact JWE under the service's public key, bound to the id of the submission."""
        document = self.province.get(service or owner_of(form), "/v1/submission-key")
        key = jwk.import_key(document.get("keys", [document])[0], "EC")
        unit = self.unit or (unit_of(form, rows[0]) if rows else _POLICE)
        content = {
            "source": self.source,
            "id": submission,
            "form": form,
            "unit": unit,
            "token": self.token or self.province.issuer.mint(unit, "clerk"),
            "rows": [{"row": number, "values": values} for number, values in enumerate(rows, 2)],
            "reply_to": _REPLY_KEY.as_dict(private=False),
        }
        protected = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}
        return jwe.encrypt_compact(protected, json.dumps(content).encode(), key)

    def record(self, submission: str, form: str, rows: Sequence[Mapping[str, object]]) -> Record:
        """The CloudEvent of a submission as it goes on its topic."""
        event = {
            "specversion": "1.0",
            "id": submission,
            "source": self.source,
            "type": "khopso.submission.v1",
            "data": {"jwe": self.seal(submission, form, rows)},
        }
        return Record(
            f"submissions.{owner_of(form)}", orjson.dumps(event), (self.unit or _POLICE).encode(), _HEADERS
        )

    def send(self, *records: Record) -> None:
        put(self.province.bootstrap, records)

    def outcomes(self, wanted: Sequence[str], deadline: float = 120.0) -> dict[str, list[dict[str, Any]]]:
        """The outcomes of the submissions, opened, once each has one; more than one event of an outcome are all listed."""

        def arrived() -> dict[str, list[dict[str, Any]]] | None:
            found: dict[str, list[dict[str, Any]]] = {name: [] for name in wanted}
            seen = set()
            for record in read(self.province.bootstrap, [OUTCOMES], self.province.flavour):
                event = orjson.loads(record.value or b"{}")
                name = event.get("data", {}).get("submission")
                if name in found and event["id"] not in seen:
                    seen.add(event["id"])
                    found[name].append(self._opened(event))
            return found if all(found.values()) else None

        answer: dict[str, list[dict[str, Any]]] = wait_for(
            arrived, deadline, f"outcomes of {len(wanted)} submissions"
        )
        return answer

    @staticmethod
    def _opened(event: dict[str, Any]) -> dict[str, Any]:
        """The event with its data decrypted; what was refused before its seal was opened is in clear."""
        if "jwe" not in event["data"]:
            return event
        opened = jwe.decrypt_compact(event["data"]["jwe"], _REPLY_KEY).plaintext
        return {**event, "data": orjson.loads(opened or b"{}")}
