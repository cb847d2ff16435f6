"""`up`, `down`, `status`, `token`: the embedded stack of a data directory."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.envelope import VIETNAM
from contracts.forms import FORMS
from deploy.embedded import (
    SERVICES,
    Broker,
    DamagedStateError,
    Issuer,
    Layout,
    OtherProvinceError,
    ProcessEntry,
    Stack,
    StackFailedError,
    bring_down,
    ensure_up,
    observe,
    read_stack,
    wait_running,
)
from khopso.api import Api, of_another_province
from khopso.commands.options import AsJson, DataDir
from khopso.console import Console
from khopso.failure import Exit, FailureError, writing
from khopso.language import help_of, lines, spoken
from khopso.settings import chosen_data_dir
from khopso.words import moment_shown
from reference import check_province, parse_unit, province
from texts import message

START_SECONDS = 600.0
_STEPS = {
    "starting": "stack.starting",
    "looking for Apache Kafka": "stack.choosing_broker",
    "starting PostgreSQL and the broker": "stack.starting_stores",
    "bringing the databases up to date": "stack.migrating",
    "starting the services": "stack.starting_services",
}
"""Steps as the supervisor writes them down → their texts."""


class BrokerKind(StrEnum):
    """The brokers that the embedded stack can run."""

    EMBEDDED = "embedded"
    KAFKA = "kafka"


BrokerOption = Annotated[
    BrokerKind | None, typer.Option("--broker", help=f"kafka | embedded; {spoken('cli.option.broker')}.")
]


class Role(StrEnum):
    """The roles that a token may carry."""

    CLERK = "clerk"
    OFFICIAL = "official"
    ANALYST = "analyst"
    ADMIN = "admin"
    OPERATOR = "operator"


def start_stack(console: Console, data_dir: Path, broker: Broker | None, *, wait: bool) -> tuple[Stack, bool]:
    """Start the stack and return it, and whether this call started it; FailureError (exit 3) where it does not start."""
    try:
        check_province(province(), FORMS)
        with writing(data_dir):
            stack, started = ensure_up(data_dir, broker)
        if broker is not None and stack.broker != broker:
            raise FailureError(Exit.REFUSED, "stack_other_broker", running=stack.broker, wanted=broker)
        if wait:
            stack = wait_running(data_dir, START_SECONDS, lambda step: console.note(f"… {_step(step)}"))
    except OtherProvinceError as other:
        raise of_another_province(other.held) from None
    except (StackFailedError, DamagedStateError) as failed:
        raise FailureError(Exit.UNREACHABLE, "stack_failed", reason=failed.text) from None
    return stack, started


def _step(step: str) -> str:
    return spoken(_STEPS[step]) if step in _STEPS else step


def up(
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help=help_of("cli.up.wait"))] = True,
    broker: BrokerOption = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Start the stack on this machine; return when it serves, unless told not to wait."""
    console = Console(as_json)
    place = chosen_data_dir(data_dir)
    stack, started = start_stack(console, place, broker.value if broker else None, wait=wait)
    document = stack_document(place, stack) | {"started": started}

    def show() -> None:
        _show(console, place, stack)
        for line in lines(message("stack.next" if wait else "stack.next_no_wait")):
            console.line(line)

    console.result(document, show)


def down(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Stop the stack; its data stays."""
    console = Console(as_json)
    place = chosen_data_dir(data_dir)
    try:
        stopped = bring_down(place)
    except (StackFailedError, DamagedStateError) as failed:
        raise FailureError(Exit.UNREACHABLE, "stack_failed", reason=failed.text) from None
    text = spoken("stack.was_stopped" if stopped else "stack.nothing_ran")
    console.result(
        {"state": "stopped", "stopped": stopped, "data_dir": str(place)}, lambda: console.line(text)
    )


def status(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show how the stack is; exit 3 when it is not fully running."""
    console = Console(as_json)
    place = chosen_data_dir(data_dir)
    try:
        stack = observe(place, read_stack(place))
    except DamagedStateError as damaged:
        raise FailureError(Exit.UNREACHABLE, "stack_failed", reason=damaged.text) from None
    console.result(stack_document(place, stack), lambda: _show(console, place, stack))
    if not stack.supervised or stack.phase != "running" or not all(e.ready for e in stack.processes.values()):
        raise typer.Exit(Exit.UNREACHABLE)


def token(
    unit: Annotated[str, typer.Option("--unit", help=help_of("cli.token.unit"))],
    role: Annotated[Role, typer.Option("--role", help="clerk | official | analyst | admin | operator.")],
    ttl: Annotated[int, typer.Option("--ttl", min=1, max=28_800, help=help_of("cli.option.seconds"))] = 3600,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Issue a token of the local stack."""
    console = Console(as_json)
    place = chosen_data_dir(data_dir)
    key = Layout(place).issuer_key
    if not key.exists():
        raise FailureError(Exit.UNREACHABLE, "no_issuer")
    parsed = parse_unit(unit)
    if parsed is None:
        raise FailureError(Exit.WRONG_USE, "unit", details=(unit,))
    area = parsed.area_code or _area_of_facility(place, unit)
    minted = Issuer(key).mint(unit, role.value, area, ttl)
    document = {"token": minted, "unit": unit, "role": role.value, "area": area, "ttl_seconds": ttl}
    console.result(document, lambda: console.line(minted))


def _area_of_facility(data_dir: Path, unit: str) -> str | None:
    """Return the commune of a facility from `treatment`; None where it is not known (the token is for the unit only)."""
    try:
        with Api(data_dir, timeout_seconds=5.0) as api:
            known = api.get("treatment", "/v1/units", {"unit": unit}, patience_seconds=0.2)
    except FailureError:
        return None
    units = known.get("units", []) if isinstance(known, dict) else known or []
    areas = [
        entry.get("area_code") for entry in units if isinstance(entry, dict) and entry.get("code") == unit
    ]
    return str(areas[0]) if areas and areas[0] else None


def stack_document(data_dir: Path, stack: Stack) -> dict[str, Any]:
    """Return the JSON answer of `khopso status`."""
    live = stack.supervised
    runs = live or any(entry.alive() is not None for entry in stack.processes.values())
    return {
        "state": _state(stack, live, runs),
        "step": stack.step if live else "",
        "error": stack.error,
        "data_dir": str(data_dir),
        "broker": stack.broker,
        "kafka_bootstrap": stack.kafka_bootstrap if runs else None,
        "jwks_url": stack.jwks_url if runs else None,
        "supervisor_pid": stack.supervisor.pid if live and stack.supervisor else None,
        "services": {name: stack.urls[name] for name in SERVICES} if runs and stack.urls else {},
        "pages": stack.pages_url if runs else None,
        "processes": {name: _process(entry) for name, entry in (stack.processes if runs else {}).items()},
    }


def _state(stack: Stack, live: bool, runs: bool) -> str:
    """Return the phase; `unsupervised` where a killed supervisor left processes that nobody starts again."""
    if live or stack.phase == "failed":
        return stack.phase
    return "unsupervised" if runs else "stopped"


def _process(entry: ProcessEntry) -> dict[str, Any]:
    return {
        "pid": entry.pid or None,
        "state": entry.state,
        "ready": entry.ready,
        "since": datetime.fromtimestamp(entry.since, VIETNAM).isoformat(timespec="seconds"),
        "restarts": entry.restarts,
        "log": entry.log,
    }


def _show(console: Console, data_dir: Path, stack: Stack) -> None:
    document = stack_document(data_dir, stack)
    state = _step(document["step"]) if document["step"] else spoken(f"stack.{document['state']}")
    console.line(f"{spoken('stack.state')}: {state}")
    if document["error"]:
        console.line(f"  {document['error']}")
    console.line(f"{spoken('stack.data')}: {data_dir}")
    if not document["processes"] and not document["services"]:
        return
    if document["pages"]:
        console.line(f"{spoken('stack.pages')}: {document['pages']}")
    console.line(f"Kafka ({stack.broker or '…'}): {document['kafka_bootstrap'] or '…'}")
    rows = []
    for name, entry in document["processes"].items():
        state = spoken(f"stack.process.{entry['state']}")
        since = moment_shown(entry["since"])
        rows.append([name, str(entry["pid"] or "–"), state, since, str(entry["restarts"])])
    headings = [
        (spoken("stack.process"), "left"),
        ("pid", "right"),
        ("", "left"),
        (spoken("stack.since"), "left"),
        (spoken("stack.restarts"), "right"),
    ]
    console.table(headings, rows)
    for name, url in document["services"].items():
        console.line(f"  {name:<10} {url}/docs   {url}/metrics")
