"""`record`, `withdraw` and `search`: one record with its history, withdrawn for a reason, and records by number, name, identity number or year of birth."""

import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from uuid import UUID

import typer

from contracts.forms import FORMS
from khopso.api import Api
from khopso.commands.options import Acting, AsJson, DataDir, clerk_of, day, filled, form_named
from khopso.console import Console
from khopso.failure import AnsweredError, Exit, FailureError
from khopso.language import brief, help_of, spoken
from khopso.record_names import REGISTER_SERVICES
from khopso.settings import chosen_data_dir
from khopso.words import day_shown, moment_shown
from reference import WITHDRAWAL
from texts import Message

_UNKNOWN = 404
_YEAR = "birth_year"
ASKED = ("number", "name", "national_id", _YEAR)
"""Terms of a search, in the order in which they are asked for."""
STEPS = ("step", "recorded_at", "handed_in_at", "by", "changes")
EVENTS = ("topic", "event", "sequence", "sent_at")
LIST = ("form", "number", "unit", "person", "born", "similarity", "id")
"""Headings of the tables."""
UnitOption = Annotated[str | None, typer.Option("--unit", help=help_of("cli.records.unit"))]


def record(
    identifier: Annotated[UUID, typer.Argument(metavar="ID", help=help_of("cli.record.id"))],
    unit: UnitOption = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show one record: what it says, its history, other records of the person's number, the events that it left."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person, who=clerk_of(unit)) as api:
        found = _at_address(api, identifier)
    console.result(found, lambda: _show(console, found))


def withdraw(
    identifier: Annotated[UUID, typer.Argument(metavar="ID", help=help_of("cli.record.id"))],
    reason: Annotated[str, typer.Option("--reason", help=help_of("cli.withdraw.reason"))],
    note: Annotated[str, typer.Option("--note", help=help_of("cli.withdraw.note"))] = "",
    unit: UnitOption = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw one record by its id, for a reason: it counts no more, its history stays."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person, who=clerk_of(unit)) as api:
        found = _at_address(api, identifier)
        said = {"reason": reason} | ({"note": note} if note else {})
        done = api.post(found["service"], f"/v1/records/{identifier}/withdrawal", said)
    console.result(done, lambda: console.line(spoken(f"withdraw.{done['outcome']}", number=found["number"])))


def search(
    number: Annotated[str | None, typer.Option("--number", help=help_of("cli.search.number"))] = None,
    name: Annotated[str | None, typer.Option("--name", help=help_of("cli.search.name"))] = None,
    national_id: Annotated[str | None, typer.Option("--id", help=help_of("cli.search.national_id"))] = None,
    birth_year: Annotated[int | None, typer.Option("--born", help=help_of("cli.search.birth_year"))] = None,
    form: Annotated[str | None, typer.Option("--form", help=help_of("cli.search.form"))] = None,
    first: Annotated[str | None, typer.Option("--from", help=help_of("cli.search.from"))] = None,
    last: Annotated[str | None, typer.Option("--to", help=help_of("cli.search.to"))] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=50, help=help_of("cli.search.limit"))] = 10,
    unit: UnitOption = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Find records in the services that keep registers, the most similar first; without terms they are asked for."""
    console = Console(as_json)
    terms = filled({"number": number, "name": name, "national_id": national_id, _YEAR: birth_year})
    wanted = {
        "form": form,
        "unit": unit,
        "from": day("--from", first),
        "to": day("--to", last),
        "limit": limit,
    }
    services = REGISTER_SERVICES if form is None else (form_named(form).service,)
    asked = (terms or _prompted()) | filled(wanted)
    with Api(chosen_data_dir(data_dir), person=person, who=clerk_of(unit)) as api:
        answers = [api.post(service, "/v1/records/search", asked) for service in services]
    records = sorted(
        (found for answer in answers for found in answer["records"]),
        key=lambda found: -int(found["similarity"]),
    )
    document = {
        "records": records[:limit],
        "more": len(records) > limit or any(answer["next"] is not None for answer in answers),
        "whole": all(answer["whole"] for answer in answers),
    }
    console.result(document, lambda: _list(console, document))


def _at_address(api: Api, identifier: UUID) -> dict[str, Any]:
    unknown: AnsweredError | None = None
    for service in REGISTER_SERVICES:
        try:
            found: dict[str, Any] = api.get(service, f"/v1/records/{identifier}")
        except AnsweredError as answered:
            if answered.status != _UNKNOWN:
                raise
            unknown = answered
        else:
            return {"service": service, **found}
    assert unknown is not None
    raise unknown


def _prompted() -> dict[str, Any]:
    """Return terms from the terminal or, line by line, from standard input: there no other user of the machine sees them."""
    said = {}
    for term in ASKED:
        if sys.stdin.isatty():
            text = str(typer.prompt(spoken(f"search.ask.{term}"), default="", show_default=False, err=True))
        else:
            text = sys.stdin.readline()
        if text.strip():
            said[term] = text.strip()
    if not said:
        raise FailureError(Exit.WRONG_USE, "search_terms")
    return said


def _show(console: Console, found: Mapping[str, Any]) -> None:
    form = FORMS[found["form"]]
    console.line(f"{found['number']}   {brief(Message(form.vi, form.en))}, {found['unit']}", "bold")
    if found["voided"]:
        console.line(spoken("record.voided"))
    if found["minor"]:
        console.line(spoken("record.minor"))
    columns = [(spoken("record.column"), "left"), (spoken("record.value"), "left")]
    console.table(
        columns, [[form.by_id[name].vi, _value(value)] for name, value in found["values"].items() if value]
    )
    console.line()
    console.table([(spoken(f"record.{each}"), "left") for each in STEPS], list(_history(found)))
    for other in found["others"]:
        console.line(f"{spoken('record.other')}: {other['number']}   {other['record']}")
    console.line()
    console.table(
        [(spoken(f"record.{each}"), "left") for each in EVENTS],
        [
            [event["topic"], event["type"], str(event["sequence"]), moment_shown(event["sent_at"])]
            for event in found["events"]
        ],
    )


def _reason(step: Mapping[str, Any]) -> str:
    """Return why a record was withdrawn, after the word for it; nothing where nobody said."""
    code = step.get("reason")
    if code is None:
        return ""
    note = f" – {step['note']}" if step.get("note") else ""
    return f": {brief(Message(WITHDRAWAL.get(code, code), code.replace('_', ' ')))}{note}"


def _history(found: Mapping[str, Any]) -> Iterator[list[str]]:
    columns = FORMS[found["form"]].by_id
    for step in found["history"]:
        changes = [
            f"{columns[change['field']].vi}: {_value(change['old'])} → {_value(change['new'])}"
            for change in step["changes"]
        ]
        yield [
            spoken(f"record.step.{step['step']}") + _reason(step),
            moment_shown(step["recorded_at"]),
            moment_shown(step["handed_in_at"]),
            step["handed_in_by"],
            "; ".join(changes),
        ]


def _list(console: Console, document: Mapping[str, Any]) -> None:
    rows = [
        [
            found["form"],
            found["number"] + (f" ({spoken('record.voided')})" if found["voided"] else ""),
            found["unit"],
            _who(found),
            _value(found["values"].get("birth_date")),
            f"{found['similarity'] / 10:g} %" + (f" ({spoken('record.former')})" if found["former"] else ""),
            found["record"],
        ]
        for found in document["records"]
    ]
    console.table([(spoken(f"record.{each}"), "left") for each in LIST], rows)
    if document["more"]:
        console.note(spoken("search.more"))
    if not document["whole"]:
        console.note(spoken("search.not_whole"))


def _who(found: Mapping[str, Any]) -> str:
    return spoken("record.minor") if found["minor"] else str(found["values"].get("full_name", "–"))


def _value(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, list):
        return "; ".join(map(str, value))
    text = str(value)
    return day_shown(text) if len(text) == len("2023-12-31") and text[4] == text[7] == "-" else text
