"""A closed period as a document that anyone can check offline: canonical form, hash, chain and signature.

A closing is one JSON object. Its *content* is everything but the proof (``PROOF``); the content's canonical form
(RFC 8785, numbers only whole ones, decimals as text) is hashed with SHA-256. A small *entry* carries that hash, the
hash of the entry before, the official and the instant; the entry is hashed into the office's one chain and signed
with the office's Ed25519 key (RFC 8032) over its canonical form. The service seals with the same code that
``khopso verify`` checks with.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from proof.canonical_json import NotCanonicalError, canonical, digest
from proof.findings import Finding, as_list, as_object, damage_of

Document = Mapping[str, Any]
Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of the office's key and, where it had others before, of those: one of them must have signed."""

    halves: tuple[Ed25519PublicKey, ...]

    def verify(self, signature: bytes, data: bytes) -> None:
        """InvalidSignature unless one of the keys made the signature over the data."""
        # An office may change its key; what it signed with the old one must still hold.
        for half in self.halves[:-1]:
            with suppress(InvalidSignature):
                return half.verify(signature, data)
        # The last key's refusal is that of all.
        return self.halves[-1].verify(signature, data)

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """SHA-256 of each key's 32 bytes, in hexadecimal: what two people compare over the telephone."""
        return tuple(digest(half.public_bytes_raw()) for half in self.halves)


FORMAT = "khopso.closing.v1"
ENTRY_FORMAT = "khopso.closing-entry.v1"
CHAIN_FORMAT = "khopso.closing-chain.v1"
GENESIS = "0" * 64
"""The ``previous_hash`` of the first closing of an office."""
PROOF = ("number", "content_hash", "previous_hash", "entry_hash", "signature", "key_id")
"""What a closing says about itself besides its content."""
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)


def content_of(document: Document) -> dict[str, Any]:
    """Return what of a closing is hashed: all but the proof."""
    return {name: value for name, value in document.items() if name not in PROOF}


def entry_of(document: Document) -> dict[str, Any]:
    """Return a closing's link of the chain: what is hashed for the next link and signed.

    Raises:
        KeyError: the document is no closing.
    """
    return {
        "format": ENTRY_FORMAT,
        "number": document["number"],
        "closing": document["id"],
        "edition": document["edition"],
        "supersedes": document["supersedes"],
        "official": document["official"],
        "closed_at": document["closed_at"],
        "content_hash": document["content_hash"],
        "previous_hash": document["previous_hash"],
        "key_id": document["key_id"],
    }


def seal(content: Document, number: int, previous_hash: str, key_id: str, sign: Sign) -> dict[str, Any]:
    """Return the closing: the content with its hash, its place in the chain and the office's signature."""
    document = {
        **content,
        "number": number,
        "content_hash": digest(canonical(content)),
        "previous_hash": previous_hash,
        "key_id": key_id,
    }
    entry = canonical(entry_of(document))
    document["entry_hash"] = digest(entry)
    document["signature"] = b64encode(sign(entry)).decode()
    return document


def reference(document: Document) -> dict[str, Any]:
    """Return what a published report carries to say which closing its numbers are from."""
    return {
        "closing_id": document["id"],
        "content_hash": document["content_hash"],
        "chain_entry": entry_of(document),
        "signature": document["signature"],
    }


def is_reference(value: Any) -> bool:
    """Return whether a value is a report's reference to a closing."""
    return isinstance(value, Mapping) and {"closing_id", "content_hash", "chain_entry", "signature"} <= set(
        value
    )


def public_key(pem: bytes) -> PublicKey:
    """Return the office's public key from its PEM, or its keys from several of them in a row; ValueError for anything else."""
    halves = []
    for block in _PEM.findall(pem) or [pem]:
        key = load_pem_public_key(block)
        # The check of signatures is Ed25519's alone: with a key of another kind nothing could be verified.
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("not an Ed25519 public key")
        halves.append(key)
    return PublicKey(tuple(halves))


def check_closing(document: Document, key: PublicKey | None) -> list[Finding]:
    """Return everything about one closing that does not hold; without a key the signature is not looked at."""
    try:
        found = []
        if document.get("format") != FORMAT:
            return [Finding("closing_file_unknown", {})]
        if digest(canonical(content_of(document))) != document["content_hash"]:
            found.append(Finding("closing_content_changed", {"closing": document["id"]}))
        return found + check_entry(entry_of(document), document["entry_hash"], document["signature"], key)
    except (KeyError, NotCanonicalError, TypeError, AttributeError) as damaged:
        return [damage_of(damaged)]


def check_reference(given: Document, key: PublicKey | None) -> list[Finding]:
    """Return everything about a report's reference that does not hold."""
    try:
        entry = as_object(given["chain_entry"], "chain_entry")
        found = []
        # A reference repeats what its entry says: a forger could exchange one of the two and keep the signature.
        if entry["closing"] != given["closing_id"] or entry["content_hash"] != given["content_hash"]:
            found.append(Finding("closing_reference_mixed", {"closing": given["closing_id"]}))
        return found + check_entry(entry, None, given["signature"], key)
    except (KeyError, NotCanonicalError, TypeError, ValueError) as damaged:
        return [damage_of(damaged)]


def check_entry(
    entry: Document, entry_hash: str | None, signature: str, key: PublicKey | None
) -> list[Finding]:
    """Return whether an entry has the hash and the signature that it is said to have."""
    data = canonical(dict(entry))
    found = []
    if entry_hash is not None and digest(data) != entry_hash:
        found.append(Finding("closing_entry_changed", {"number": entry["number"]}))
    if key is not None and not signed(data, signature, key):
        found.append(Finding("closing_signature_wrong", {"number": entry["number"], "key": entry["key_id"]}))
    return found


def signed(data: bytes, signature: str, key: PublicKey) -> bool:
    """Return whether the signature (base64, in its one spelling) is the key's over the data."""
    try:
        raw = b64decode(signature, validate=True)
        # The last character of base64 has bits that decode to nothing; a signature has one spelling only.
        if b64encode(raw).decode() != signature:
            return False
        key.verify(raw, data)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def link_of(document: Document) -> dict[str, Any]:
    """Return a closing's link as a chain file lists it: the entry with its hash and signature."""
    return {
        "entry": entry_of(document),
        "entry_hash": document["entry_hash"],
        "signature": document["signature"],
    }


def chain_of(links: Iterable[Document]) -> dict[str, Any]:
    """Return a chain file: every link of the office, first to last."""
    listed = list(links)
    return {"format": CHAIN_FORMAT, "length": len(listed), "links": listed}


def check_chain(chain: Document, key: PublicKey | None) -> list[Finding]:
    """Return everything about a chain that does not hold: a changed, missing, inserted or exchanged link is named."""
    try:
        links = as_list(chain["links"], "links")
        found = []
        previous = GENESIS
        for number, link in enumerate(links, 1):
            entry = as_object(as_object(link, f"links[{number}]")["entry"], f"links[{number}].entry")
            if entry["number"] != number:
                found.append(Finding("closing_chain_order", {"number": number, "found": entry["number"]}))
            if entry["previous_hash"] != previous:
                found.append(Finding("closing_chain_broken", {"number": number}))
            found += check_entry(entry, link["entry_hash"], link["signature"], key)
            # Computed again from the entry: the hash that the file states is what a forger would change.
            previous = digest(canonical(dict(entry)))
        # A cut-off tail leaves a sound chain: within the file only the stated length contradicts it.
        if chain["length"] != len(links):
            found.append(Finding("closing_chain_length", {"length": chain["length"], "found": len(links)}))
        return found
    except (KeyError, NotCanonicalError, TypeError, ValueError) as damaged:
        return [damage_of(damaged)]


def check_membership(entry: Document, chain: Document) -> list[Finding]:
    """Return whether the chain has exactly this entry at its place. A chain whose tail was cut off does not."""
    number = entry.get("number")
    links = chain.get("links", [])
    if not isinstance(number, int) or not 1 <= number <= len(links):
        return [Finding("closing_not_in_chain", {"number": number, "length": len(links)})]
    if links[number - 1].get("entry") != dict(entry):
        return [Finding("closing_other_in_chain", {"number": number})]
    return []
