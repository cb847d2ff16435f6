"""`khopso restore`: restore a back-up on an empty machine, and prove that the data are the same."""

import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.embedded import Broker, database_urls, end_servers, fill_data_dir, write_private
from deploy.process import ProcessFailedError
from khopso.api import Api, of_another_province
from khopso.commands.backup import given_databases, read_key, whole_manifest
from khopso.commands.figures import wait_current
from khopso.commands.operating import asking, check_operator
from khopso.commands.options import Acting, AsJson, DataDir
from khopso.commands.stack import BrokerOption, start_stack
from khopso.console import Console
from khopso.evidence import ask_again, ask_chain, ask_log_epochs
from khopso.failure import Exit, FailureError, writing
from khopso.language import help_of, rendered, spoken
from khopso.settings import CliSettings, chosen_data_dir
from proof import public_key, read_json
from reference import province
from texts import Message

if TYPE_CHECKING:  # its database client is loaded by the command alone, not by every other one too
    from deploy.backup import Manifest

_WAIT_SECONDS = 3_600.0
_NEW_LOG_SECONDS = 300.0
_PAUSE_SECONDS = 0.5
_WORD_LENGTH = 3
_MARK = "restored.json"
"""In a restored data directory: which back-up it was made from, whether it has been compared with it, and why a back-up
without signature was taken."""


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=help_of("cli.restore.folder"))],
    key: Annotated[Path | None, typer.Option("--key", help=help_of("cli.restore.key"))] = None,
    compare: Annotated[bool, typer.Option("--compare", help=help_of("cli.restore.compare"))] = False,
    secrets_to: Annotated[
        Path | None, typer.Option("--secrets-to", help=help_of("cli.restore.secrets_to"))
    ] = None,
    signed_by: Annotated[
        Path | None,
        typer.Option("--signed-by", help=help_of("cli.restore.signed_by", " (KHOPSO_BACKUP_SIGNED_BY)")),
    ] = None,
    accept_unsigned: Annotated[
        str | None, typer.Option("--accept-unsigned", help=help_of("cli.restore.accept_unsigned"))
    ] = None,
    broker: BrokerOption = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Restore a back-up, start it and compare it; exit 1 where it is not the same."""
    console = Console(as_json)
    check_operator(person)
    place, settings = chosen_data_dir(data_dir), CliSettings()
    given = given_databases(settings)
    manifest = _checked(folder)
    unsigned = _signed(console, folder, signed_by or settings.backup_signed_by, accept_unsigned)
    if given and not compare:
        _fill_given(console, folder, manifest, given, read_key(key), secrets_to)
        return
    if not compare:
        _fill_local(console, folder, manifest, place, key, broker.value if broker else None, unsigned)
    urls = given or database_urls(place)
    document = _compared(console, place, person, folder, manifest, urls) | {"accepted_unsigned": unsigned}
    if document["equal"] and not given:
        _mark(place, manifest, compared=True, unsigned=unsigned)
    console.result(document, lambda: _show(console, document))
    if not document["equal"]:
        raise typer.Exit(Exit.REFUSED)


def _checked(folder: Path) -> "Manifest":
    """Return the manifest of a whole and unchanged back-up of the province that is served; FailureError otherwise."""
    manifest = whole_manifest(folder)
    if manifest.province != province().area_uid:
        raise of_another_province(manifest.province)
    return manifest


def _signed(console: Console, folder: Path, signer: Path | None, accept_unsigned: str | None) -> str | None:
    """Return None for a back-up that the signer made, else why one without a signature is taken; FailureError otherwise.

    A signature that does not verify is refused in any case. Only back-ups of 0.2.0 and before have none.
    """
    from deploy.backup import SIGNATURE_FILE, SignatureError, check_signature

    word = (accept_unsigned or "").strip()
    if not (folder / SIGNATURE_FILE).exists():
        if len(word) < _WORD_LENGTH:
            raise FailureError(Exit.REFUSED, "backup_unsigned", file=folder / SIGNATURE_FILE)
        console.note(spoken("restore.unsigned", word=word))
        return word
    if signer is None:
        raise FailureError(Exit.WRONG_USE, "restore_no_signer")
    try:
        check_signature(folder, public_key(read_key(signer)))
    except SignatureError:
        raise FailureError(Exit.REFUSED, "backup_signature", file=folder / SIGNATURE_FILE) from None
    except ValueError as wrong:
        raise FailureError(Exit.WRONG_USE, "restore_signer", file=signer, reason=wrong) from None
    return None


def _fill_local(
    console: Console,
    folder: Path,
    manifest: "Manifest",
    place: Path,
    key: Path | None,
    broker: Broker | None,
    unsigned: str | None,
) -> None:
    """Make the data directory, unless an interrupted run has made it, and start the stack on an empty log.

    Everything is made in a folder beside it and moved at the end, so that a data directory is complete or absent.
    Relays notice that the log is another one and send their whole outbox again; consumers read it from its beginning.
    """
    if not _to_be_resumed(place, manifest):
        secrets = _opened(folder, read_key(key))
        unfinished = place.with_name(f"{place.name}.restoring")
        if unfinished.exists():
            end_servers(unfinished)
            shutil.rmtree(unfinished)
        console.note(f"… {spoken('restore.filling')}")
        try:
            with writing(unfinished):
                fill_data_dir(
                    unfinished,
                    manifest.province,
                    secrets,
                    lambda service, url: _load(folder, manifest, service, url),
                )
        except ProcessFailedError as failed:
            raise FailureError(Exit.UNREACHABLE, "restore_failed", reason=failed) from None
        _mark(unfinished, manifest, compared=False, unsigned=unsigned)
        try:
            # Onto an empty folder this is one step; a stack that was started there meanwhile is left alone.
            unfinished.rename(place)
        except OSError:
            raise FailureError(Exit.WRONG_USE, "restore_not_empty", data_dir=place) from None
    console.note(f"… {spoken('restore.starting')}")
    start_stack(console, place, broker, wait=True)


def _to_be_resumed(place: Path, manifest: "Manifest") -> bool:
    """Return whether the directory was made from this back-up and not compared yet; FailureError if from another."""
    if not place.exists() or not any(place.iterdir()):
        return False
    mark = place / _MARK
    known = json.loads(mark.read_text(encoding="utf-8")) if mark.exists() else {}
    if (known.get("backup"), known.get("compared")) == (manifest.digest(), False):
        return True
    raise FailureError(Exit.WRONG_USE, "restore_not_empty", data_dir=place)


def _mark(place: Path, manifest: "Manifest", *, compared: bool, unsigned: str | None) -> None:
    mark: dict[str, Any] = {"backup": manifest.digest(), "compared": compared}
    # Who asks a year later whether this machine's data are proven finds the answer beside them.
    write_private(place / _MARK, json.dumps(mark | ({"accepted_unsigned": unsigned} if unsigned else {})))


def _opened(folder: Path, private: bytes) -> dict[str, bytes]:
    from deploy.backup import SECRETS_FILE, OfficeKeyError, open_files

    try:
        return open_files((folder / SECRETS_FILE).read_text(encoding="ascii"), private)
    except OfficeKeyError:
        raise FailureError(Exit.REFUSED, "restore_key") from None


def _load(folder: Path, manifest: "Manifest", service: str, url: str, *, owners: bool = True) -> None:
    """Fill a database and count its rows again; FailureError where they are not those of the back-up."""
    from deploy.backup import load

    dumped = manifest.services[service]
    found = load(url, folder / dumped.file, owners=owners)
    other = sorted(
        f"{name}: {dumped.rows.get(name)} → {found.get(name)}"
        for name in dumped.rows.keys() | found.keys()
        if dumped.rows.get(name) != found.get(name)
    )
    if other:
        raise FailureError(Exit.REFUSED, "restore_counts", service=service, details=tuple(other))


def _fill_given(
    console: Console,
    folder: Path,
    manifest: "Manifest",
    urls: Mapping[str, str],
    private: bytes,
    secrets_to: Path | None,
) -> None:
    """Fill the four empty databases that the environment names; write the secrets for the start of the services."""
    from deploy.backup import is_empty

    if secrets_to is None or (secrets_to.exists() and any(secrets_to.iterdir())):
        raise FailureError(Exit.WRONG_USE, "restore_secrets_to")
    secrets = _opened(folder, private)
    try:
        for name, url in urls.items():
            if not is_empty(url):
                raise FailureError(Exit.WRONG_USE, "restore_database_not_empty", service=name)
        for name, content in secrets.items():
            write_private(secrets_to / Path(name).name, content.decode())
        for name, url in urls.items():
            console.note(f"… {name}")
            _load(folder, manifest, name, url, owners=False)
    except ProcessFailedError as failed:
        raise FailureError(Exit.UNREACHABLE, "restore_failed", reason=failed) from None
    document = {"restored": sorted(urls), "secrets": str(secrets_to)}
    console.result(document, lambda: console.line(spoken("restore.start_services", folder=secrets_to)))


def _compared(
    console: Console,
    place: Path,
    person: str | None,
    folder: Path,
    manifest: "Manifest",
    urls: Mapping[str, str],
) -> dict[str, Any]:
    """Return figures and closings then and now, once everything that the outboxes hold is in the figures."""
    from deploy.backup import CHAIN_FILE, read_databases
    from khopso.comparing import Restored, chain_equal, differences

    evidence = manifest.evidence
    links = read_json((folder / CHAIN_FILE).read_bytes())["links"]
    with asking(place, person) as api:
        for service, epochs in manifest.log_epochs.items():
            _await_new_log(api, service, epochs)
        wait_current(api, console, _WAIT_SECONDS)
        try:
            databases = read_databases(manifest, urls)
        except ProcessFailedError as failed:
            raise FailureError(Exit.UNREACHABLE, "restore_failed", reason=failed) from None
        found = Restored(
            databases=databases,
            links=read_json(ask_chain(api))["links"],
            figures=ask_again(api, evidence.figures),
            known=ask_again(api, evidence.figures_known),
        )
    differs = differences(manifest, links, found)
    return {
        "backup": manifest.digest(),
        "equal": not differs,
        "differences": [{"vi": one.vi, "en": one.en} for one in differs],
        "figures_equal": all(
            then["value"] == now["value"] for then, now in zip(evidence.figures, found.figures, strict=True)
        ),
        "chain_equal": chain_equal(manifest, links, found),
        "quiet": evidence.quiet,
        "figures": [
            {"figure": then["figure"], "asked": then["asked"], "then": then["value"], "now": now["value"]}
            for then, now in zip(evidence.figures, found.figures, strict=True)
        ],
        "closings": evidence.closings,
        "chain_head": evidence.chain_head,
    }


def _await_new_log(api: Api, service: str, old: Mapping[str, Mapping[str, str]]) -> None:
    """Return when the service's relay has noticed that every log is another one; until then nothing is sent again.

    FailureError after five minutes: the services use the old log, which holds events that are not in the back-up.
    """
    deadline = time.monotonic() + _NEW_LOG_SECONDS
    while True:
        now = ask_log_epochs(api, service)
        same = [
            topic
            for topic, partitions in old.items()
            if any(now.get(topic, {}).get(number) == epoch for number, epoch in partitions.items())
        ]
        if not same:
            return
        if time.monotonic() > deadline:
            raise FailureError(Exit.REFUSED, "restore_old_log", service=service, topics=", ".join(same))
        time.sleep(_PAUSE_SECONDS)


def _show(console: Console, document: Mapping[str, Any]) -> None:
    headings = [
        (spoken("restore.figure"), "left"),
        (spoken("restore.then"), "right"),
        (spoken("restore.now"), "right"),
    ]
    rows = [[one["figure"], str(one["then"]), str(one["now"])] for one in document["figures"]]
    console.table(headings, rows)
    word = "restore.chain_same" if document["chain_equal"] else "restore.chain_other"
    console.line(f"{spoken(word)}: {document['closings']}, {document['chain_head'] or '–'}")
    if not document["quiet"] and not document["figures_equal"]:
        console.line(spoken("backup.not_quiet"), "yellow")
    for one in document["differences"]:
        console.line(f"  {rendered(Message(one['vi'], one['en']))}", "red")
    console.line(spoken("restore.equal" if document["equal"] else "restore.not_equal"))
