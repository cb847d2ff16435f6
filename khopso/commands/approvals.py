"""`approvals`: ask for a second person's approval, list those that wait, approve or refuse one."""

from typing import Annotated, Any

import typer

from khopso.api import Api
from khopso.commands.operations import Service, ServiceArgument
from khopso.commands.options import Acting, AsJson, DataDir
from khopso.console import Console
from khopso.language import help_of, spoken
from khopso.settings import chosen_data_dir
from khopso.words import moment_shown

approvals = typer.Typer(help=help_of("cli.approvals.help"), no_args_is_help=True)

ApprovalArgument = Annotated[str, typer.Argument(help=help_of("cli.approvals.approval"), metavar="APPROVAL")]


@approvals.command("ask", help=help_of("cli.approvals.ask.help"))
def ask(
    service: ServiceArgument,
    action: Annotated[str, typer.Argument(help=help_of("cli.approvals.action"), metavar="ACTION")],
    reason: Annotated[str, typer.Option("--reason", help=help_of("cli.approvals.reason"))],
    form: Annotated[str, typer.Option("--form", help=help_of("cli.approvals.form"))] = "",
    unit: Annotated[str, typer.Option("--unit", help=help_of("cli.approvals.unit"))] = "",
    item: Annotated[str, typer.Option("--item", help=help_of("cli.approvals.item"))] = "",
    rows: Annotated[int, typer.Option("--rows", min=1, help=help_of("cli.approvals.rows"))] = 1,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Ask for the approval of a second person."""
    console = Console(as_json)
    wanted = {"action": action, "form": form, "unit": unit, "item": item, "rows": rows, "reason": reason}
    with Api(chosen_data_dir(data_dir), person=person) as api:
        answer = api.post(service.value, "/v1/approvals", wanted)
    console.result(answer, lambda: console.line(f"{answer['id']}: {spoken('approvals.asked')}"))


@approvals.command("list", help=help_of("cli.approvals.list.help"))
def list_all(
    service: ServiceArgument,
    closed: Annotated[bool, typer.Option("--closed", help=help_of("cli.approvals.closed"))] = False,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List what concerns the caller."""
    console = Console(as_json)
    wanted = {"closed": "true"} if closed else {}
    found: list[dict[str, Any]] = []
    before: dict[str, str] = {}
    with Api(chosen_data_dir(data_dir), person=person) as api:
        while True:
            page = api.get(service.value, "/v1/approvals", wanted | before)
            found += page["approvals"]
            if page["next"] is None:
                break
            before = {"before": page["next"]}

    def show() -> None:
        headings = [
            (spoken("operations.number"), "left"),
            (spoken("approvals.state"), "left"),
            (spoken("approvals.action"), "left"),
            (spoken("approvals.about"), "left"),
            (spoken("approvals.rows"), "right"),
            (spoken("operations.reason"), "left"),
            (spoken("approvals.asked_by"), "left"),
            (spoken("approvals.until"), "left"),
        ]
        console.table(headings, [_row(one) for one in found])

    console.result({"approvals": found}, show)


@approvals.command("approve", help=help_of("cli.approvals.approve.help"))
def approve(
    service: ServiceArgument,
    approval: ApprovalArgument,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Approve what another person asked for."""
    _decide(service, approval, True, person, Console(as_json), data_dir)


@approvals.command("refuse", help=help_of("cli.approvals.refuse.help"))
def refuse(
    service: ServiceArgument,
    approval: ApprovalArgument,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Refuse what another person asked for."""
    _decide(service, approval, False, person, Console(as_json), data_dir)


def _decide(
    service: Service, approval: str, yes: bool, person: str | None, console: Console, data_dir: DataDir
) -> None:
    with Api(chosen_data_dir(data_dir), person=person) as api:
        answer = api.post(service.value, f"/v1/approvals/{approval}/decision", {"approve": yes})
    said = spoken("approvals.approved" if yes else "approvals.refused")
    console.result(answer, lambda: console.line(f"{approval}: {said}"))


def _row(one: dict[str, Any]) -> list[str]:
    about = " ".join(part for part in (one["form"], one["unit"], one["item"]) if part)
    until = moment_shown(one["expires_at"])
    rows = f"{one['used']}/{one['rows']}"
    return [one["id"], one["state"], one["action"], about, rows, one["reason"], one["asked_by"], until]
