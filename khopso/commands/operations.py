"""`rebuild`, `republish`, `dlq`: operations on a running system."""

import time
from enum import StrEnum
from typing import Annotated, Any

import typer

from khopso.api import Api
from khopso.commands.options import Acting, AsJson, DataDir, operator
from khopso.console import Console
from khopso.language import help_of, spoken
from khopso.settings import chosen_data_dir
from khopso.words import moment_shown

_LONG_SECONDS = 3_600.0
_PAGE = 1_000

dlq = typer.Typer(help=help_of("cli.dlq.help"), no_args_is_help=True)

consumers = typer.Typer(
    help=help_of("cli.consumers.help"),
    no_args_is_help=True,
)


class Rebuildable(StrEnum):
    """What can be rebuilt from the log."""

    REPORTING = "reporting"


class Service(StrEnum):
    """The services."""

    REGISTRY = "registry"
    TREATMENT = "treatment"
    INCIDENTS = "incidents"
    REPORTING = "reporting"


ServiceArgument = Annotated[Service, typer.Argument(help=help_of("cli.option.service"), metavar="SERVICE")]
NumberArgument = Annotated[int, typer.Argument(help=help_of("cli.dlq.number"), metavar="NUMBER", min=1)]


def rebuild(
    what: Annotated[Rebuildable, typer.Argument(help="reporting", metavar="reporting")],
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Fold everything anew from the log and switch when done."""
    console = Console(as_json)
    started = time.monotonic()
    console.note(f"… {spoken('operations.rebuilding')}")
    with Api(chosen_data_dir(data_dir), person=person, who=operator(), timeout_seconds=_LONG_SECONDS) as api:
        answer = api.post(what.value, "/v1/rebuild")
    document = {"service": what.value, "seconds": round(time.monotonic() - started, 3)} | _object(answer)
    console.result(document, lambda: console.line(f"{spoken('operations.done')} ({document['seconds']} s)"))


def republish(
    service: ServiceArgument, person: Acting = None, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Send everything of a service to Kafka again."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person, who=operator(), timeout_seconds=_LONG_SECONDS) as api:
        answer = api.post(service.value, "/v1/republish", {})
    document = {"service": service.value} | _object(answer)
    console.result(document, lambda: console.line(f"{service.value}: {_fields(_object(answer))}"))


@dlq.command("list", help=help_of("cli.dlq.list.help"))
def dlq_list(
    service: ServiceArgument, person: Acting = None, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """List what waits for a decision."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person, who=operator()) as api:
        answer = api.get(service.value, "/v1/dlq", {"limit": _PAGE})
        while answer["next"] is not None:
            page = api.get(service.value, "/v1/dlq", {"limit": _PAGE, "after": answer["next"]})
            answer = {"dead_letters": answer["dead_letters"] + page["dead_letters"], "next": page["next"]}
    letters = answer["dead_letters"]

    def show() -> None:
        rows = [
            [
                str(letter["id"]),
                f"{letter['topic']}/{letter['partition']}@{letter['offset']}",
                str(letter["consumer"]),
                str(letter["reason"]),
                moment_shown(letter["failed_at"]),
            ]
            for letter in letters
        ]
        headings = [
            (spoken("operations.number"), "right"),
            (spoken("operations.place"), "left"),
            (spoken("operations.consumer"), "left"),
            (spoken("operations.reason"), "left"),
            (spoken("operations.at"), "left"),
        ]
        console.table(headings, rows)

    console.result(answer, show)


@dlq.command("show", help=help_of("cli.dlq.show.help"))
def dlq_show(
    service: ServiceArgument,
    number: NumberArgument,
    unmasked: Annotated[bool, typer.Option("--unmasked", help=help_of("cli.dlq.unmasked"))] = False,
    approval: Annotated[str | None, typer.Option("--approval", help=help_of("cli.dlq.approval"))] = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show one message, its values masked."""
    console = Console(as_json)
    wanted = {"unmasked": "true"} if unmasked else {}
    with Api(chosen_data_dir(data_dir), person=person, who=operator(), approval=approval) as api:
        answer = api.get(service.value, f"/v1/dlq/{number}", wanted)

    def show() -> None:
        for name, value in answer.items():
            console.line(f"{name}: {value}")

    console.result(answer, show)


@dlq.command("retry", help=help_of("cli.dlq.retry.help"))
def dlq_retry(
    service: ServiceArgument,
    number: NumberArgument,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Apply a message again."""
    _settle(service, number, "retry", Console(as_json), person, data_dir)


@dlq.command("discard", help=help_of("cli.dlq.discard.help"))
def dlq_discard(
    service: ServiceArgument,
    number: NumberArgument,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Give a message up for good."""
    _settle(service, number, "discard", Console(as_json), person, data_dir, spoken("operations.discarded"))


@dlq.command("erase", help=help_of("cli.dlq.erase.help"))
def dlq_erase(
    service: ServiceArgument,
    number: NumberArgument,
    reason: Annotated[str, typer.Option("--reason", help=help_of("cli.dlq.reason"))],
    approval: Annotated[str | None, typer.Option("--approval", help=help_of("cli.dlq.approval"))] = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Erase what a message holds."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person, who=operator(), approval=approval) as api:
        answer = _object(api.post(service.value, f"/v1/dlq/{number}/erase", {"reason": reason}))
    said = spoken("operations.erased" if answer.get("logs_forgot") else "operations.erased_here")
    document = {"service": service.value, "id": number, "action": "erase"} | answer
    console.result(document, lambda: console.line(f"{service.value} {number}: {said}"))


@consumers.command("list", help=help_of("cli.consumers.list.help"))
def consumers_list(
    service: ServiceArgument, person: Acting = None, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """List a service's consumers."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person, who=operator()) as api:
        answer = api.get(service.value, "/v1/consumers")

    def show() -> None:
        rows = [
            [
                str(state["consumer"]),
                spoken("operations.stopped" if state["stopped_at"] else "operations.running"),
                str(state["consecutive_dead_letters"]),
                str(state["reason"] or ""),
            ]
            for state in answer
        ]
        console.table(
            [
                (spoken("operations.consumer"), "left"),
                ("", "left"),
                (spoken("operations.dead_letters"), "right"),
                (spoken("operations.reason"), "left"),
            ],
            rows,
        )

    console.result(answer, show)


@consumers.command("resume", help=help_of("cli.consumers.resume.help"))
def consumers_resume(
    service: ServiceArgument,
    name: Annotated[str, typer.Argument(help=help_of("cli.consumers.name"), metavar="CONSUMER")],
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Let a consumer run again once the cause is mended."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person, who=operator()) as api:
        answer = api.post(service.value, f"/v1/consumers/{name}/resume")
    document = {"service": service.value, "consumer": name} | _object(answer)
    console.result(document, lambda: console.line(f"{service.value} {name}: {spoken('operations.resumed')}"))


def _settle(
    service: Service,
    number: int,
    action: str,
    console: Console,
    person: str | None,
    data_dir: DataDir,
    said: str = "",
) -> None:
    with Api(chosen_data_dir(data_dir), person=person, who=operator()) as api:
        answer = api.post(service.value, f"/v1/dlq/{number}/{action}")
    document = {"service": service.value, "id": number, "action": action} | _object(answer)
    console.result(document, lambda: console.line(f"{service.value} {number}: {said or action}"))


def _object(answer: Any) -> dict[str, Any]:
    return answer if isinstance(answer, dict) else {"result": answer}


def _fields(document: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in document.items())
