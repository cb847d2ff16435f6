"""What `demo` prints: the figures beside the published ones, how the story went, and last what a person can do next.

Everything else (the waterfall, revisions, areas, addresses) goes into a file, which ``--verbose`` prints as well.
"""

import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.embedded import Stack, people, write_private
from khopso.commands import story
from khopso.console import Console
from khopso.language import brief, heading, spoken
from khopso.language import lines as spoken_lines
from khopso.published import Finding
from khopso.settings import chosen_data_dir
from khopso.waterfall import signed
from khopso.words import shown
from reference import AGENCY, FIGURES, province, unit_name
from texts import Message, message

_YEAR = 2023
_WIDTH_FOR_CODES = 130
_DETAIL = "demo.txt"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the demonstration has to tell: the stack, the figures, the story and how long it took.

    ``lines`` are figures beside published numbers, ``flaws`` what the publication itself contradicts.
    """

    place: Path
    stack: Stack
    lines: list[dict[str, Any]]
    flaws: list[Finding]
    told: dict[str, Any]
    seconds: float


def write_detail(told: Shown) -> Path:
    """Write everything that the demonstration found into a file beside the reports; return its path."""
    text = io.StringIO()
    _detail(Console(as_json=False, into=text), told)
    path = story.reports_folder(told.place) / _DETAIL
    write_private(path, text.getvalue())
    return path


def _detail(console: Console, told: Shown) -> None:
    _figures(console, told)
    story.show(console, told.told)
    _addresses(console.line, told)


def show(console: Console, told: Shown, detail: Path, *, verbose: bool) -> None:
    """Print the answer for people; its last lines say what to do next."""
    if verbose:
        _detail(console, told)
    else:
        _figures(console, told)
    console.line()
    _story_in_brief(console, told.told)
    console.line()
    _next_steps(console, told, detail)


def _figures(console: Console, told: Shown) -> None:
    marks = {
        figure: str(number) for number, flaw in enumerate(told.flaws, start=1) for figure in flaw.figures
    }
    with_codes = console.width >= _WIDTH_FOR_CODES
    rows = []
    for line in told.lines:
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
    equal = sum(1 for line in told.lines if line["equal"])
    console.line(f"{equal}/{len(told.lines)} {spoken('demo.equal')}; {told.seconds:.0f} s")
    for number, flaw in enumerate(told.flaws, start=1):
        for text in spoken_lines(message("demo.flaw", finding=Message(flaw.vi, flaw.en))):
            console.line(f"({number}) {text}")


def _story_in_brief(console: Console, told: dict[str, Any]) -> None:
    """Print one line for each step of the story."""
    health = told["waterfall"]
    police, between = health["against"], health["between"]
    figure = FIGURES[health["figure"]]
    console.line(
        f"{brief(Message(figure.vi, figure.en))}: {AGENCY[health['agency']]} {shown(health['declared'])} − "
        f"{AGENCY[police['agency']]} {shown(police['declared'])} = {signed(between['difference'])}, "
        f"{spoken('waterfall.unexplained')} {signed(between['unexplained'])}"
    )
    same = spoken("story.unchanged" if told["closing_unchanged"] else "story.changed")
    changed = f"{shown(len(told['revisions']['cells']))} {spoken('closing.cells_changed')}"
    console.line(f"{spoken('story.closed_year')}: {same}; {changed}")
    moved = told["hierarchies"]
    then, now = moved["then"]["value"], moved["in_2025"]["value"]
    verdict = spoken("demo.equal" if then == now else "story.not_equal")
    console.line(f"{story.moved_title()}: {shown(then)} → {shown(now)} ({verdict})")


def _next_steps(console: Console, told: Shown, detail: Path) -> None:
    there = _there(told.place)
    pages = told.stack.pages_url
    steps = [
        *([("demo.next.pages", pages)] if pages else ()),
        ("demo.next.report", str(story.reports_folder(told.place) / "annual.pdf")),
        ("demo.next.detail", str(detail)),
        ("demo.next.path", _activate()),
        ("demo.next.figure", f"khopso figure methadone.active --as-of 19/12/2023 --by area{there}"),
        ("demo.next.areas", f"khopso areas ngoc chau{there}"),
        ("demo.next.check", f"khopso check --as-of 14/12/2023{there}"),
        ("demo.next.template", "khopso template determination so.xlsx"),
        ("demo.next.services", f"{told.stack.urls['reporting']}/docs  (khopso status{there})"),
        ("demo.next.stop", f"khopso down{there}"),
    ]
    names = [spoken(code) for code, _ in steps]
    wide = max(map(len, names))
    console.line(f"{spoken('demo.next')}:", style="bold")
    for name, (_, what) in zip(names, steps, strict=True):
        console.line(f"  {name:<{wide}}  {what}")
    if pages:
        _people(console)


def _people(console: Console) -> None:
    """Say as whom one can sign in: a clerk of each unit of a commune, an official of each of the province."""
    rows: dict[str, list[str]] = {}
    for person in people().values():
        at_home = "clerk" if person.area != province().code else "official"
        if person.role == at_home:
            rows[person.unit] = [spoken(f"role.{person.role}"), unit_name(person.unit), person.unit]
    console.line()
    headings = [(spoken("page.people.role"), "left"), (spoken("page.people.unit"), "left"), ("", "left")]
    console.table(headings, list(rows.values()))


def _activate() -> str:
    """Return how `khopso` gets on the path of a shell: the script of the virtual environment that runs this."""
    script = Path(sys.prefix) / "bin" / "activate"
    return f". {os.path.relpath(script)}" if script.exists() else str(Path(sys.argv[0]).absolute())


def _there(place: Path) -> str:
    """Return the option that names the data directory, where it is not the one that a command finds by itself."""
    return "" if place == chosen_data_dir(None) else f" --data-dir {place}"


def _addresses(line: Callable[[str], None], told: Shown) -> None:
    line("")
    line(f"{spoken('demo.running')}:")
    for name, url in told.stack.urls.items():
        line(f"  {name:<10} {url}/docs   {url}/metrics")
    there = _there(told.place)
    line(
        f"  {spoken('demo.token')}:   khopso token --unit {province().committee_unit} --role official{there}"
    )
    line(f"  {spoken('demo.logs')}:        {told.stack.logs}")
