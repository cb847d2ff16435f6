"""`khopso logs`: what the processes of the stack on this machine have written."""

import time
from pathlib import Path
from typing import Annotated

import typer

from deploy.embedded import Layout
from khopso.commands.options import AsJson, DataDir
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.language import help_of
from khopso.settings import chosen_data_dir

_TAIL_BYTES = 1 << 20
_EVERY_SECONDS = 0.25


def logs(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[PROCESS]…", help=help_of("cli.logs.names"))
    ] = None,
    lines: Annotated[int, typer.Option("--lines", min=0, max=100_000, help=help_of("cli.logs.lines"))] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help=help_of("cli.logs.follow"))] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the last lines of the processes' logs, and with --follow each new one."""
    console = Console(as_json)
    if follow and as_json:
        raise FailureError(Exit.WRONG_USE, "logs_follow_json")
    files = _chosen(Layout(chosen_data_dir(data_dir)).logs, names or [])
    width = max(len(name) for name in files)
    found = {name: last_lines(path, lines) for name, path in files.items()}

    def show() -> None:
        for name, texts in found.items():
            for text in texts:
                console.line(f"{name:<{width}} | {text}")

    if not follow:
        console.result({"logs": found}, show)
        return
    followers = [(name, Follower(path)) for name, path in files.items()]
    show()
    while True:
        for name, follower in followers:
            for text in follower.new_lines():
                console.line(f"{name:<{width}} | {text}")
        time.sleep(_EVERY_SECONDS)


def _chosen(folder: Path, names: list[str]) -> dict[str, Path]:
    """Return the log files of those processes, of all where none is named; FailureError for a name that has none."""
    there = {path.stem: path for path in sorted(folder.glob("*.log"))}
    if not there:
        raise FailureError(Exit.UNREACHABLE, "no_logs", folder=folder)
    for name in names:
        if name not in there:
            raise FailureError(Exit.WRONG_USE, "no_such_log", name=name, names=", ".join(there))
    return {name: there[name] for name in names} or there


def last_lines(log: Path, count: int) -> list[str]:
    """Return the last ``count`` lines of a log, some of them from the previous file where it was rotated just now."""
    if count == 0:
        return []
    found = _tail(log)
    older = log.with_name(f"{log.name}.1")
    if len(found) < count and older.exists():
        found = _tail(older) + found
    return found[-count:]


def _tail(log: Path) -> list[str]:
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL_BYTES))
        text = file.read().decode("utf-8", "replace")
    found = text.splitlines()
    # Where reading began in the middle of the file, the first line is incomplete.
    return found[1:] if size > _TAIL_BYTES else found


class Follower:
    """Reads what is appended to a log from now on, over rotations."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._place = log.stat().st_size
        self._begun = b""

    def new_lines(self) -> list[str]:
        """Return the lines that were completed since the last call."""
        with self._log.open("rb") as file:
            # The file was rotated: the new lines are at the beginning of a new file.
            if file.seek(0, 2) < self._place:
                self._place, self._begun = 0, b""
            file.seek(self._place)
            read = file.read()
        self._place += len(read)
        *whole, self._begun = (self._begun + read).split(b"\n")
        return [line.decode("utf-8", "replace") for line in whole]
