"""The office's key: Ed25519, private half in the settings, public half served to whoever wants to verify."""

from base64 import b64decode
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)
from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class OfficeKey:
    """Signs closings. ``key_id`` is stated in every entry, so that a later key does not make old ones doubtful."""

    key_id: str
    private: Ed25519PrivateKey

    def sign(self, data: bytes) -> bytes:
        """The signature (RFC 8032, 64 bytes)."""
        return self.private.sign(data)

    def public_pem(self) -> str:
        """The public half as PEM."""
        return (
            self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        )


def parse_signing_key(secret: SecretStr) -> Ed25519PrivateKey:
    """The private key from PEM (PKCS#8), or from the PEM's body alone on one line; ValueError that shows no key."""
    text = secret.get_secret_value().strip()
    try:
        key = (
            load_pem_private_key(text.encode(), None)
            if text.startswith("-----")
            else load_der_private_key(b64decode(text, validate=True), None)
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("must be an Ed25519 private key, PKCS#8 as PEM or its body on one line") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("must be an Ed25519 private key")
    return key
