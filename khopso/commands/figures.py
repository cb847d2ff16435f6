"""`figures`, `figure`, `wait`: list the figures, ask for one, and wait until figures are current."""

import time
from datetime import date
from typing import Annotated, Any

import typer

from khopso.api import Api, text_of
from khopso.commands.options import (
    Acting,
    AreaOfOption,
    AsJson,
    DataDir,
    QuestionOptions,
    filled,
    with_options,
)
from khopso.commands.places import Wanted, looked_for
from khopso.console import Console
from khopso.crossed import show_table
from khopso.failure import Exit, FailureError
from khopso.language import help_of, rendered, spoken
from khopso.settings import chosen_data_dir
from khopso.waiting import Waited, Waiting
from khopso.words import day_shown, named, shown, unit_shown, when
from reference import FIGURES, nearest
from texts import Message

_NOTE_EVERY_SECONDS = 2.0
_TIMEOUT_SECONDS = 300.0  # the first question to protected numbers of a window makes their release


def figures(
    words: Wanted = None, person: Acting = None, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Print the catalogue of figures, or those that have the words."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person) as api:
        catalogue = api.get("reporting", "/v1/figures", filled({"q": looked_for(words)}))
    entries = catalogue["figures"] if isinstance(catalogue, dict) else catalogue

    def show() -> None:
        rows = [
            [
                str(entry["code"]),
                rendered(text_of(entry)),
                entry["kind"],
                ", ".join(entry["dimensions"]),
            ]
            for entry in entries
        ]
        console.table([("code", "left"), ("", "left"), ("kind", "left"), ("by", "left")], rows)

    console.result(catalogue, show)


@with_options
def figure(
    code: Annotated[str, typer.Argument(help=help_of("cli.option.figure"), metavar="CODE")],
    *,
    question: QuestionOptions,
    by: Annotated[str | None, typer.Option("--by", help=help_of("cli.figure.by"), metavar="DIM")] = None,
    per: Annotated[int | None, typer.Option("--per", help=help_of("cli.figure.per"))] = None,
    area_of: AreaOfOption = None,
    overlap: Annotated[bool, typer.Option("--overlap", help=help_of("cli.figure.overlap"))] = False,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Ask for one figure."""
    console = Console(as_json)
    known(code)
    asked = question.parameters() | {"by": by, "area_of": area_of.value if area_of else None}
    asked["per"] = None if per is None else str(per)
    with Api(chosen_data_dir(data_dir), person=person, timeout_seconds=_TIMEOUT_SECONDS) as api:
        answer = ask(api, code + "/overlap" if overlap else code, asked)
    console.result(answer, lambda: (_show_overlap if overlap else _show)(console, answer, by))


def known(code: str) -> None:
    """Raise a FailureError (exit 2) with the most similar codes where there is no such figure."""
    if code in FIGURES:
        return
    near = nearest(code)
    raise FailureError(
        Exit.WRONG_USE, "unknown_figure", code=code, hint=f" ({', '.join(near)}?)" if near else ""
    )


def ask(api: Api, code: str, asked: dict[str, str | None]) -> dict[str, Any]:
    """Return one figure from `reporting`; parameters that are None are left to the service's defaults."""
    answer: dict[str, Any] = api.get("reporting", f"/v1/figures/{code}", filled(asked), patience_seconds=5.0)
    return answer


def wait(
    timeout: Annotated[float, typer.Option("--timeout", min=0.0, help=help_of("cli.option.seconds"))] = 300.0,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Wait until everything that was accepted is in the figures."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person) as api:
        waited = wait_current(api, console, timeout)
    console.result(
        waited.document(),
        lambda: console.line(f"{spoken('wait.current')} ({waited.seconds:.1f} s)"),
    )


def wait_current(api: Api, console: Console, timeout_seconds: float) -> Waited:
    """Wait until the figures are current, printing from time to time what is waited for.

    Dead letters are reported at the end, since waiting does not bring them into the figures.
    """
    last = time.monotonic()

    def note(text: str) -> None:
        nonlocal last
        if time.monotonic() - last > _NOTE_EVERY_SECONDS:
            last = time.monotonic()
            console.note(f"… {text}")

    waited = Waiting(api, timeout_seconds, note).run()
    for service, count in waited.dead_letters.items():
        console.note(spoken("wait.dead_letters", service=service, count=count), style="yellow")
    return waited


def _show(console: Console, answer: dict[str, Any], by: str | None) -> None:
    entry = FIGURES[answer["figure"]]
    unit = unit_shown("percent" if entry.kind == "ratio" else entry.unit)
    console.line(rendered(Message(entry.vi, entry.en)))
    console.line(f"{_where(answer)}, {_when(answer)}: {shown(answer['value'])} {unit}")
    if entry.kind == "ratio":
        console.line(f"  = {shown(answer.get('numerator'))} / {shown(answer.get('denominator'))}")
    if "per" in answer:
        console.line(f"  {_rate(answer, answer['per'])}")
    if by and answer.get("cells") is not None:
        show_table(console, answer, [name.strip() for name in by.split(",")], _areas_on(answer))
        if answer.get("overlap"):
            console.line(f"{spoken('figure.in_several_cells')}: {shown(answer['overlap'])}")
    elif by and answer.get("rows"):
        _show_rows(console, answer, by)
    if pending := answer.get("pending"):
        console.line(spoken("figure.pending", links=pending["links"], most=pending["at_most"]))
    for lost in answer.get("unplaced", ()):
        console.line(f"{lost['name']} [{lost['area']}]")


def _rate(answer: dict[str, Any], per: int) -> str:
    """Return the rate in words, with the number of people that it rests on, or that nobody has published one."""
    if answer["population"] is None:
        return spoken("figure.no_population")
    since = day_shown(answer["population_from"])
    return f"{shown(answer['rate'])} / {shown(per)} ({spoken('figure.population')} {shown(answer['population'])}, {since})"


def _show_overlap(console: Console, answer: dict[str, Any], by: str | None) -> None:
    entry = FIGURES[answer["figure"]]
    name = rendered(Message(entry.vi, entry.en))
    console.line(f"{name}: {_where(answer)}, {_when(answer)}, {spoken('figure.by')} {by}")
    console.line(
        f"{shown(answer['sum_of_rows'])} ({spoken('figure.sum_of_rows')}) − {shown(answer['value'])} = "
        f"{shown(answer['overlap'])}; {shown(answer['repeated'])} × {unit_shown(answer['counts'])}"
    )
    console.table(
        [(spoken("figure.together"), "left"), ("", "right")],
        [[" + ".join(one["names"]), shown(one["count"])] for one in answer["combinations"]],
    )
    if answer["records"] is None:
        console.line(rendered(text_of(answer["records_withheld"])))
        return
    rows = [
        [
            one["who"],
            record["row"],
            record["unit"],
            record["commune"] or "–",
            day_shown(record["since"]),
            record["record_id"],
        ]
        for one in answer["records"]
        for record in one["records"]
    ]
    headings = ("figure.unit", "figure.commune", "figure.since", "figure.record")
    console.table([("", "left"), (by or "", "left"), *((spoken(code), "left") for code in headings)], rows)


def _where(answer: dict[str, Any]) -> str:
    """Return the area as it was asked for, with its name where the answer has it, since codes changed areas in 2025."""
    return " ".join(part for part in (answer["area"], answer.get("area_name")) if part)


def _when(answer: dict[str, Any]) -> str:
    """Return the day or period of an answer, with the calendar and the hierarchy that were asked for."""
    text = when(answer)
    if "calendar" in answer:
        text += f" ({answer['calendar']} {answer['period']})"
    if "geography" in answer:
        text += f", {spoken('figure.geography')} {day_shown(answer['geography'])}"
    return text


def _areas_on(answer: dict[str, Any]) -> date:
    """Return the day whose areas the rows are."""
    return date.fromisoformat(answer.get("geography") or answer.get("as_of") or answer["to"])


def _show_rows(console: Console, answer: dict[str, Any], by: str) -> None:
    on = _areas_on(answer)
    per = answer.get("per")
    rows = [
        [named(str(row.get(by, "")), by, on, row.get("name")), shown(row.get("value"))]
        + ([] if per is None else [shown(row["rate"]), shown(row["population"])])
        for row in answer["rows"]
    ]
    more = [] if per is None else [(f"/ {shown(per)}", "right"), (spoken("figure.population"), "right")]
    console.table([(by, "left"), ("", "right"), *more], rows)
    if answer.get("overlap"):
        console.line(f"{spoken('figure.in_several_rows')}: {shown(answer['overlap'])}")
