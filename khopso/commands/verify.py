"""`verify`: check a published file offline, with the office's public key and chain."""

from pathlib import Path
from typing import Annotated, Any

import typer

from khopso.api import text_of
from khopso.commands.options import AsJson, DataDir
from khopso.console import Console
from khopso.failure import Exit
from khopso.language import help_of, lines, spoken
from khopso.proofs import KEY_BESIDE, Checked, key_from, verify
from khopso.settings import chosen_data_dir
from proof import PublicKey
from texts import message


def verify_file(
    file: Annotated[Path, typer.Argument(help=help_of("cli.verify.file"), metavar="FILE")],
    public_key: Annotated[
        Path | None,
        typer.Option("--public-key", help=help_of("cli.verify.public_key")),
    ] = None,
    chain: Annotated[Path | None, typer.Option("--chain", help=help_of("cli.verify.chain"))] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check a published file offline."""
    console = Console(as_json)
    chosen = public_key or _key_at_hand(file, chain, data_dir)
    key = None if chosen is None else key_from(chosen)
    checked = verify(file, key, chain)
    document = _verdict(file, checked, chosen, key)
    console.result(document, lambda: _show_verdict(console, document))
    if not checked.intact:
        raise typer.Exit(Exit.REFUSED)


def _key_at_hand(file: Path, chain: Path | None, data_dir: Path | None) -> Path | None:
    """Return the path of the office's public key: beside the file or the chain, else that of the local stack."""
    places = [file.parent, *([chain if chain.is_dir() else chain.parent] if chain else [])]
    found = (place / KEY_BESIDE for place in (*places, chosen_data_dir(data_dir)))
    return next((path for path in found if path.is_file()), None)


def _verdict(file: Path, checked: Checked, key_file: Path | None, key: PublicKey | None) -> dict[str, Any]:
    return {
        "file": str(file),
        "intact": checked.intact,
        "held": checked.held,
        "kind": checked.kind,
        "signature": checked.signature,
        "key": None if key_file is None else str(key_file),
        "key_sha256": [] if key is None else list(key.fingerprints),
        "chain": checked.chain,
        "figures": checked.figures,
        "about": checked.about,
        "findings": [
            {"rule": one.rule, "message": {"vi": text.vi, "en": text.en}}
            for one in checked.findings
            for text in (message(one.rule, **one.parts),)
        ],
    }


def _show_verdict(console: Console, document: dict[str, Any]) -> None:
    about = document["about"]
    what = about.get("id") or about.get("closing") or f"{about.get('length')} {spoken('closing.links')}"
    if document["findings"]:
        console.line(spoken("closing_not_verified"), "red")
    elif document["intact"]:
        rule = "closing_verified" if document["held"] == "file" else "closing_figures_verified"
        console.line(spoken(rule, what=what), "green")
    for finding in document["findings"]:
        for line in lines(text_of(finding["message"])):
            console.line(f"  {line}")
    if document["held"] == "reference":
        console.line(spoken("closing_figures_unchecked"), "yellow")
    if document["signature"] == "not_checked":
        console.line(f"  {spoken('closing_signature_unchecked')}", "yellow")
    for one in document["key_sha256"]:
        console.line(f"  {spoken('closing_key_used', key=document['key'], fingerprint=one)}")
