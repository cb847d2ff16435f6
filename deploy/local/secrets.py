"""The embedded stack's secrets: made once per data directory, kept in one file of mode 0600."""

import base64
import json
import secrets
from pathlib import Path
from typing import Self

from joserfc import jwk
from pydantic import BaseModel

from deploy.local.files import write_private
from deploy.local.state import SERVICES


class ServiceSecrets(BaseModel):
    """One service's own: nobody else can open its database, its stored identities or what is handed in to it."""

    database_password: str
    field_keys: dict[str, str]
    field_key_current: str
    submission_private_key: str

    @classmethod
    def fresh(cls, service: str) -> Self:
        submission = jwk.generate_key(
            "EC", "P-256", {"use": "enc", "alg": "ECDH-ES+A256KW"}, private=True, auto_kid=True
        )
        return cls(
            database_password=secrets.token_urlsafe(32),
            field_keys={f"{service}-1": base64.b64encode(secrets.token_bytes(32)).decode()},
            field_key_current=f"{service}-1",
            submission_private_key=json.dumps(submission.as_dict(private=True)),
        )


class StackSecrets(BaseModel):
    """All of a stack. The linkage secret is the province's: the same for every service, or nobody would match."""

    linkage_secret: str
    services: dict[str, ServiceSecrets]

    @classmethod
    def fresh(cls) -> Self:
        return cls(
            linkage_secret=secrets.token_urlsafe(48),
            services={service: ServiceSecrets.fresh(service) for service in SERVICES},
        )


def load_secrets(path: Path) -> StackSecrets:
    """The secrets in `path`, made on first use."""
    if path.exists():
        return StackSecrets.model_validate_json(path.read_text(encoding="utf-8"))
    made = StackSecrets.fresh()
    write_private(path, made.model_dump_json(indent=2) + "\n")
    return made
