"""`check`: the agencies' registers against each other, stocks against flows, tables against the log."""

from datetime import date
from typing import Annotated, Any

import typer

from khopso.api import Api, text_of
from khopso.commands.check_marks import run_marks
from khopso.commands.marking import MarkOptions
from khopso.commands.options import (
    Acting,
    Approved,
    AsJson,
    DataDir,
    QuestionOptions,
    filled,
    moment,
    with_options,
)
from khopso.console import Console
from khopso.failure import AnsweredError, Exit
from khopso.language import heading, help_of, lines, rendered, spoken
from khopso.line_marks import show_mark
from khopso.record_names import called, name_listed
from khopso.settings import chosen_data_dir
from khopso.words import day_shown, moment_shown, shown
from reference import AGENCY, area_book
from texts import message

_TIMEOUT_SECONDS = 600.0
_PAGE, _UNAPPROVED = 1_000, 50
CLASSES = frozenset(
    {
        "new",
        "returned",
        "renewed",
        "moved_in",
        "moved_out",
        "transferred_in",
        "transferred_out",
        "status_change",
        "condition_met",
        "condition_ended",
        "hierarchy",
        "second_in",
        "second_out",
        "placed_by_address",
        "ended",
    }
)
"""Ways into a stock and out of it; their texts are ``check.class.<class>``."""


@with_options
def check(
    rule: Annotated[str | None, typer.Argument(help=help_of("cli.check.rule"), metavar="RULE")] = None,
    *,
    question: QuestionOptions,
    marking: MarkOptions,
    marks: Annotated[bool, typer.Option("--marks", help=help_of("cli.check.marks"))] = False,
    opening_known_at: Annotated[
        str | None,
        typer.Option("--opening-known-at", help=help_of("cli.check.opening_known_at")),
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="area | commune.", metavar="DIM")] = None,
    days: Annotated[int | None, typer.Option("--days", min=0, help=help_of("cli.check.days"))] = None,
    agency: Annotated[str | None, typer.Option("--agency", help=help_of("cli.check.agency"))] = None,
    sample: Annotated[
        int | None,
        typer.Option("--sample", min=1, help=help_of("cli.check.sample")),
    ] = None,
    listing: Annotated[
        bool,
        typer.Option("--list", help=help_of("cli.check.list")),
    ] = False,
    approval: Approved = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check the registers against each other."""
    console = Console(as_json)
    asked: dict[str, Any] = question.parameters()
    opening = moment("--opening-known-at", opening_known_at)
    more = {"by": by, "days": days, "agency": agency, "opening_known_at": opening, "sample": sample}
    marked = marking.wanted()
    with Api(
        chosen_data_dir(data_dir), person=person, approval=approval, timeout_seconds=_TIMEOUT_SECONDS
    ) as api:
        if marks or marking.asked:
            run_marks(console, api, rule, asked | {"days": days, "agency": agency}, marking, marks=marks)
            return
        if rule is None:
            document = api.get("reporting", "/v1/checks", filled(asked), patience_seconds=5.0)
            if listing:
                found = [entry["rule"] for entry in document["checks"] if entry["count"]]
                document["lists"] = {
                    code: one(api, code, asked | {"marked": marked}, whole=approval is not None)
                    for code in found
                }
            _name(console, api, *document.get("lists", {}).values())
            console.result(document, lambda: _show_all(console, document))
            failed = bool(document["findings"])
        else:
            document = one(api, rule, asked | more | {"marked": marked}, whole=approval is not None)
            _name(console, api, document)
            console.result(document, lambda: _show_one(console, document))
            failed = bool(document["count"])
    if failed:
        raise typer.Exit(Exit.REFUSED)


def one(api: Api, rule: str, asked: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    """Return a check with all pages of its list; without an approval (``whole``) with as many as nobody need approve.

    ``next`` is left where the list goes on and was not shown.
    """
    given = filled(asked | {"limit": _PAGE if whole else _UNAPPROVED})
    document: dict[str, Any] = api.get("reporting", f"/v1/checks/{rule}", given, patience_seconds=5.0)
    while document["next"] is not None:
        try:
            page = api.get("reporting", f"/v1/checks/{rule}", given | {"after": document["next"]})
        except AnsweredError as refused:
            if refused.rule != "too_many_listed":
                raise
            break
        document["findings"] += page["findings"]
        document["next"] = page["next"]
    return document


def _name(console: Console, api: Api, *documents: dict[str, Any]) -> None:
    """Let the records of these lists be known by number and, for the entitled, by name."""
    findings = [finding for document in documents for finding in document["findings"] or ()]
    name_listed(console, api, [record for finding in findings for record in finding["records"]])


def _show_all(console: Console, document: dict[str, Any]) -> None:
    rows = [
        [check["rule"], "\n".join(lines(text_of(check))), check["owner"], shown(check["count"])]
        for check in document["checks"]
    ]
    console.line(f"{document['area']}, {day_shown(document['from'])} – {day_shown(document['as_of'])}")
    columns = [
        ("check", "left"),
        ("", "left"),
        (heading("check.owner"), "left"),
        (heading("check.found"), "right"),
    ]
    console.table(columns, rows)
    console.line(f"{shown(document['findings'])} {spoken('check.found')}")
    for found in document.get("lists", {}).values():
        console.line()
        _show_one(console, found)


def _show_one(console: Console, document: dict[str, Any]) -> None:
    for line in lines(text_of(document)):
        console.line(line)
    when = f"{day_shown(document['from'])} – {day_shown(document['to'])}"
    console.line(
        f"{document['rule']}: {_place(document)}, {when}: {shown(document['count'])},"
        f" {spoken('check.owner')}: {AGENCY.get(document['owner'], document['owner'])}"
    )
    if "balance" in document:
        _show_balance(console, document["balance"])
    if "restated" in document:
        _show_restated(console, document["restated"])
    if document.get("rows"):
        name = next(key for key in document["rows"][0] if key != "value")
        rows = [[row[name], shown(row["value"])] for row in document["rows"] if row["value"]]
        console.table([(name, "left"), ("", "right")], rows)
    if document["findings"] is None:
        console.line(rendered(text_of(document["records_hidden"])))
        return
    for finding in document["findings"]:
        _show_finding(console, finding)
    if document["next"] is not None:
        console.line(f"  … {spoken('check.more')}", "yellow")
    if "minors_left_out" in document:
        console.line(f"  {rendered(text_of(document['minors_left_out']))}", "yellow")
    if document["count"]:
        for line in lines(message("check.to_do", todo=text_of(document["todo"]))):
            console.line(line)


def _place(document: dict[str, Any]) -> str:
    """Return the name that the area asked about had on the day."""
    area = area_book().resolve(document["area"], date.fromisoformat(document["to"]))
    return str(document["area"]) if area is None else area.name


def _show_finding(console: Console, finding: dict[str, Any]) -> None:
    console.line(f"  {finding['subject']}")
    about = finding.get("about") or {}
    if "message" in about:
        for line in lines(text_of(about["message"])):
            console.line(f"    {line}")
    for record in finding["records"]:
        where = record["area_name"] or record["area"]
        cells = [
            record["unit"],
            record["facility"],
            where,
            record["since"] and day_shown(record["since"]),
            called(record),
            AGENCY.get(record.get("agency") or ""),
            record.get("form"),
        ]
        console.line("    " + "  ".join(str(cell) for cell in cells if cell))
    show_mark(console, finding.get("mark"))


def _show_balance(console: Console, balance: dict[str, Any]) -> None:
    def parts(way: str, sign: str) -> list[list[str]]:
        return [[f"  {sign} {_class(part['class'])}", shown(part["count"])] for part in balance[way]]

    rows = [
        [spoken("check.opening"), shown(balance["opening"])],
        *parts("entries", "+"),
        *parts("exits", "−"),
        [spoken("check.closing"), shown(balance["closing"])],
        [spoken("check.difference"), shown(balance["difference"])],
    ]
    console.table([("", "left"), ("", "right")], rows)
    flows = balance.get("flows")
    if flows:
        steps = [[rendered(text_of(step)), shown(step["count"])] for step in flows["steps"]]
        console.table([("", "left"), ("", "right")], steps)


def _show_restated(console: Console, restated: dict[str, Any]) -> None:
    rows = [
        [f"{spoken('check.opening_then')} {moment_shown(restated['known_at'])}", shown(restated["then"])],
        *(
            [f"  {rendered(text_of(step))}", shown(step["count"])]
            for step in restated["steps"]
            if step["count"]
        ),
        [spoken("check.opening_now"), shown(restated["now"])],
    ]
    console.table([("", "left"), ("", "right")], rows)


def _class(name: str) -> str:
    kind, _, reason = name.partition(":")
    text = spoken(f"check.class.{kind}") if kind in CLASSES else kind
    return f"{text}: {reason}" if reason else text
