"""The embedded stack's secrets: made once per data directory, kept in one file of mode 0600."""

import base64
import hmac
import json
import secrets
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from joserfc import jwk
from pydantic import BaseModel

from deploy.embedded.files import write_private
from deploy.embedded.state import PERSON_SERVICES, SERVICES


class ServiceSecrets(BaseModel):
    """One service's own: nobody else can open its database, its stored identities or what is handed in to it."""

    database_password: str
    field_keys: dict[str, str]
    field_key_current: str
    submission_private_key: str
    digest_key: str

    @classmethod
    def fresh(cls, service: str) -> Self:
        submission = jwk.generate_key(
            "EC", "P-256", {"use": "enc", "alg": "ECDH-ES+A256KW"}, private=True, auto_kid=True
        )
        return cls(
            database_password=secrets.token_urlsafe(32),
            field_keys=_fresh_field_keys(service),
            field_key_current=f"{service}-1",
            submission_private_key=json.dumps(submission.as_dict(private=True)),
            digest_key=secrets.token_urlsafe(48),
        )


class GatewaySecrets(BaseModel):
    """The gateway's own: its database, and the keys under which it keeps people's tokens."""

    database_password: str
    field_keys: dict[str, str]
    field_key_current: str

    @classmethod
    def fresh(cls) -> Self:
        return cls(
            database_password=secrets.token_urlsafe(32),
            field_keys=_fresh_field_keys("gateway"),
            field_key_current="gateway-1",
        )


class StackSecrets(BaseModel):
    """All of a stack.

    The linkage secret is the province's and reaches the hashing process alone; ``linkage_epoch`` is its number, and
    ``linkage_secret_next`` the one that takes its place, during a rotation. ``hashing_keys`` are those by which this
    process knows the services that may ask it.
    """

    linkage_secret: str
    linkage_epoch: int = 1
    linkage_secret_next: str | None = None
    hashing_keys: dict[str, str]
    services: dict[str, ServiceSecrets]
    gateway: GatewaySecrets

    @classmethod
    def fresh(cls) -> Self:
        return cls(
            linkage_secret=secrets.token_urlsafe(48),
            hashing_keys=_fresh_hashing_keys(),
            services={service: ServiceSecrets.fresh(service) for service in SERVICES},
            gateway=GatewaySecrets.fresh(),
        )


def _fresh_field_keys(owner: str) -> dict[str, str]:
    return {f"{owner}-1": base64.b64encode(secrets.token_bytes(32)).decode()}


def _fresh_hashing_keys() -> dict[str, str]:
    return {service: secrets.token_urlsafe(48) for service in PERSON_SERVICES}


def fresh_signing_key() -> str:
    """Return a new key that signs: Ed25519, PKCS#8 PEM."""
    made = Ed25519PrivateKey.generate()
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def load_signing_key(path: Path, public: Path) -> str:
    """Return the signing key in `path`, made on first use (mode 0600); its public half is written beside it for all."""
    if not path.exists():
        write_private(path, fresh_signing_key())
    pem = path.read_text(encoding="utf-8")
    key = load_pem_private_key(pem.encode(), None)
    shown = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    # A public half that was lost or changed would make honest signatures look wrong to everybody who checks.
    if not public.exists() or public.read_text(encoding="utf-8") != shown:
        public.write_text(shown, encoding="utf-8")
    return pem


def load_secrets(path: Path) -> StackSecrets:
    """Return the secrets in `path`, made on first use; the file of an earlier release gets what it lacks."""
    if not path.exists():
        made = StackSecrets.fresh()
        _write(path, made)
        return made
    document = json.loads(path.read_text(encoding="utf-8"))
    lacking = [own for own in document["services"].values() if "digest_key" not in own]
    for own in lacking:
        own["digest_key"] = digest_key_of_before(document["linkage_secret"])
    added: dict[str, object] = {
        "hashing_keys": _fresh_hashing_keys(),
        "gateway": GatewaySecrets.fresh().model_dump(),
    }
    missing = added.keys() - document.keys()
    document |= {name: added[name] for name in missing}
    found = StackSecrets.model_validate(document)
    if lacking or missing:
        _write(path, found)
    return found


def begin_rotation(path: Path) -> None:
    """Make the linkage secret that takes the present one's place, unless there is one already."""
    found = load_secrets(path)
    if found.linkage_secret_next is None:
        _write(path, found.model_copy(update={"linkage_secret_next": secrets.token_urlsafe(48)}))


def end_rotation(path: Path) -> None:
    """Put the next linkage secret in the present one's place, which is forgotten; nothing where there is none."""
    found = load_secrets(path)
    if found.linkage_secret_next is not None:
        taken = {
            "linkage_secret": found.linkage_secret_next,
            "linkage_secret_next": None,
            "linkage_epoch": found.linkage_epoch + 1,
        }
        _write(path, found.model_copy(update=taken))


def give_up_rotation(path: Path) -> None:
    """Forget the next linkage secret."""
    _write(path, load_secrets(path).model_copy(update={"linkage_secret_next": None}))


def digest_key_of_before(linkage_secret: str) -> str:
    """Return the key under which digests were made until 0.2.0, which had no key of their own.

    With it stored digests stay valid, and the linkage secret cannot be computed from it.
    """
    made = hmac.digest(linkage_secret.encode(), b"intake.digest", "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _write(path: Path, made: StackSecrets) -> None:
    write_private(path, made.model_dump_json(indent=2) + "\n")
