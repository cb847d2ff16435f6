"""`report`: a printed report, saved as a file."""

from pathlib import Path
from typing import Annotated, Any

import typer

from khopso.api import Api, text_of
from khopso.commands.closing import closing_named
from khopso.commands.options import (
    Acting,
    Area,
    AsJson,
    Calendar,
    DataDir,
    Geography,
    KnownAt,
    Period,
    day,
    filled,
    moment,
)
from khopso.console import Console
from khopso.failure import AnsweredError, Exit, FailureError
from khopso.language import help_of, rendered
from khopso.settings import chosen_data_dir
from proof import SUFFIX, canonical, digest
from texts import Message, message

_FORBIDDEN = 403
_TIMEOUT_SECONDS = (
    300.0  # every figure of a province, and releases where the reader may not see exact numbers
)
_FORMATS = ("docx", "pdf", "xlsx", "csv", "json")


def report(
    name: Annotated[str | None, typer.Argument(help=help_of("cli.report.name"))] = None,
    year: Annotated[str | None, typer.Option("--year", help=help_of("cli.report.year"))] = None,
    calendar: Calendar = None,
    period: Period = None,
    area: Area = None,
    known_at: KnownAt = None,
    geography: Geography = None,
    closing: Annotated[
        str | None,
        typer.Option("--closing", help=help_of("cli.option.closing")),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help=help_of("cli.report.out", ": .docx, .pdf, .xlsx, .csv, .json"), dir_okay=False
        ),
    ] = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Save a printed report; without a name, list them."""
    console = Console(as_json)
    if name is None:
        _list(console, person, data_dir)
        return
    if out is None:
        raise FailureError(Exit.WRONG_USE, "report_out_missing")
    kind = out.suffix.removeprefix(".").lower()
    if kind not in _FORMATS:
        raise FailureError(Exit.WRONG_USE, "report_out", suffix=out.suffix or "∅")
    asked = {
        "year": year,
        "calendar": calendar,
        "period": period,
        "area": area,
        "known_at": moment("--known-at", known_at),
        "geography": day("--geography", geography),
        "closing": closing,
    }
    given = filled(asked)
    with Api(chosen_data_dir(data_dir), person=person, timeout_seconds=_TIMEOUT_SECONDS) as api:
        if closing is not None:
            given["closing"] = closing = closing_named(api, closing)
        content = api.download("reporting", f"/v1/reports/{name}.{kind}", given)
        _save(out, content)
        document = {"report": name, "format": kind, "out": str(out), "bytes": len(content), **given}
        note = None
        if closing is not None:
            proof = out.with_name(out.name + SUFFIX)
            note = publish(api, closing, proof, out, content)
            document["proof"] = str(proof) if note is None else None
            document["note"] = None if note is None else {"vi": note.vi, "en": note.en}

    def show() -> None:
        console.line(f"{out}: {len(content):,} byte".replace(",", "."))
        if note is not None:
            console.line(f"  {rendered(note)}", "yellow")
        elif closing is not None:
            console.line(str(document["proof"]))

    console.result(document, show)


def publish(api: Api, closing: str, proof: Path, out: Path, content: bytes) -> Message | None:
    """Let the office sign the file's hash, and write the proof beside the file.

    Return the reason where the caller may not publish; None where the proof is written.
    """
    given = {"file": out.name, "sha256": digest(content)}
    try:
        signed = api.post("reporting", f"/v1/closings/{closing}/publications", given)
    except AnsweredError as refused:
        if refused.status != _FORBIDDEN:
            raise
        # An older proof belongs to another file of this name and would not match this one.
        proof.unlink(missing_ok=True)
        return message("closing_not_published", file=out.name, proof=proof.name)
    _save(proof, canonical(signed))
    return None


def _list(console: Console, person: str | None, data_dir: Path | None) -> None:
    with Api(chosen_data_dir(data_dir), person=person) as api:
        found: dict[str, Any] = api.get("reporting", "/v1/reports")
    rows = [[one["name"], rendered(text_of(one)), ", ".join(one["formats"])] for one in found["reports"]]
    console.result(found, lambda: console.table([("name", "left"), ("", "left"), ("--out", "left")], rows))


def _save(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as failed:
        raise FailureError(Exit.WRONG_USE, "target_exists", path=out, reason=failed.strerror or "") from None
