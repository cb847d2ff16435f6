"""`amendments`: changes of rules by two administrators: list them, propose one, see what it moves, confirm, reject or withdraw it."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from khopso.api import Api
from khopso.commands.options import Acting, AsJson, DataDir, administrator, day, filled
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.language import help_of, spoken
from khopso.settings import chosen_data_dir
from khopso.words import day_shown, moment_shown
from reference import unit_name

_PATH = "/v1/amendments"
_ABOUT = frozenset({"id", "table", "state", "reason", "moves", "seen"})
"""Parts of an amendment that are printed in places of their own; everything else says what it changes."""
_BY = ("proposed", "decided")
_PATIENCE_SECONDS = 5.0
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

amendments = typer.Typer(help=help_of("cli.amendments.help"), no_args_is_help=True)

AmendmentArgument = Annotated[str, typer.Argument(help=help_of("cli.amendments.amendment"), metavar="ID")]


class DayKind(StrEnum):
    """What days become: off, worked, or as the nation's file has them."""

    OFF = "off"
    WORKED = "worked"
    LISTED = "listed"


@amendments.command("list", help=help_of("cli.amendments.list.help"))
def listed(
    waiting: Annotated[bool, typer.Option("--waiting", help=help_of("cli.amendments.waiting"))] = False,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List amendments, the newest first."""
    console = Console(as_json)
    found: list[dict[str, Any]] = []
    before: dict[str, str] = {}
    with _api(data_dir, person) as api:
        while True:
            page = api.get("reporting", _PATH, before, patience_seconds=_PATIENCE_SECONDS)
            found += page["amendments"]
            if page["next"] is None:
                break
            before = {"before": page["next"]}
    shown = [one for one in found if not waiting or one["state"] == "proposed"]

    def show_all() -> None:
        headings = ("operations.number", "cli.amendments.table", "cli.amendments.change")
        more = ("page.amend.column.state", "page.amend.column.proposed", "page.amend.column.decided")
        console.table(
            [(spoken(code), "left") for code in (*headings, *more)],
            [
                [
                    one["id"],
                    one["table"],
                    "; ".join(_changes(one)),
                    spoken(f"page.amend.state.{one['state']}"),
                    *(_by(one, step) for step in _BY),
                ]
                for one in shown
            ],
        )

    console.result({"amendments": shown}, show_all)


@amendments.command("show", help=help_of("cli.amendments.show.help"))
def show(
    amendment: AmendmentArgument, person: Acting = None, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Print an amendment and, while it waits, what confirming it would move."""
    console = Console(as_json)
    with _api(data_dir, person) as api:
        found = _read(api, amendment)
    console.result(found, lambda: _show(console, found))


@amendments.command("propose-days", help=help_of("cli.amendments.propose_days.help"))
def propose_days(
    kind: Annotated[DayKind, typer.Argument(help=help_of("cli.amendments.kind", ": off, worked, listed"))],
    first: Annotated[str, typer.Argument(help=help_of("cli.amendments.first"), metavar="FIRST")],
    reason: Annotated[str, typer.Option("--reason", help=help_of("cli.amendments.reason"))],
    last: Annotated[str | None, typer.Argument(help=help_of("cli.amendments.last"), metavar="LAST")] = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Propose that days are off, are worked, or are as in the nation's file; print what that would move."""
    console = Console(as_json)
    wanted = {"kind": kind.value, "first": day("FIRST", first), "last": day("LAST", last or first)}
    with _api(data_dir, person) as api:
        made = api.post("reporting", _PATH, wanted | {"reason": reason})
    console.result(made, lambda: _show(console, made))


@amendments.command("confirm", help=help_of("cli.amendments.confirm.help"))
def confirm(
    amendment: AmendmentArgument,
    seen: Annotated[str | None, typer.Option("--seen", help=help_of("cli.amendments.seen"))] = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Confirm what another administrator proposed, after looking at what it moves."""
    console = Console(as_json)
    with _api(data_dir, person) as api:
        _decide(console, api, amendment, "confirm", {"seen": seen or _looked_at(console, api, amendment)})


@amendments.command("reject", help=help_of("cli.amendments.reject.help"))
def reject(
    amendment: AmendmentArgument,
    reason: Annotated[str, typer.Option("--reason", help=help_of("cli.amendments.reject.reason"))],
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Reject what another administrator proposed."""
    with _api(data_dir, person) as api:
        _decide(Console(as_json), api, amendment, "reject", {"reason": reason})


@amendments.command("withdraw", help=help_of("cli.amendments.withdraw.help"))
def withdraw(
    amendment: AmendmentArgument, person: Acting = None, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Withdraw an own proposal."""
    with _api(data_dir, person) as api:
        _decide(Console(as_json), api, amendment, "withdraw", {})


def _api(data_dir: Any, person: str | None) -> Api:
    return Api(chosen_data_dir(data_dir), person=person, who=administrator())


def _read(api: Api, amendment: str) -> dict[str, Any]:
    path = f"{_PATH}/{amendment}"
    found: dict[str, Any] = api.get("reporting", path, patience_seconds=_PATIENCE_SECONDS)
    return found


def _looked_at(console: Console, api: Api, amendment: str) -> str:
    """Return what says which state of the amendment was looked at: it is shown, and whoever confirms is asked.

    Raises:
        FailureError: nobody can be asked (exit 2), or nobody confirms (exit 1).
    """
    if console.as_json or not sys.stdin.isatty():
        raise FailureError(Exit.WRONG_USE, "amendment_not_seen", amendment=amendment)
    found = _read(api, amendment)
    _show(console, found)
    if not typer.confirm(spoken("cli.amendments.confirm.question")):
        raise FailureError(Exit.REFUSED, "amendment_not_confirmed")
    # Of one that is decided the service says so; it has nothing that could be seen.
    return str(found["seen"] or "")


def _decide(console: Console, api: Api, amendment: str, verdict: str, given: Mapping[str, Any]) -> None:
    done = api.post("reporting", f"{_PATH}/{amendment}/decision", {"verdict": verdict, **filled(given)})
    said = spoken(f"page.amend.state.{done['state']}")
    console.result(done, lambda: console.line(f"{amendment}: {said}"))


def _show(console: Console, found: Mapping[str, Any]) -> None:
    state = spoken(f"page.amend.state.{found['state']}")
    console.line(f"{found['id']}  {state}", "bold")
    console.line(f"{found['table']}: {'; '.join(_changes(found))}")
    console.line(found["reason"])
    for step in _BY:
        if who := _by(found, step):
            console.line(f"{spoken(f'page.amend.column.{step}')}: {who}")
    if found.get("decided_because"):
        console.line(f"{spoken('page.report.reason')}: {found['decided_because']}")
    if found.get("moves") is not None:
        console.line(spoken("page.amend.what_moves"), "bold")
        _table(console, found["moves"])
        console.line(f"--seen {found['seen']}")


def _changes(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an amendment changes, part by part: what the service says of it besides who, when and why."""
    for name, value in found.items():
        told = name in _ABOUT or name.startswith(tuple(f"{step}_" for step in _BY))
        if not told and value is not None:
            yield f"{name} {_shown(value)}"


def _by(found: Mapping[str, Any], step: str) -> str:
    if not found.get(f"{step}_by"):
        return ""
    unit = unit_name(found[f"{step}_from"])
    return f"{found[f'{step}_by']} ({unit}), {moment_shown(found[f'{step}_at'])}"


def _table(console: Console, moves: Sequence[Mapping[str, Any]]) -> None:
    """Print what would move, with the columns that the service names."""
    names = list(dict.fromkeys(name for one in moves for name in one))
    rows = [[_shown(one.get(name)) for name in names] for one in moves]
    console.table([(name, "left") for name in names], rows)


def _shown(value: object) -> str:
    text = "" if value is None else str(value)
    return day_shown(text) if _DAY.fullmatch(text) else text
