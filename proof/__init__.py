"""What proves a closing, a publication or an audit offline: canonical JSON, hash chain, signature."""

from proof.audit import FIELDS, HEAD_FORMAT, Broken, check_rows, head_of, is_signed, row_hash
from proof.canonical_json import NotCanonicalError, canonical, digest, read_json
from proof.closing import (
    CHAIN_FORMAT,
    FORMAT,
    GENESIS,
    Document,
    PublicKey,
    Sign,
    chain_of,
    check_chain,
    check_closing,
    check_membership,
    check_reference,
    content_of,
    entry_of,
    is_reference,
    link_of,
    public_key,
    reference,
    seal,
)
from proof.embedded import references_in
from proof.findings import DAMAGES, Finding, damage_of
from proof.publication import PUBLICATION_FORMAT, SUFFIX, check_publication, publish
from proof.signing import parse_signing_key

__all__ = [
    "CHAIN_FORMAT",
    "DAMAGES",
    "FIELDS",
    "FORMAT",
    "GENESIS",
    "HEAD_FORMAT",
    "PUBLICATION_FORMAT",
    "SUFFIX",
    "Broken",
    "Document",
    "Finding",
    "NotCanonicalError",
    "PublicKey",
    "Sign",
    "canonical",
    "chain_of",
    "check_chain",
    "check_closing",
    "check_membership",
    "check_publication",
    "check_reference",
    "check_rows",
    "content_of",
    "damage_of",
    "digest",
    "entry_of",
    "head_of",
    "is_reference",
    "is_signed",
    "link_of",
    "parse_signing_key",
    "public_key",
    "publish",
    "read_json",
    "reference",
    "references_in",
    "row_hash",
    "seal",
]
