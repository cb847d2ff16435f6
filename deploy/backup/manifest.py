"""What a back-up consists of: `manifest.json`, written last, with the digest of every other file."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from deploy.backup.events import Events, Outbox
from deploy.embedded import write_private

MANIFEST_FILE = "manifest.json"
SECRETS_FILE = "secrets.jwe"
CHAIN_FILE = "closing-chain.json"


class DamagedBackupError(ValueError):
    """The folder is no back-up, or not as it was made. ``file`` names what is wrong, ``why`` is one of three words."""

    def __init__(self, file: str, why: Literal["missing", "unreadable", "changed"]) -> None:
        self.file = file
        self.why = why
        super().__init__(f"{file}: {why}")


class ServiceDump(BaseModel):
    """One database: when its snapshot was taken, the rows of each table in it, and the events of its outbox."""

    file: str
    at: datetime
    rows: dict[str, int]
    outbox: Outbox


class Evidence(BaseModel):
    """What the restored stack is compared with.

    ``figures``: answers of reporting, each with its question; ``figures_known``: answers to the same questions as known at
    ``known_at``, the instant at which the back-up began. ``folded``: the events of records that were in these answers, by
    form; ``links``: the outbox from which persons were linked in them. What the dumped outboxes hold beyond these may
    change an answer, and nothing else may. ``quiet``: nobody handed in from before the figures were asked until the last
    database was dumped, so the restored figures must equal them. ``closings``: how many of the chain are in the dump.
    """

    quiet: bool
    known_at: datetime
    folded: dict[str, Events]
    links: Outbox
    figures: list[dict[str, Any]]
    figures_known: list[dict[str, Any]]
    closings: int
    chain_head: str | None


class Manifest(BaseModel):
    """The content of `manifest.json`. ``files``: name → SHA-256 in hex. ``office_key``: thumbprint (RFC 7638).

    ``log_epochs``: service → topic → partition → the epoch of the log that its relay wrote to. A restored stack is on a log
    of its own: as long as a relay knows one of these, it has not begun to fill the new one.
    """

    format: Literal["khopso-backup-1"] = "khopso-backup-1"
    made_at: datetime
    version: str
    province: str
    generation: int | None
    services: dict[str, ServiceDump]
    evidence: Evidence
    log_epochs: dict[str, dict[str, dict[str, str]]]
    office_key: str
    files: dict[str, str]

    def content(self) -> str:
        """Return the text of `manifest.json`."""
        return self.model_dump_json(indent=2) + "\n"

    def digest(self) -> str:
        """Return the SHA-256 of the manifest: it names the back-up."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def dump_file(service: str) -> str:
    """Return the name of the file of a service's database."""
    return f"{service}.dump"


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest in one step: a folder with one is a whole back-up."""
    write_private(folder / MANIFEST_FILE, manifest.content())


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest after a look at every file that it names; DamagedBackupError where one is not as it was."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DamagedBackupError(MANIFEST_FILE, "missing") from None
    except (ValidationError, UnicodeDecodeError):
        raise DamagedBackupError(MANIFEST_FILE, "unreadable") from None
    wanted = {SECRETS_FILE, CHAIN_FILE, *(each.file for each in manifest.services.values())}
    for name in sorted(wanted | manifest.files.keys()):
        # A name is one of this folder: a manifest must not send anybody elsewhere.
        if not (folder / name).is_file() or Path(name).name != name:
            raise DamagedBackupError(name, "missing")
        if manifest.files.get(name) != digest(folder / name):
            raise DamagedBackupError(name, "changed")
    return manifest
