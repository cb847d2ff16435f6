"""Secrets of a back-up: files encrypted to the office's public key (JWE, RFC 7516), which alone can open them again."""

import base64
import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from joserfc import jwe, jwk
from joserfc.errors import JoseError

_HEADER = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "cty": "khopso-secrets-1"}


class OfficeKeyError(ValueError):
    """The key is none of the office's, or not the one that the secrets were encrypted to; the message holds no key."""


def seal_files(files: Mapping[str, bytes], public_pem: bytes) -> str:
    """Return the files as one text that only the holder of the private key can read."""
    content = {name: base64.b64encode(data).decode() for name, data in files.items()}
    return jwe.encrypt_compact(_HEADER, json.dumps(content).encode(), _public(public_pem))


def open_files(sealed: str, private_pem: bytes) -> dict[str, bytes]:
    """Return name → content of what `seal_files` sealed; OfficeKeyError where this is not the key."""
    try:
        if not isinstance(load_pem_private_key(private_pem, None), EllipticCurvePrivateKey):
            raise OfficeKeyError("not an EC private key")
        opened = jwe.decrypt_compact(sealed, jwk.import_key(private_pem, "EC"))
        content = json.loads(opened.plaintext or b"")
        return {str(name): base64.b64decode(data) for name, data in content.items()}
    except (JoseError, ValueError, TypeError) as refused:
        raise OfficeKeyError(type(refused).__name__) from None


def thumbprint(public_pem: bytes) -> str:
    """Return the thumbprint of the key (RFC 7638), by which the office finds the private half years later."""
    return _public(public_pem).thumbprint()


def _public(pem: bytes) -> jwk.ECKey:
    """Return the public key of a PEM; OfficeKeyError where it is none. A private one is refused: it belongs elsewhere."""
    try:
        if not isinstance(load_pem_public_key(pem), EllipticCurvePublicKey):
            raise OfficeKeyError("not an EC public key")
        key = jwk.import_key(pem, "EC")
    except (JoseError, ValueError, TypeError) as refused:
        raise OfficeKeyError(type(refused).__name__) from None
    assert isinstance(key, jwk.ECKey)
    return key
