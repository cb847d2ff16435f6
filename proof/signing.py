"""Private keys that sign: Ed25519, from the settings; they appear in no log and no error."""

from base64 import b64decode

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key
from pydantic import SecretStr


def parse_signing_key(secret: SecretStr) -> Ed25519PrivateKey:
    """Return the private key from PEM (PKCS#8), or from the PEM's body alone on one line; ValueError that shows no key."""
    text = secret.get_secret_value().strip()
    try:
        key = (
            load_pem_private_key(text.encode(), None)
            if text.startswith("-----")
            else load_der_private_key(b64decode(text, validate=True), None)
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # `from None`: the error of the library may quote what it was given, and that is the private key.
        raise ValueError("must be an Ed25519 private key, PKCS#8 as PEM or its body on one line") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("must be an Ed25519 private key")
    return key
