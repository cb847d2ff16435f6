"""`demo`: load the invented registers of the 2023 province, and compare the figures with the published report."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.forms import FORMS
from khopso.api import Api
from khopso.commands import story
from khopso.commands.demo_statements import declare
from khopso.commands.demonstrated import Shown, show, write_detail
from khopso.commands.figures import ask, wait_current
from khopso.commands.options import AsJson, DataDir
from khopso.commands.registers import show_outcome
from khopso.commands.stack import BrokerOption, start_stack
from khopso.console import Advance, Console
from khopso.failure import Exit, FailureError
from khopso.language import help_of, spoken
from khopso.published import Published, findings, read_published
from khopso.registers.handin import Outcome, hand_in
from khopso.settings import chosen_data_dir
from reference import province

_WAIT_SECONDS = 300.0
_STEPS = 9
_YEAR = 2023
_PATIENCE_SECONDS = 120.0  # closing a year computes every cell of the province


def demo(
    broker: BrokerOption = None,
    verbose: Annotated[bool, typer.Option("--verbose", help=help_of("cli.demo.verbose"))] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Load the 2023 province and compare it with the published report."""
    console = Console(as_json)
    _check_pack()
    place = chosen_data_dir(data_dir)
    started = time.monotonic()
    console.note(f"1/{_STEPS} {spoken('demo.starting')}")
    stack, _ = start_stack(console, place, broker.value if broker else None, wait=True)
    with (
        Api(place, timeout_seconds=_PATIENCE_SECONDS) as api,
        tempfile.TemporaryDirectory(prefix="khopso-demo-") as work,
    ):
        console.note(f"2/{_STEPS} {spoken('demo.writing')}")
        registers = _build(Path(work))
        console.note(f"3/{_STEPS} {spoken('demo.handing_in', count=len(registers))}")
        with console.progress(f"  {spoken('demo.rows')}") as advance:
            outcomes = _import_all(console, api, place, registers, advance)
        console.note(f"4/{_STEPS} {spoken('demo.waiting')}")
        waited = wait_current(api, console, _WAIT_SECONDS)
        console.note(f"  {spoken('demo.declaring')}")
        stated = declare(api)
        wait_current(api, console, _WAIT_SECONDS)
        console.note(f"5/{_STEPS} {spoken('demo.computing')}")
        published = read_published(_YEAR)
        lines = [_line(api, row) for row in published]
        told = story.tell(console, api, place, _STEPS)
    flaws = findings(published)
    seconds = time.monotonic() - started
    shown = Shown(place, stack, lines, flaws, told, seconds)
    detail = write_detail(shown)
    refused = sum(outcome.refused for outcome in outcomes)
    document = {
        "equal": all(line["equal"] for line in lines),
        "rows": lines,
        "findings": [{"figures": list(flaw.figures), "vi": flaw.vi, "en": flaw.en} for flaw in flaws],
        "imports": [_counts(outcome) for outcome in outcomes],
        "statements": stated,
        "story": told,
        "wait_seconds": round(waited.seconds, 3),
        "seconds": round(seconds, 1),
        "services": stack.urls,
        "detail": str(detail),
    }
    console.result(document, lambda: show(console, shown, detail, verbose=verbose))
    if refused or not document["equal"]:
        raise typer.Exit(Exit.REFUSED)


def _check_pack() -> None:
    """Refuse to demonstrate another province than the one that the demonstration is about."""
    from demo import PACK

    chosen = province().name
    if chosen != PACK:
        raise FailureError(Exit.WRONG_USE, "demo_of_another_province", pack=PACK, chosen=chosen)


def _build(out_dir: Path) -> list[tuple[str, Path]]:
    from demo.generate import build

    return list(build(out_dir))


def _import_all(
    console: Console, api: Api, data_dir: Path, registers: list[tuple[str, Path]], advance: Advance
) -> list[Outcome]:
    """Hand in all registers; one bar counts the rows of all of them."""
    outcomes: list[Outcome] = []
    before = 0
    for form, file in registers:
        last = 0

        def progress(done: int, _total: int | None, before: int = before) -> None:
            nonlocal last
            last = done
            advance(before + done, None)

        outcomes.append(_import(console, api, data_dir, form, file, progress))
        before += last
    return outcomes


def _import(console: Console, api: Api, data_dir: Path, form: str, file: Path, progress: Advance) -> Outcome:
    outcome = hand_in(api, FORMS[form], file, FORMS, by_unit=_clerk_for(api, form), progress=progress)
    if outcome.refused:
        from khopso.registers.errorbook import write_error_book

        book = data_dir / f"demo-{file.stem}-errors.xlsx"
        write_error_book(outcome, book)
        show_outcome(_Notes(console), outcome, str(book))
    return outcome


def _clerk_for(api: Api, form: str) -> Callable[[str], Api]:
    """Who hands in a unit's rows today: its own clerk, or that of the office that took its place."""
    from demo import hands_in

    return lambda unit: api.clerk_of(hands_in(form, unit))


class _Notes(Console):
    """Prints the texts of steps on standard error, since they are not the command's answer."""

    def __init__(self, console: Console) -> None:
        super().__init__(console.as_json)

    def line(self, text: str = "", style: str | None = None) -> None:
        self.note(text, style)


def _counts(outcome: Outcome) -> dict[str, Any]:
    document = outcome.document()
    return {name: document[name] for name in ("form", "accepted", "unchanged", "corrected", "refused_rows")}


def _line(api: Api, row: Published) -> dict[str, Any]:
    answer = ask(api, row.figure, row.question)
    computed = answer["value"]
    return {
        "figure": row.figure,
        "area": row.area,
        "when": row.when,
        "unit": row.unit,
        "computed": computed,
        "published": float(row.value) if row.value % 1 else int(row.value),
        "equal": computed is not None and float(computed) == float(row.value),
        "note": row.note,
    }
