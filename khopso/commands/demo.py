"""`demo`: load the invented registers of the 2023 province, and compare the figures with the published report."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from contracts.forms import FORMS
from deploy.embedded import Stack
from khopso.api import Api
from khopso.commands import story
from khopso.commands.figures import ask, wait_current
from khopso.commands.options import AsJson, DataDir
from khopso.commands.registers import show_outcome
from khopso.commands.stack import BrokerOption, start_stack
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.language import brief, heading, spoken
from khopso.language import lines as spoken_lines
from khopso.published import Finding, Published, findings, read_published
from khopso.registers.handin import Outcome, hand_in
from khopso.settings import chosen_data_dir
from khopso.words import shown
from reference import FIGURES, province
from texts import Message, message

_WAIT_SECONDS = 300.0
_STEPS = 9
_YEAR = 2023
_PATIENCE_SECONDS = 120.0  # closing a year computes every cell of the province
_WIDTH_FOR_CODES = 130


def demo(
    broker: BrokerOption = None,
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
        outcomes = [_import(console, api, place, form, file) for form, file in registers]
        console.note(f"4/{_STEPS} {spoken('demo.waiting')}")
        waited = wait_current(api, console, _WAIT_SECONDS)
        console.note(f"5/{_STEPS} {spoken('demo.computing')}")
        published = read_published(_YEAR)
        lines = [_line(api, row) for row in published]
        told = story.tell(console, api, place, _STEPS)
    flaws = findings(published)
    seconds = time.monotonic() - started
    refused = sum(outcome.refused for outcome in outcomes)
    document = {
        "equal": all(line["equal"] for line in lines),
        "rows": lines,
        "findings": [{"figures": list(flaw.figures), "vi": flaw.vi, "en": flaw.en} for flaw in flaws],
        "imports": [_counts(outcome) for outcome in outcomes],
        "story": told,
        "wait_seconds": round(waited.seconds, 3),
        "seconds": round(seconds, 1),
        "services": stack.urls,
    }
    console.result(document, lambda: _show(console, place, stack, lines, flaws, told, seconds))
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


def _import(console: Console, api: Api, data_dir: Path, form: str, file: Path) -> Outcome:
    with console.progress(f"  {brief(Message(FORMS[form].vi, FORMS[form].en))}") as advance:
        outcome = hand_in(api, FORMS[form], file, FORMS, by_unit=_clerk_for(api, form), progress=advance)
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


def _show(
    console: Console,
    data_dir: Path,
    stack: Stack,
    lines: list[dict[str, Any]],
    flaws: list[Finding],
    told: dict[str, Any],
    seconds: float,
) -> None:
    marks = {figure: str(number) for number, flaw in enumerate(flaws, start=1) for figure in flaw.figures}
    with_codes = console.width >= _WIDTH_FOR_CODES
    rows = []
    for line in lines:
        figure = line["figure"]
        mark = ("✓" if line["equal"] else "✗") + (f" ({marks[figure]})" if figure in marks else "")
        name = brief(Message(FIGURES[figure].vi, FIGURES[figure].en))
        names = [name, figure] if with_codes else [name]
        rows.append([*names, line["when"], shown(line["computed"]), shown(line["published"]), mark])
    headings = [
        (brief(message("demo.figure")), "left"),
        *([("figure", "left")] if with_codes else []),
        ("", "left"),
    ]
    console.line()
    of = province()
    for text in spoken_lines(message("demo.title", province=Message(of.vi, of.en), year=_YEAR)):
        console.line(text)
    console.line()
    console.table(
        [*headings, (heading("demo.computed"), "right"), (heading("demo.published"), "right"), ("", "left")],
        rows,
    )
    console.line()
    equal = sum(1 for line in lines if line["equal"])
    console.line(f"{equal}/{len(lines)} {spoken('demo.equal')}; {seconds:.0f} s")
    for number, flaw in enumerate(flaws, start=1):
        for text in spoken_lines(message("demo.flaw", finding=Message(flaw.vi, flaw.en))):
            console.line(f"({number}) {text}")
    story.show(console, told)
    _show_addresses(console.line, data_dir, stack)


def _show_addresses(line: Callable[[str], None], data_dir: Path, stack: Stack) -> None:
    line("")
    line(f"{spoken('demo.running')}:")
    for name, url in stack.urls.items():
        line(f"  {name:<10} {url}/docs   {url}/metrics")
    there = "" if data_dir == chosen_data_dir(None) else f" --data-dir {data_dir}"
    line(
        f"  {spoken('demo.token')}:   khopso token --unit {province().committee_unit} --role official{there}"
    )
    line(
        f"  {spoken('demo.try')}:         khopso figure methadone.active --as-of 19/12/2023 --by area{there}"
    )
    line(f"  {spoken('demo.logs')}:        {stack.logs}")
    line(f"  {spoken('demo.stop')}:           khopso down --data-dir {data_dir}")
