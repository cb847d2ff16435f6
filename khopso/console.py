"""The output of commands: results on standard output, everything else on standard error."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console as RichConsole
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from khopso.failure import FailureError
from khopso.language import lines, spoken

_WIDE = 140  # columns of tables that go into a file or a pipe
Advance = Callable[[int, int | None], None]


class Console:
    """One command's output. With `as_json`, standard output gets exactly one JSON document.

    ``into`` takes lines and tables in place of standard output, in the width of a file.
    """

    def __init__(self, as_json: bool, into: TextIO | None = None) -> None:
        self.as_json = as_json
        seen = into is None and sys.stdout.isatty()
        self._out = RichConsole(file=into, highlight=False, soft_wrap=True, width=None if seen else _WIDE)
        self._err = RichConsole(stderr=True, highlight=False, soft_wrap=True)

    def result(self, document: Any, show: Callable[[], None]) -> None:
        """Print the command's answer: the document as JSON, or for people whatever `show` prints."""
        if self.as_json:
            sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
            sys.stdout.flush()
        else:
            show()

    @property
    def width(self) -> int:
        """Return columns that a table may take."""
        return self._out.width

    def line(self, text: str = "", style: str | None = None) -> None:
        """Print one line of the answer for people."""
        self._out.print(text, style=style, markup=False)

    def table(
        self, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], title: str | None = None
    ) -> None:
        """Print a table for people; columns as (heading, `left` or `right`)."""
        table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
        for heading, side in columns:
            table.add_column(heading, justify="right" if side == "right" else "left", overflow="fold")
        for row in rows:
            # Values may contain brackets, which the library would read as its own markup and not print.
            table.add_row(*[_plain(cell) for cell in row])
        if not rows:
            self.line(f"({spoken('cli.none')})")
            return
        self._out.print(table, soft_wrap=False)

    def note(self, text: str, style: str | None = None) -> None:
        """Print progress or a remark on standard error."""
        self._err.print(text, style=style, markup=False)

    def failure(self, failure: FailureError) -> None:
        """Print why the command ends without its result."""
        if self.as_json:
            sys.stdout.write(json.dumps(failure.document(), ensure_ascii=False, indent=2) + "\n")
        self.failure_note(failure)

    def failure_note(self, failure: FailureError) -> None:
        """Print the same on standard error only."""
        for number, text in enumerate(lines(failure.text)):
            self._err.print(text, style="red" if number else "bold red", markup=False)
        for detail in failure.details:
            self._err.print(f"  {detail}", markup=False)

    @contextmanager
    def progress(self, label: str) -> Iterator[Advance]:
        """Show a progress bar on standard error; call the result with the number done and, where known, the total.

        The bar appears with the first call, so that no bar is shown for a file that cannot be opened.
        """
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        bar = Progress(*columns, console=self._err)
        task = bar.add_task(label, total=None)

        def advance(done: int, total: int | None) -> None:
            bar.start()
            bar.update(task, completed=done, total=max(done, total) if total else None)

        try:
            yield advance
            bar.update(task, total=bar.tasks[task].completed)
        finally:
            if bar.live.is_started:
                bar.stop()


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
