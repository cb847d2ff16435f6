"""`rebuild`, `republish`, `dlq`: operations on a running system."""

import time
from enum import StrEnum
from typing import Annotated, Any

import typer

from khopso.api import Api
from khopso.commands.options import AsJson, DataDir
from khopso.console import Console
from khopso.settings import chosen_data_dir
from khopso.words import moment_shown

_LONG_SECONDS = 3_600.0
_PAGE = 1_000

dlq = typer.Typer(
    help="Thông điệp không áp dụng được / messages that could not be applied.", no_args_is_help=True
)

consumers = typer.Typer(
    help="Tiến trình đọc nhật ký / what reads the log, and whether dead letters stopped it.",
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


ServiceArgument = Annotated[Service, typer.Argument(help="Dịch vụ / service.", metavar="SERVICE")]
NumberArgument = Annotated[int, typer.Argument(help="Số thông điệp / number.", metavar="NUMBER", min=1)]


def rebuild(
    what: Annotated[Rebuildable, typer.Argument(help="reporting", metavar="reporting")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Tính lại toàn bộ số liệu từ nhật ký / fold everything anew, switch when done; readers notice nothing."""
    console = Console(as_json)
    started = time.monotonic()
    console.note("… tính lại / rebuilding")
    with Api(chosen_data_dir(data_dir), timeout_seconds=_LONG_SECONDS) as api:
        answer = api.post(what.value, "/v1/rebuild")
    document = {"service": what.value, "seconds": round(time.monotonic() - started, 3)} | _object(answer)
    console.result(document, lambda: console.line(f"Xong / done ({document['seconds']} s)"))


def republish(service: ServiceArgument, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Gửi lại lên Kafka mọi sự kiện của dịch vụ / send everything of a service to Kafka again."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), timeout_seconds=_LONG_SECONDS) as api:
        answer = api.post(service.value, "/v1/republish", {})
    document = {"service": service.value} | _object(answer)
    console.result(document, lambda: console.line(f"{service.value}: {_fields(_object(answer))}"))


@dlq.command("list")
def dlq_list(service: ServiceArgument, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Liệt kê / list what waits for a decision."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir)) as api:
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
            ("số / no", "right"),
            ("nơi / place", "left"),
            ("tiến trình / consumer", "left"),
            ("lý do / reason", "left"),
            ("lúc / at", "left"),
        ]
        console.table(headings, rows)

    console.result(answer, show)


@dlq.command("show")
def dlq_show(
    service: ServiceArgument, number: NumberArgument, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Xem một thông điệp / one message, with its original bytes and headers."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir)) as api:
        answer = api.get(service.value, f"/v1/dlq/{number}")

    def show() -> None:
        for name, value in answer.items():
            console.line(f"{name}: {value}")

    console.result(answer, show)


@dlq.command("retry")
def dlq_retry(
    service: ServiceArgument, number: NumberArgument, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Áp dụng lại / apply it again."""
    _settle(service, number, "retry", Console(as_json), data_dir)


@dlq.command("discard")
def dlq_discard(
    service: ServiceArgument, number: NumberArgument, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Bỏ hẳn / give it up for good."""
    _settle(service, number, "discard", Console(as_json), data_dir)


@consumers.command("list")
def consumers_list(service: ServiceArgument, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Liệt kê / list a service's consumers."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir)) as api:
        answer = api.get(service.value, "/v1/consumers")

    def show() -> None:
        rows = [
            [
                str(state["consumer"]),
                "dừng / stopped" if state["stopped_at"] else "chạy / running",
                str(state["consecutive_dead_letters"]),
                str(state["reason"] or ""),
            ]
            for state in answer
        ]
        console.table(
            [
                ("tiến trình / consumer", "left"),
                ("", "left"),
                ("thông điệp hỏng / dead letters", "right"),
                ("lý do / reason", "left"),
            ],
            rows,
        )

    console.result(answer, show)


@consumers.command("resume")
def consumers_resume(
    service: ServiceArgument,
    name: Annotated[str, typer.Argument(help="Tên / name.", metavar="CONSUMER")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Cho chạy tiếp sau khi đã sửa nguyên nhân / let it run again once the cause is mended."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir)) as api:
        answer = api.post(service.value, f"/v1/consumers/{name}/resume")
    document = {"service": service.value, "consumer": name} | _object(answer)
    console.result(document, lambda: console.line(f"{service.value} {name}: chạy tiếp / resumed"))


def _settle(service: Service, number: int, action: str, console: Console, data_dir: DataDir) -> None:
    with Api(chosen_data_dir(data_dir)) as api:
        answer = api.post(service.value, f"/v1/dlq/{number}/{action}")
    document = {"service": service.value, "id": number, "action": action} | _object(answer)
    console.result(document, lambda: console.line(f"{service.value} {number}: {action}"))


def _object(answer: Any) -> dict[str, Any]:
    return answer if isinstance(answer, dict) else {"result": answer}


def _fields(document: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in document.items())
