"""`khopso backup`: the four databases in one order, the secrets encrypted to the office, a manifest with the proof of all."""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.envelope import VIETNAM
from deploy.embedded import SERVICES, database_urls, read_secrets
from deploy.process import ProcessFailedError
from khopso.api import Api
from khopso.commands.figures import wait_current
from khopso.commands.options import Acting, AsJson, DataDir, operator
from khopso.console import Console
from khopso.evidence import ask_chain, ask_figures, ask_generation, ask_log_epochs
from khopso.failure import Exit, FailureError
from khopso.language import help_of, spoken
from khopso.settings import CliSettings, chosen_data_dir
from khopso.words import moment_shown
from proof import read_json
from reference import province

if TYPE_CHECKING:  # its database client is loaded by the command alone, not by every other one too
    from deploy.backup import Evidence, ServiceDump

_WAIT_SECONDS = 300.0


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=help_of("cli.backup.folder"))],
    key: Annotated[
        Path | None, typer.Option("--key", help=help_of("cli.backup.key", " (KHOPSO_BACKUP_KEY)"))
    ] = None,
    secrets: Annotated[
        list[Path] | None, typer.Option("--secrets", help=help_of("cli.backup.secrets"))
    ] = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Back up databases and secrets into an empty folder."""
    from deploy.backup import Manifest, OfficeKeyError, thumbprint, write_manifest

    console = Console(as_json)
    place, settings = chosen_data_dir(data_dir), CliSettings()
    public = read_key(key or settings.backup_key)
    try:
        office_key = thumbprint(public)
    except OfficeKeyError as wrong:
        raise FailureError(Exit.WRONG_USE, "backup_public_key", reason=wrong) from None
    given = given_databases(settings)
    kept = _secrets(place, given, secrets or [])
    _make_empty(folder)
    urls = given or database_urls(place)
    with Api(place, person=person) as api:
        evidence, services = _dump_all(console, api, folder, urls)
        generation = ask_generation(api.acting(operator()))
        log_epochs = {name: ask_log_epochs(api, name) for name in SERVICES}
    _write_secrets(folder, kept, public)
    manifest = Manifest(
        made_at=datetime.now(UTC),
        version=version("khopso"),
        province=province().area_uid,
        generation=generation,
        services=services,
        evidence=evidence,
        log_epochs=log_epochs,
        office_key=office_key,
        files=_digests(folder),
    )
    write_manifest(folder, manifest)
    document = manifest.model_dump(mode="json") | {"folder": str(folder), "digest": manifest.digest()}
    console.result(document, lambda: _show(console, document))


def read_key(path: Path | None) -> bytes:
    """Return the content of a key's file; FailureError where none is given or it cannot be read."""
    if path is None:
        raise FailureError(Exit.WRONG_USE, "backup_no_key")
    try:
        return path.read_bytes()
    except OSError as unreadable:
        reason = f"{path}: {unreadable.strerror}"
        raise FailureError(Exit.WRONG_USE, "file_unreadable", reason=reason) from None


def given_databases(settings: CliSettings) -> dict[str, str]:
    """Return the databases that the environment names: all four or none; FailureError for a part of them."""
    given = settings.database_urls()
    missing = [f"KHOPSO_{name.upper()}_DATABASE_URL" for name in SERVICES if name not in given]
    if given and missing:
        raise FailureError(Exit.WRONG_USE, "backup_databases", missing=", ".join(missing))
    return given


def _secrets(data_dir: Path, given: Mapping[str, str], files: list[Path]) -> dict[str, bytes]:
    """Return what is to be encrypted: the stack's own secret files, or those named where the databases are elsewhere."""
    found = {path.name: read_key(path) for path in files} | ({} if given else read_secrets(data_dir))
    if not found:
        raise FailureError(Exit.WRONG_USE, "backup_no_secrets")
    return found


def _make_empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise FailureError(Exit.WRONG_USE, "backup_not_empty", folder=folder)
    folder.chmod(0o700)


def _dump_all(
    console: Console, api: Api, folder: Path, urls: Mapping[str, str]
) -> tuple["Evidence", dict[str, "ServiceDump"]]:
    """Dump each database in its order; check before and after how much has been handed in."""
    from deploy.backup import CHAIN_FILE, ORDER, Evidence, ServiceDump, dump, dump_file

    before = {name: _outbox(api, name) for name in SERVICES}
    settled = _settle(api, console)
    figures = ask_figures(api, datetime.now(VIETNAM).date())
    chain = ask_chain(api)
    services = {}
    for name in ORDER:
        console.note(f"… {spoken('backup.dumping', service=name)}")
        try:
            contents = dump(urls[name], folder / dump_file(name))
        except ProcessFailedError as failed:
            raise FailureError(Exit.UNREACHABLE, "backup_failed", service=name, reason=failed) from None
        services[name] = ServiceDump(file=dump_file(name), at=contents.at, rows=contents.rows)
    quiet = settled and all(_outbox(api, name) == before[name] for name in SERVICES)
    (folder / CHAIN_FILE).write_bytes(chain)
    links = read_json(chain)["links"]
    head = links[-1]["entry_hash"] if links else None
    return Evidence(quiet=quiet, figures=figures, closings=len(links), chain_head=head), services


def _outbox(api: Api, service: str) -> Any:
    """Return how far the service has sent and what waits: two equal values mean that nothing was handed in between."""
    progress = api.get(service, "/v1/progress")
    sent = progress["outbox"]["sent"]
    return progress["outbox"]["unsent"], sent


def _settle(api: Api, console: Console) -> bool:
    """Wait until everything is in the figures. Where that fails, back up all the same: a fault makes it more urgent."""
    try:
        wait_current(api, console, _WAIT_SECONDS)
    except FailureError as late:
        console.failure_note(late)
        return False
    return True


def _write_secrets(folder: Path, kept: Mapping[str, bytes], public: bytes) -> None:
    from deploy.backup import SECRETS_FILE, seal_files

    (folder / SECRETS_FILE).write_text(seal_files(kept, public), encoding="ascii")


def _digests(folder: Path) -> dict[str, str]:
    from deploy.backup import digest

    for path in folder.iterdir():
        path.chmod(0o600)
    return {path.name: digest(path) for path in sorted(folder.iterdir())}


def _show(console: Console, document: Mapping[str, Any]) -> None:
    console.line(f"{spoken('backup.done')}: {document['folder']}")
    for name, one in document["services"].items():
        rows = sum(one["rows"].values())
        console.line(f"  {name:<10} {moment_shown(one['at'])}  {rows:>10} {spoken('backup.rows')}")
    show_evidence(console, document["evidence"])
    console.line(f"{spoken('backup.digest')}: {document['digest']}")
    console.line(spoken("backup.keep"))


def show_evidence(console: Console, evidence: Mapping[str, Any]) -> None:
    """Print the figures and the chain with which a restored stack is compared."""
    for one in evidence["figures"]:
        console.line(f"  {one['figure']:<26} {one['value']}")
    console.line(f"  {spoken('backup.chain')}: {evidence['closings']}, {evidence['chain_head'] or '–'}")
    if not evidence["quiet"]:
        console.line(spoken("backup.not_quiet"), "yellow")
