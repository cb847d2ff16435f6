"""Check a published file offline: a closing, a chain of closings, or a report that refers to a closing.

No service is called. The check needs only the file, the office's public key and, where available, the chain or a folder
of exported closings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from khopso.failure import Exit, FailureError
from khopso.report_figures import compare
from proof import (
    CHAIN_FORMAT,
    FORMAT,
    PUBLICATION_FORMAT,
    SUFFIX,
    Finding,
    NotCanonicalError,
    PublicKey,
    canonical,
    chain_of,
    check_chain,
    check_closing,
    check_membership,
    check_publication,
    check_reference,
    content_of,
    digest,
    entry_of,
    link_of,
    public_key,
    read_json,
    references_in,
)

KEY_BESIDE = "closing-key.pub.pem"
"""The file name under which the office's public key is looked for beside what is checked."""


@dataclass(slots=True)
class Checked:
    """What was found: the kind of file, what it is about, and everything that does not hold.

    ``figures`` says whether a report's numbers were compared with those of the closing itself.
    """

    kind: str
    about: dict[str, Any]
    findings: list[Finding] = field(default_factory=list)
    signature: str = "not_checked"
    chain: str = "not_checked"
    figures: str = "not_checked"

    @property
    def held(self) -> Literal["file", "figures", "reference"]:
        """Return what of the file was looked at: every byte; a report's numbers; or only its reference, and nothing it says."""
        if self.kind != "report":
            return "file"
        return "figures" if self.figures == "checked" else "reference"

    @property
    def intact(self) -> bool:
        """Return whether everything that was looked at holds, and that was more than the reference."""
        return not self.findings and self.held != "reference"


def verify(path: Path, key: PublicKey | None, chain: Path | None) -> Checked:
    """Check a file.

    Raises:
        FailureError: exit 2 where a file is not there.
    """
    data = read_bytes(path)
    checked = _look(path, data, key)
    found = _figures(path, data, checked, chain)
    if found is not None:
        checked.findings += found
        checked.figures = "checked"
    if chain is not None:
        checked.findings += _against(checked, chain, key)
        checked.chain = "checked"
    if key is not None:
        checked.signature = "checked"
    return checked


def read_bytes(path: Path) -> bytes:
    """Return the file's bytes; FailureError (exit 2) where there is none."""
    try:
        return path.read_bytes()
    except OSError:
        raise FailureError(Exit.WRONG_USE, "file_missing", path=path) from None


def key_from(path: Path) -> PublicKey:
    """Return the public key in a PEM file; FailureError (exit 2) for anything else."""
    try:
        return public_key(read_bytes(path))
    except ValueError:
        raise FailureError(Exit.WRONG_USE, "closing_key_unreadable", path=path) from None


def _look(path: Path, data: bytes, key: PublicKey | None) -> Checked:
    proof = path.with_name(path.name + SUFFIX)
    if proof.is_file():
        return _published(_read(proof), data, key)
    try:
        document = read_json(data)
    except (ValueError, RecursionError):
        document = None
        # The file names one of our formats, so it is reported as damaged and not as a file of another kind.
        if any(name.encode() in data for name in (FORMAT, CHAIN_FORMAT, PUBLICATION_FORMAT)):
            return Checked("unknown", {}, [Finding("closing_unreadable", {})])
    if isinstance(document, dict) and document.get("format") == PUBLICATION_FORMAT:
        return _published(document, None, key)
    if isinstance(document, dict) and document.get("format") == FORMAT:
        return _closing(document, data, key)
    if isinstance(document, dict) and document.get("format") == CHAIN_FORMAT:
        return Checked("chain", {"length": document.get("length")}, check_chain(document, key))
    references = references_in(data)
    if not references:
        return Checked("unknown", {}, [Finding("closing_file_unknown", {})])
    found = [finding for given in references for finding in check_reference(given, key)]
    # A report that refers to two closings could show the numbers of one under the signature of the other.
    if any(given != references[0] for given in references):
        found.append(Finding("closing_reference_mixed", {"closing": references[0].get("closing_id")}))
    entry = references[0].get("chain_entry")
    return Checked("report", {"entry": entry, "closing": references[0].get("closing_id")}, found)


def _closing(document: dict[str, Any], data: bytes, key: PublicKey | None) -> Checked:
    found = check_closing(document, key)
    try:
        # The signature is over bytes: the same content written in other bytes is not the sealed document.
        if canonical(document) != data:
            found.append(Finding("closing_not_canonical", {}))
    except NotCanonicalError:
        pass  # reported already: its content has no canonical form
    about = {
        name: document.get(name)
        for name in ("id", "edition", "calendar", "period", "from", "to", "area", "figures", "known_at")
    }
    about |= {"closed_at": document.get("closed_at"), "official": document.get("official")}
    return Checked("closing", about | {"entry": _entry(document)}, found)


def _published(proof: Any, data: bytes | None, key: PublicKey | None) -> Checked:
    """Check a file against the office's statement about it (its proof)."""
    given = proof if isinstance(proof, dict) else {}
    about = {"entry": given.get("chain_entry"), "closing": given.get("closing_id")}
    about |= {name: given.get(name) for name in ("file", "published_at", "official")}
    return Checked("published file", about, check_publication(given, data, key))


def _entry(document: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        return entry_of(document)
    except KeyError:
        return None


def _against(checked: Checked, place: Path, key: PublicKey | None) -> list[Finding]:
    """Return the contradictions between the file and the office's chain."""
    chain = _chain(place)
    found = check_chain(chain, key)
    entry = checked.about.get("entry")
    if isinstance(entry, dict):
        found += check_membership(entry, chain)
    return found


def _figures(path: Path, data: bytes, checked: Checked, chain: Path | None) -> list[Finding] | None:
    """Return the numbers of a report that differ from its closing; None where there is no closing to compare with."""
    entry = checked.about.get("entry")
    if checked.kind not in ("report", "published file") or not isinstance(entry, dict):
        return None
    places = [*([chain] if chain is not None and chain.is_dir() else []), path.parent]
    sealed = str(entry.get("content_hash"))
    for candidate in (one for place in places for one in sorted(place.glob("*.json")) if one.is_file()):
        held = read_bytes(candidate)
        # Parsing every closing of a large folder is slow; a file without the hash cannot be the one.
        document = _read_data(held) if sealed.encode() in held else None
        if isinstance(document, dict) and document.get("format") == FORMAT and _is_content(document, sealed):
            return compare(data, document)
    return None


def _is_content(document: Mapping[str, Any], sealed: str) -> bool:
    """Return whether the hash in the signed entry is the hash of this document's content."""
    try:
        return digest(canonical(content_of(document))) == sealed
    except NotCanonicalError:
        return False


def _chain(place: Path) -> Mapping[str, Any]:
    """Return the chain from a file, or made of the closings exported into a folder."""
    if not place.is_dir():
        document = _read(place)
        if isinstance(document, dict) and document.get("format") == CHAIN_FORMAT:
            return document
        raise FailureError(Exit.WRONG_USE, "closing_chain_unreadable", path=place)
    links: dict[str, Mapping[str, Any]] = {}
    for path in sorted(place.glob("*.json")):
        document = _read(path)
        if isinstance(document, dict) and document.get("format") == CHAIN_FORMAT:
            return document
        if isinstance(document, dict) and document.get("format") == FORMAT and _entry(document) is not None:
            links[str(document["id"])] = link_of(document)
    if not links:
        raise FailureError(Exit.WRONG_USE, "closing_chain_unreadable", path=place)
    return chain_of(sorted(links.values(), key=lambda link: str(link["entry"]["number"]).zfill(12)))


def _read(path: Path) -> Any:
    return _read_data(read_bytes(path))


def _read_data(data: bytes) -> Any:
    try:
        return read_json(data)
    except (ValueError, RecursionError):
        return None
