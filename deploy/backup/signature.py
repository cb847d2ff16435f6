"""The signature of a back-up: who made its manifest, and so every file that the manifest names by digest.

Digests alone prove nothing: whoever changes a dump can write the manifest anew. The key is the one that signs closings
(Ed25519); its public half has to be kept where the back-ups are not.
"""

from base64 import b64decode, b64encode
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidSignature
from pydantic import SecretStr

from deploy.backup.manifest import MANIFEST_FILE, Manifest, write_manifest
from deploy.embedded import write_private
from proof import PublicKey, Sign, parse_signing_key

SIGNATURE_FILE = "manifest.sig"
# What the same key signs elsewhere (closings, publications) can never be taken for a back-up.
_CONTEXT = b"khopso-backup-signature-1\n"


class SignatureError(ValueError):
    """The manifest is not signed by this key. ``why``: there is no signature, or it is not one of these bytes and key."""

    def __init__(self, why: Literal["unsigned", "foreign"]) -> None:
        self.why = why
        super().__init__(why)


def signing_by(private: bytes) -> tuple[Sign, str]:
    """Return what signs with a private key (PKCS#8 PEM), and the fingerprint of its public half; ValueError for another."""
    key = parse_signing_key(SecretStr(private.decode("ascii", "replace")))
    return key.sign, PublicKey((key.public_key(),)).fingerprints[0]


def write_signed(folder: Path, manifest: Manifest, sign: Sign) -> None:
    """Write the signature, then the manifest in one step: a folder with a manifest is a whole back-up."""
    signature = b64encode(sign(_CONTEXT + manifest.content().encode())).decode()
    write_private(folder / SIGNATURE_FILE, signature + "\n")
    write_manifest(folder, manifest)


def check_signature(folder: Path, signer: PublicKey) -> None:
    """Raise SignatureError unless one of the signer's keys signed the manifest as it lies in the folder."""
    try:
        signature = (folder / SIGNATURE_FILE).read_bytes()
    except FileNotFoundError:
        raise SignatureError("unsigned") from None
    try:
        signer.verify(
            b64decode(signature.strip(), validate=True), _CONTEXT + (folder / MANIFEST_FILE).read_bytes()
        )
    except (InvalidSignature, ValueError):
        raise SignatureError("foreign") from None
