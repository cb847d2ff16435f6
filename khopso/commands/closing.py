"""`close` and `revisions`: close periods, whose figures then never change, and show what has changed since."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.embedded import write_private
from khopso.api import Api, text_of
from khopso.commands.closing_missing import accepted, lacking
from khopso.commands.figures import wait_current
from khopso.commands.options import (
    Acting,
    Area,
    AsJson,
    Calendar,
    DataDir,
    KnownAt,
    Period,
    filled,
    moment,
    need_period,
)
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.language import brief, help_of, rendered, spoken
from khopso.proofs import read_bytes
from khopso.record_names import called, name_listed
from khopso.settings import chosen_data_dir
from khopso.words import moment_shown, period_shown, shown, when
from proof import SUFFIX, canonical, digest
from reference import AGENCY, FIGURES, measure_of
from texts import Message

_PATIENCE_SECONDS = 5.0
_CLOSING_SECONDS = 300.0  # a whole province is computed cell by cell
_WAIT_SECONDS = 300.0
_PERIOD = re.compile(r"[0-9]{4}(-\w{1,3})?")
close = typer.Typer(help=help_of("cli.close.help"), invoke_without_command=True, no_args_is_help=True)

ClosingId = Annotated[str, typer.Argument(help=help_of("cli.option.closing"), metavar="ID|PERIOD")]
Note = Annotated[str | None, typer.Option("--note", help=help_of("cli.close.note"))]
Name = Annotated[str | None, typer.Option("--name", help=help_of("cli.close.name"))]
Out = Annotated[Path | None, typer.Option("--out", help=help_of("cli.close.out"), dir_okay=False)]


@close.callback()
def close_period(
    context: typer.Context,
    calendar: Calendar = None,
    period: Period = None,
    area: Area = None,
    figures: Annotated[
        str,
        typer.Option(
            "--figures", help=help_of("cli.close.figures", ": annual, health, police, fires-conflicts, all")
        ),
    ] = "annual",
    known_at: KnownAt = None,
    note: Note = None,
    name: Name = None,
    accept_missing: Annotated[
        str | None,
        typer.Option("--accept-missing", help=help_of("cli.close.accept_missing"), metavar="REASON"),
    ] = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Close a period."""
    if context.invoked_subcommand is not None:
        return
    need_period(calendar, period)
    console = Console(as_json)
    order: dict[str, Any] = {
        "calendar": calendar,
        "period": period,
        "area": area,
        "figures": figures,
        "name": name,
        "note": note,
    }
    order["known_at"] = moment("--known-at", known_at)
    with Api(chosen_data_dir(data_dir), person=person, timeout_seconds=_CLOSING_SECONDS) as api:
        # What was handed in before is in the figures before they are frozen.
        wait_current(api, console, _WAIT_SECONDS)
        order["accept_missing"] = accepted(api, console, order, accept_missing)
        made = api.post("reporting", "/v1/closings", filled(order))
    console.result(made, lambda: _show(console, made))


@close.command("list", help=help_of("cli.close.list.help"))
def listed(person: Acting = None, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the closings, newest first."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person) as api:
        found = api.get("reporting", "/v1/closings", patience_seconds=_PATIENCE_SECONDS)

    def show_all() -> None:
        if not found["closings"]:
            console.line(f"({spoken('cli.none')})")
        for one in found["closings"]:
            console.line(
                f"{one['id']}  {period_shown(one['period'], one['calendar'])}, {one['figures']}", "bold"
            )
            console.line(
                f"  {spoken('closing.number')} {one['number']}, {spoken('closing.edition')} {one['edition']},"
                f" {moment_shown(one['closed_at'])},"
                f" {one['official']['name']} ({one['official']['unit']})"
            )

    console.result(found, show_all)


@close.command("show", help=help_of("cli.close.show.help"))
def show(
    closing: ClosingId,
    out: Out = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print a closing, byte for byte as it was sealed."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person, timeout_seconds=_CLOSING_SECONDS) as api:
        path = f"/v1/closings/{closing_named(api, closing)}"
        found = api.get("reporting", path, patience_seconds=_PATIENCE_SECONDS)
    _write(out, canonical(found))
    console.result(found, lambda: _show(console, found))


@close.command("reissue", help=help_of("cli.close.reissue.help"))
def reissue(
    closing: ClosingId,
    known_at: KnownAt = None,
    note: Note = None,
    name: Name = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Close a closed period again, as known now; both editions stay."""
    console = Console(as_json)
    order = {"known_at": moment("--known-at", known_at), "note": note, "name": name}
    with Api(chosen_data_dir(data_dir), person=person, timeout_seconds=_CLOSING_SECONDS) as api:
        wait_current(api, console, _WAIT_SECONDS)
        made = api.post("reporting", f"/v1/closings/{closing_named(api, closing)}/editions", filled(order))
    console.result(made, lambda: _show(console, made))


@close.command("verify", help=help_of("cli.close.verify.help"))
def replay(
    closing: ClosingId, person: Acting = None, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Compute a closing again from the log and compare byte for byte."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person, timeout_seconds=_CLOSING_SECONDS) as api:
        path = f"/v1/closings/{closing_named(api, closing)}/replay"
        found = api.get("reporting", path, patience_seconds=_PATIENCE_SECONDS)

    def show_verdict() -> None:
        rule = "closing_replayed" if found["equal"] else "closing_not_replayed"
        console.line(spoken(rule, cells=len(found["different"])), "green" if found["equal"] else "red")
        if not found["equal"] and found["area_book_changed"]:
            console.line(f"  {spoken('closing_other_book')}", "yellow")
        for cell in found["different"]:
            console.line(f"  {cell['figure']} {cell['row'] or ''}")

    console.result(found, show_verdict)
    if not found["equal"]:
        raise typer.Exit(Exit.REFUSED)


@close.command("publish", help=help_of("cli.close.publish.help"))
def publish(
    closing: ClosingId,
    file: Annotated[Path, typer.Argument(help=help_of("cli.close.file"), metavar="FILE")],
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Sign that a file was published from a closing."""
    console = Console(as_json)
    given = {"file": file.name, "sha256": digest(read_bytes(file))}
    with Api(chosen_data_dir(data_dir), person=person) as api:
        proof = api.post("reporting", f"/v1/closings/{closing_named(api, closing)}/publications", given)
    out = file.with_name(file.name + SUFFIX)
    _write(out, canonical(proof))
    console.result(proof, lambda: console.line(str(out)))


@close.command("key", help=help_of("cli.close.key.help"))
def key(out: Out = None, person: Acting = None, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print the office's public key, for `khopso verify --public-key`."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person) as api:
        found = api.get("reporting", "/v1/closings/key", patience_seconds=_PATIENCE_SECONDS)
    _write(out, found["public_key"].encode())
    console.result(found, lambda: console.line(found["public_key"].strip()))


@close.command("chain", help=help_of("cli.close.chain.help"))
def chain(out: Out = None, person: Acting = None, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print the office's chain, to be kept elsewhere: who has it notices what is cut off."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person) as api:
        found = api.get("reporting", "/v1/closings/chain", patience_seconds=_PATIENCE_SECONDS)
    _write(out, canonical(found))
    console.result(found, lambda: console.line(f"{found['length']} {spoken('closing.links')}"))


def revisions(
    closing: ClosingId,
    known_at: KnownAt = None,
    calendar: Calendar = None,
    note: Annotated[
        bool,
        typer.Option("--note", help=help_of("cli.revisions.note")),
    ] = False,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print what has changed since a period was closed, and why."""
    console = Console(as_json)
    until = {"known_at": at} if (at := moment("--known-at", known_at)) else {}
    with Api(chosen_data_dir(data_dir), person=person, timeout_seconds=_CLOSING_SECONDS) as api:
        path = f"/v1/closings/{closing_named(api, closing, calendar)}/revisions"
        if note:
            found = api.post("reporting", path, None, until)
        else:
            found = api.get("reporting", path, until, patience_seconds=_PATIENCE_SECONDS)
        causes = [cause for cell in found["cells"] for cause in cell["causes"]]
        name_listed(console, api, [record for cause in causes for record in cause["records"] or ()])
    console.result(found, lambda: show_revisions(console, found))


def closing_named(api: Api, text: str, calendar: str | None = None) -> str:
    """Return the closing's id: as given, or the latest edition of the one closed period of that code (2023, 2023-Q1)."""
    if not _PERIOD.fullmatch(text):
        return text
    found = api.get("reporting", "/v1/closings", patience_seconds=_PATIENCE_SECONDS)["closings"]
    # Only the latest edition of a period is meant; superseded ones are left out.
    superseded = {one["supersedes"] for one in found}
    fitting = [
        one
        for one in found
        if one["id"] not in superseded and one["period"] == text and calendar in (None, one["calendar"])
    ]
    if len(fitting) == 1:
        return str(fitting[0]["id"])
    listed = tuple(f"{one['id']}  {one['period']} ({one['calendar']}, {one['figures']})" for one in fitting)
    rule = "closing_period_ambiguous" if fitting else "closing_period_unknown"
    raise FailureError(Exit.WRONG_USE, rule, period=text, details=listed)


def _show(console: Console, closing: dict[str, Any]) -> None:
    official = closing["official"]
    console.line(f"{closing['id']}  {spoken('closing.edition')} {closing['edition']}")
    console.line(
        f"{period_shown(closing['period'], closing['calendar'])}, {when(closing)}, {closing['area']}"
    )
    console.line(
        f"{spoken('closing.closed_by')} {official['name']} ({official['unit']}), {moment_shown(closing['closed_at'])}"
    )
    console.line(f"{spoken('closing.known_at')} {moment_shown(closing['known_at'])}")
    console.line(f"SHA-256 {closing['content_hash']}")
    console.line(f"{spoken('closing.follows')} {closing['previous_hash']}")
    totals = [cell for cell in closing["cells"] if cell["by"] is None]
    rows = [
        [
            entry.code,
            brief(Message(entry.vi, entry.en)),
            shown(_number(cell["value"])),
            brief(Message(*measure_of(entry.code))),
        ]
        for cell in totals
        for entry in (FIGURES[cell["figure"]],)
    ]
    console.table([("", "left"), ("", "left"), ("", "right"), ("", "left")], rows)
    console.line(f"{shown(len(closing['cells']))} {spoken('closing.cells')}")
    _show_hand_ins(console, closing)


def _show_hand_ins(console: Console, closing: Mapping[str, Any]) -> None:
    """Print of which registers something was missing or late when the period was closed, and who accepted that."""
    for line in lacking(closing.get("hand_ins", {})):
        console.line(line, "yellow")
    if decision := closing.get("accepted_missing"):
        console.line(f"{spoken('closing.accepted_by')} {decision['name']}: {decision['reason']}", "yellow")


def show_revisions(console: Console, found: dict[str, Any]) -> None:
    """Print what has changed since a closing."""
    console.line(
        f"{period_shown(found['period'], found['calendar'])}, {spoken('closing.edition')} {found['edition']}: "
        f"{shown(len(found['cells']))} {spoken('closing.cells_changed')}"
    )
    for cell in found["cells"]:
        where = cell["row"] or cell["area"]
        console.line(
            f"{cell['figure']} {where}: {shown(_number(cell['old']))} → {shown(_number(cell['new']))}", "bold"
        )
        for cause in cell["causes"]:
            count = _number(cause["count"]) or 0
            sign = "+" if count > 0 else ""
            console.line(f"  {sign}{shown(count)}  {rendered(text_of(cause))}")
            for record in cause["records"] or ():
                console.line(f"      {_event(record)}")


def _event(record: dict[str, Any]) -> str:
    """Return an event in one line; of another agency's record its agency and form are all that is known."""
    if record["record"] is None:
        return f"{record['form']} {AGENCY.get(record['agency'] or '', '')}"
    when_ = moment_shown(record["recorded_at"])
    return f"{record['form']} {record['type']} {called(record)} {record['unit']} {when_}"


def _number(value: Any) -> int | float | None:
    return float(value) if isinstance(value, str) else value


def _write(out: Path | None, data: bytes) -> None:
    if out is None:
        return
    try:
        write_private(out, data.decode())
    except OSError as failed:
        raise FailureError(Exit.WRONG_USE, "target_exists", path=out, reason=failed.strerror) from None
