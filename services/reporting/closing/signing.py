"""The office's key: Ed25519, private half in the settings, public half served to whoever wants to verify."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass(frozen=True, slots=True)
class OfficeKey:
    """Signs closings. ``key_id`` is stated in every entry, so that a later key does not make old ones doubtful."""

    key_id: str
    private: Ed25519PrivateKey

    def sign(self, data: bytes) -> bytes:
        """Return the signature (RFC 8032, 64 bytes)."""
        return self.private.sign(data)

    def public_pem(self) -> str:
        """Return the public half as PEM."""
        return (
            self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        )
