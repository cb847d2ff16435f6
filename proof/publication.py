"""A published file and the closing that it was made from: signed together, so that any byte of the file can be held to it.

A report is a workbook, a PDF, a text document; none of them can carry the hash of itself. The office therefore signs a
small statement beside the file (``<file>.proof.json``): the file's SHA-256, who published it when, and the closing's
link of the chain with its own signature.
"""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from proof.canonical_json import NotCanonicalError, canonical, digest
from proof.closing import Document, PublicKey, Sign, check_reference, reference, signed
from proof.findings import Finding, damage_of

PUBLICATION_FORMAT = "khopso.publication.v1"
SUFFIX = ".proof.json"
"""Added to the published file's name."""


def publish(
    closing: Document, *, file: str, sha256: str, at: str, official: Mapping[str, Any], sign: Sign
) -> dict[str, Any]:
    """Return the statement that a file with this hash was published from the closing. ``at``: RFC 3339."""
    statement: dict[str, Any] = {
        "format": PUBLICATION_FORMAT,
        "file": file,
        "sha256": sha256,
        "published_at": at,
        "official": dict(official),
        **reference(closing),
    }
    return statement | {"publication_signature": b64encode(sign(canonical(statement))).decode()}


def check_publication(proof: Document, file: bytes | None, key: PublicKey | None) -> list[Finding]:
    """Return everything that does not hold between a file, the statement about it and the office's key.

    ``file`` None: only the statement is at hand.
    """
    try:
        found = list(check_reference(proof, key))
        # All but the signature is signed, the file's name and the instant too: none of it can be changed afterwards.
        statement = {name: value for name, value in proof.items() if name != "publication_signature"}
        data = canonical(statement)
        if proof["format"] != PUBLICATION_FORMAT:
            found.append(Finding("closing_file_unknown", {}))
        if key is not None and not signed(data, proof["publication_signature"], key):
            found.append(Finding("closing_publication_signature_wrong", {"file": proof["file"]}))
        if file is not None and digest(file) != proof["sha256"]:
            found.append(Finding("closing_published_file_changed", {"file": proof["file"]}))
        return found
    except (KeyError, NotCanonicalError, TypeError, AttributeError) as damaged:
        return [damage_of(damaged)]
