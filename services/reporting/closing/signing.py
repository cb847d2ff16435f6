"""The office's key (Ed25519): the private key is in the settings, the public key is served to everybody for verification."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass(frozen=True, slots=True)
class OfficeKey:
    """Signs closings. Every entry contains the ``key_id``, so that old entries can be verified after a change of keys."""

    key_id: str
    private: Ed25519PrivateKey

    def sign(self, data: bytes) -> bytes:
        """Return the signature (RFC 8032, 64 bytes)."""
        return self.private.sign(data)

    def public_pem(self) -> str:
        """Return the public key as PEM."""
        return (
            self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        )
