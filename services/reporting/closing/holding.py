"""Hold a file to the closings that there are: a closing as it was exported, or a published file with the office's proof of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from proof import (
    DAMAGES,
    FORMAT,
    PUBLICATION_FORMAT,
    Finding,
    NotCanonicalError,
    PublicKey,
    canonical,
    check_closing,
    check_publication,
    check_reference,
    digest,
    entry_of,
    public_key,
    read_json,
    references_in,
)
from services.chassis.platform import Platform
from services.chassis.problems import Problem
from services.reporting.closing import usecases
from services.reporting.closing.domain import CellKey, differing
from services.reporting.closing.ordering import office_key
from services.reporting.figures import QueryService, Reader

Kind = Literal["closing", "published", "proof", "report", "unproved", "unknown"]
"""What a file is: a closing as it was exported; a file with its proof; a proof without its file; a report that names its
closing, without its proof; any other file without a proof; what cannot be read as what it says it is.
"""
MOST_CELLS = 50
"""Numbers that are named where a file says others than the closing."""
_MOST_UNPACKED = 50_000_000
"""Bytes that a report may grow to when it is unpacked; the largest that are made here grow to a tenth."""
_BAD = (KeyError, TypeError, AttributeError, ValueError, RecursionError)


@dataclass(frozen=True, slots=True)
class Changed:
    """A number that the file says otherwise than the closing; None where one of them has none."""

    key: CellKey
    closed: object
    said: object


@dataclass(frozen=True, slots=True)
class Held:
    """What a file is, the edition that it names where there is one, and everything that does not hold.

    ``sha256`` is that of the file's bytes; ``named`` the number of the closing as the file says it.
    """

    kind: Kind
    sha256: str
    findings: tuple[Finding, ...]
    closing: Mapping[str, Any] | None = None
    changed: tuple[Changed, ...] = ()

    @property
    def same(self) -> bool:
        """Return whether the file is what the office closed or published; a proof alone says nothing of a file."""
        return self.kind in ("closing", "published") and self.genuine

    @property
    def lacks_proof(self) -> bool:
        """Return whether only the proof of the file would say anything of it: what it says of itself holds."""
        return self.kind == "unproved" or (self.kind == "report" and self.genuine)

    @property
    def genuine(self) -> bool:
        """Return whether a closing of this office is named and nothing of the file contradicts it."""
        return self.closing is not None and not self.findings


@dataclass(frozen=True, slots=True)
class _Read:
    """A file by itself: what it is, which closing it names with which link of the chain, and what contradicts itself."""

    held: Held
    names: str
    entry: Mapping[str, Any] | None
    document: Mapping[str, Any]


async def hold(
    platform: Platform, queries: QueryService, reader: Reader, file: bytes, proof: bytes | None
) -> Held:
    """Return what a file is held against the closings of this office; ``proof``: the office's statement about the file.

    Which numbers differ is told to whoever may open the closing.

    Raises:
        Problem: 503 where the settings have no key of the office.
    """
    key = public_key(office_key(platform).public_pem().encode())
    # Beside the event loop: a file may be as long as a request may be.
    try:
        read = await asyncio.to_thread(_read, file, proof, key)
    except RecursionError:
        return Held("unknown", digest(file), (Finding("closing_unreadable", {}),))
    if read.entry is None:
        return read.held
    listed = {one["id"]: one for one in await usecases.listed(platform)}
    closing = listed.get(read.names)
    number = read.entry.get("number")
    if closing is None:
        missing = Finding("closing_not_in_chain", {"number": number, "length": len(listed)})
        return replace(read.held, findings=(*read.held.findings, missing))
    held = replace(read.held, closing=closing)
    if digest(canonical(read.entry)) != closing["entry_hash"]:
        held = replace(held, findings=(*held.findings, Finding("closing_other_in_chain", {"number": number})))
    if held.kind == "closing" and held.findings:
        return replace(held, changed=await _changed(platform, queries, reader, read))
    return held


def _read(file: bytes, proof: bytes | None, key: PublicKey) -> _Read:
    held, document = Held("unknown", digest(file), ()), _document(file)
    if proof is not None:
        return _published(held, _document(proof), file, key)
    if document.get("format") == PUBLICATION_FORMAT:
        return _published(held, document, None, key)
    if document.get("format") != FORMAT:
        return _unproved(held, file, key)
    findings = check_closing(document, key)
    try:
        entry = entry_of(document)
        # The same content in other bytes is not the document that was sealed.
        if canonical(document) != file:
            findings.append(Finding("closing_not_canonical", {}))
    except (KeyError, NotCanonicalError):
        return _Read(replace(held, findings=tuple(findings)), "", None, {})
    made = replace(held, kind="closing", findings=tuple(findings))
    return _Read(made, str(document["id"]), entry, document)


def _unproved(held: Held, file: bytes, key: PublicKey) -> _Read:
    """Return what a file says of itself without a proof: a report names its closing, whatever else was changed in it."""
    references = references_in(file, _MOST_UNPACKED)
    if not references:
        return _Read(replace(held, kind="unproved"), "", None, {})
    first, *others = references
    findings = check_reference(first, key)
    # A report that refers to two closings could show the numbers of one under the signature of the other.
    if any(other != first for other in others):
        findings.append(Finding("closing_reference_mixed", {"closing": first["closing_id"]}))
    whole = not any(one.rule in DAMAGES for one in findings)
    made = replace(held, kind="report", findings=tuple(findings))
    return _Read(made, str(first["closing_id"]), dict(first["chain_entry"]) if whole else None, first)


def _published(held: Held, proof: Mapping[str, Any], file: bytes | None, key: PublicKey) -> _Read:
    entry = proof.get("chain_entry")
    if proof.get("format") != PUBLICATION_FORMAT or not isinstance(entry, Mapping):
        return _Read(replace(held, findings=(Finding("page.closing.proof_unknown", {}),)), "", None, {})
    findings = check_publication(proof, file, key)
    # What the statement says is canonical where its check said nothing else; otherwise nothing more is asked of it.
    whole = not any(one.rule in DAMAGES for one in findings)
    made = replace(held, kind="proof" if file is None else "published", findings=tuple(findings))
    return _Read(made, str(proof.get("closing_id")), dict(entry) if whole else None, proof)


def _document(data: bytes) -> Mapping[str, Any]:
    try:
        found = read_json(data)
    except _BAD:
        return {}
    return found if isinstance(found, dict) else {}


async def _changed(
    platform: Platform, queries: QueryService, reader: Reader, read: _Read
) -> tuple[Changed, ...]:
    try:
        sealed = read_json(await usecases.show(platform, queries, reader, UUID(read.names)))
        found = differing(sealed["cells"], read.document["cells"])
        return tuple(
            Changed(key, None if old is None else old.get("value"), None if new is None else new.get("value"))
            for key, old, new in found[:MOST_CELLS]
        )
    except Problem as refused:
        if refused.status != 403:
            raise
    except _BAD:
        # A file that somebody wrote by hand may say anything in its cells: that it is not the closing is told already.
        pass
    return ()
