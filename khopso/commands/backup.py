"""`khopso backup`: the four databases in one order, the secrets encrypted to the office, a manifest with the proof of all."""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.backup_note import BackupNote
from contracts.envelope import VIETNAM
from deploy.embedded import SERVICES, Layout, database_urls, read_secrets, write_readable
from deploy.process import ProcessFailedError
from khopso.api import Api
from khopso.commands.figures import wait_current
from khopso.commands.operating import asking, check_operator
from khopso.commands.options import Acting, AsJson, DataDir
from khopso.console import Console
from khopso.evidence import ask_chain, ask_figures, ask_log_epochs
from khopso.failure import Exit, FailureError, writing
from khopso.language import help_of, spoken
from khopso.settings import CliSettings, chosen_data_dir
from khopso.words import moment_shown
from proof import Sign, read_json
from reference import province

if TYPE_CHECKING:  # its database client is loaded by the command alone, not by every other one too
    from deploy.backup import Evidence, Manifest, ServiceDump

_WAIT_SECONDS = 300.0


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=help_of("cli.backup.folder"))],
    key: Annotated[
        Path | None, typer.Option("--key", help=help_of("cli.backup.key", " (KHOPSO_BACKUP_KEY)"))
    ] = None,
    secrets: Annotated[
        list[Path] | None, typer.Option("--secrets", help=help_of("cli.backup.secrets"))
    ] = None,
    signing_key: Annotated[
        Path | None,
        typer.Option("--signing-key", help=help_of("cli.backup.signing_key", " (KHOPSO_BACKUP_SIGNING_KEY)")),
    ] = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Back up databases and secrets into an empty folder."""
    from deploy.backup import Manifest, OfficeKeyError, live_generation, thumbprint, write_signed

    console = Console(as_json)
    check_operator(person)
    place, settings = chosen_data_dir(data_dir), CliSettings()
    public = read_key(key or settings.backup_key)
    try:
        office_key = thumbprint(public)
    except OfficeKeyError as wrong:
        raise FailureError(Exit.WRONG_USE, "backup_public_key", reason=wrong) from None
    given = given_databases(settings)
    kept = _secrets(place, given, secrets or [])
    sign, signed_by = _signing(place, given, signing_key or settings.backup_signing_key)
    urls = given or database_urls(place)
    with asking(place, person) as api, writing(folder):
        _make_empty(folder)
        evidence, services = _dump_all(console, api, folder, urls)
        generation = live_generation(urls["reporting"])
        log_epochs = {name: ask_log_epochs(api, name) for name in SERVICES}
    with writing(folder):
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
    write_signed(folder, manifest, sign)
    _note(whole_manifest(folder), settings.backup_note or (None if given else Layout(place).last_backup))
    about = {"folder": str(folder), "digest": manifest.digest(), "signed_by": signed_by}
    document = manifest.model_dump(mode="json") | about
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


def _signing(data_dir: Path, given: Mapping[str, str], key: Path | None) -> tuple[Sign, str]:
    """Return what signs the manifest, and the fingerprint of its key: the stack's own, or the one that is named."""
    from deploy.backup import signing_by

    if key is None and given:
        raise FailureError(Exit.WRONG_USE, "backup_no_signing_key")
    path = key or Layout(data_dir).signing_key
    try:
        return signing_by(read_key(path))
    except ValueError as wrong:
        raise FailureError(Exit.WRONG_USE, "backup_signing_key", file=path, reason=wrong) from None


def _make_empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise FailureError(Exit.WRONG_USE, "backup_not_empty", folder=folder)
    folder.chmod(0o700)


def _dump_all(
    console: Console, api: Api, folder: Path, urls: Mapping[str, str]
) -> tuple["Evidence", dict[str, "ServiceDump"]]:
    """Ask for the evidence, then dump each database; note whether anything was handed in from before to after."""
    from deploy.backup import CHAIN_FILE, Evidence

    before = {name: _outbox(api, name) for name in SERVICES}
    asked = _ask(console, api, urls)
    services, chain = _dump(console, api, folder, urls, asked["known_at"])
    quiet = asked.pop("settled") and all(_outbox(api, name) == before[name] for name in SERVICES)
    (folder / CHAIN_FILE).write_bytes(chain)
    closings = services["reporting"].rows["public.closing"]
    head = read_json(chain)["links"][closings - 1]["entry_hash"] if closings else None
    return Evidence(quiet=quiet, closings=closings, chain_head=head, **asked), services


def _ask(console: Console, api: Api, urls: Mapping[str, str]) -> dict[str, Any]:
    """Return the figures, and from which events they were counted; ``settled``: whether nothing was missing in them."""
    from deploy.backup import Outbox, folded_in, outbox_of

    known_at = datetime.now(UTC)
    links = outbox_of(urls["registry"], known_at)
    settled = _settle(api, console)
    # Read before the figures are asked: what is folded meanwhile is in the answers, and only makes the bound wider.
    folded = folded_in(urls["reporting"], known_at)
    today = datetime.now(VIETNAM).date()
    return {
        "settled": settled,
        "known_at": known_at,
        "folded": folded,
        # Where the figures were not current, any link may have been missing in them.
        "links": links if settled else Outbox(last=0, topics={}),
        "figures": ask_figures(api, today),
        "figures_known": ask_figures(api, today, known_at)
        if any(one.before for one in folded.values())
        else [],
    }


def _dump(
    console: Console, api: Api, folder: Path, urls: Mapping[str, str], known_at: datetime
) -> tuple[dict[str, "ServiceDump"], bytes]:
    """Dump each database in its order; return what is in them, and the chain of closings with every one of the dump."""
    from deploy.backup import ORDER, ServiceDump, dump, dump_file

    services, chain = {}, b""
    for name in ORDER:
        console.note(f"… {spoken('backup.dumping', service=name)}")
        try:
            found = dump(urls[name], folder / dump_file(name), known_at)
        except ProcessFailedError as failed:
            raise FailureError(Exit.UNREACHABLE, "backup_failed", service=name, reason=failed) from None
        services[name] = ServiceDump(file=dump_file(name), at=found.at, rows=found.rows, outbox=found.outbox)
        if name == "reporting":
            chain = ask_chain(api)
    return services, chain


def _outbox(api: Api, service: str) -> int:
    """Return the position of the newest event: two equal ones mean that nothing was handed in between."""
    return int(api.get(service, "/v1/progress")["outbox"]["newest"])


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


def whole_manifest(folder: Path) -> "Manifest":
    """Return the manifest of a back-up whose files are all as they were written; FailureError otherwise."""
    from deploy.backup import DamagedBackupError, read_manifest

    try:
        return read_manifest(folder)
    except DamagedBackupError as damaged:
        raise FailureError(Exit.REFUSED, f"backup_file_{damaged.why}", file=folder / damaged.file) from None


def _note(manifest: "Manifest", file: Path | None) -> None:
    """Note the back-up where the services read it, so that operators see on their page when the last one was made."""
    if file is None:
        return
    made = BackupNote(
        made_at=manifest.made_at, version=manifest.version, digest=manifest.digest(), read_again=True
    )
    with writing(file):
        # Services, which may run as other users, read the note at any time.
        write_readable(file, made.model_dump_json() + "\n")


def _show(console: Console, document: Mapping[str, Any]) -> None:
    console.line(f"{spoken('backup.done')}: {document['folder']}")
    for name, one in document["services"].items():
        rows = sum(one["rows"].values())
        console.line(f"  {name:<10} {moment_shown(one['at'])}  {rows:>10} {spoken('backup.rows')}")
    show_evidence(console, document["evidence"])
    console.line(f"{spoken('backup.digest')}: {document['digest']}")
    console.line(f"{spoken('backup.signed_by')}: {document['signed_by']}")
    console.line(spoken("backup.keep"))


def show_evidence(console: Console, evidence: Mapping[str, Any]) -> None:
    """Print the figures and the chain with which a restored stack is compared."""
    for one in evidence["figures"]:
        console.line(f"  {one['figure']:<26} {one['value']}")
    console.line(f"  {spoken('backup.chain')}: {evidence['closings']}, {evidence['chain_head'] or '–'}")
    if not evidence["quiet"]:
        console.line(spoken("backup.not_quiet"), "yellow")
