"""`audit`: who read what; the chain checked row by row, online or from an exported file."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.audit import HEAD_FORMAT, Broken, check_rows, is_signed
from contracts.closing import public_key
from contracts.messages import message
from khopso.api import Api
from khopso.commands.operations import Service
from khopso.commands.options import AsJson, DataDir
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.settings import chosen_data_dir

FORMAT = "khopso.audit.v1"
_PAGE = 2_000

audit = typer.Typer(help="Nhật ký truy cập / the audit of reads.", no_args_is_help=True)
ServiceOption = Annotated[Service, typer.Option("--service", help="Dịch vụ / service.")]
OutFile = Annotated[Path, typer.Argument(help="Tệp ghi ra / file to write.", metavar="FILE", dir_okay=False)]


@audit.command("head")
def head(
    out: OutFile,
    service: ServiceOption = Service.REPORTING,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Xuất đầu chuỗi đã ký, giữ ở nơi khác / export the signed heads; keep them elsewhere."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir)) as api:
        document = api.get(service.value, "/v1/audit/head")
    _write(out, document)
    console.result(document, lambda: console.line(f"Đã ghi / written: {out}"))


@audit.command("export")
def export(
    out: OutFile,
    service: ServiceOption = Service.REPORTING,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Xuất toàn bộ nhật ký / export every row."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir)) as api:
        rows = list(_rows(api, service.value))
    _write(out, {"format": FORMAT, "service": service.value, "rows": rows})
    document = {"service": service.value, "rows": len(rows), "written": str(out)}
    console.result(document, lambda: console.line(f"{len(rows)} dòng / rows: {out}"))


@audit.command("verify")
def verify(
    service: ServiceOption = Service.REPORTING,
    file: Annotated[
        Path | None, typer.Option("--file", help="Tệp đã xuất, không cần dịch vụ / an export; works offline.")
    ] = None,
    heads: Annotated[
        list[Path] | None, typer.Option("--head", help="Đầu chuỗi đã xuất / an exported head (repeatable).")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option("--public-key", help="Khóa công khai của cơ quan / the office's key (PEM).")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Kiểm tra chuỗi / check that no row was changed, removed, added or cut off; exit 1 where one was."""
    console = Console(as_json)
    name = service.value
    problems: list[dict[str, Any]] = []
    known: list[dict[str, Any]] = []
    exported = None if file is None else _read(file, FORMAT)
    if exported is not None:
        name = str(exported["service"])
    for path in heads or []:
        document = _read(path, HEAD_FORMAT)
        problems += _head_problems(path, document, name, key_file)
        known += document["chains"]
    if exported is not None and file is not None:
        count, broken = _check(exported["rows"], known, file)
    else:
        with Api(chosen_data_dir(data_dir)) as api:
            count, broken = _check(_rows(api, name), known, Path("/v1/audit"))
    problems += [_problem(found.rule, chain=found.chain, seq=found.seq) for found in broken]
    answer = {"service": name, "rows": count, "heads": len(heads or []), "holds": not problems}
    console.result({**answer, "problems": problems}, lambda: _show(console, count, problems))
    if problems:
        raise typer.Exit(Exit.REFUSED)


def _check(
    rows: Iterable[dict[str, Any]], heads: list[dict[str, Any]], where: Path
) -> tuple[int, list[Broken]]:
    listed = list(rows)
    try:
        return len(listed), list(check_rows(listed, heads))
    except (KeyError, TypeError, AttributeError) as damaged:
        raise FailureError(Exit.REFUSED, "audit_file_unknown", path=where, reason=repr(damaged)) from None


def _head_problems(
    path: Path, document: dict[str, Any], service: str, key_file: Path | None
) -> list[dict[str, Any]]:
    problems = []
    if document["service"] != service:
        problems.append(
            _problem("audit_other_service", path=path, found=document["service"], service=service)
        )
    if key_file is not None:
        try:
            key = public_key(key_file.read_bytes())
        except (OSError, ValueError) as refused:
            raise FailureError(
                Exit.WRONG_USE, "file_unreadable", reason=f"{key_file}: {type(refused).__name__}"
            ) from None
        if document.get("signature") is None:
            problems.append(_problem("audit_head_unsigned", path=path))
        elif not is_signed(document, key):
            problems.append(_problem("audit_signature_wrong", path=path))
    return problems


def _problem(rule: str, **parts: Any) -> dict[str, Any]:
    text = message(rule, **parts)
    shown = {name: value if isinstance(value, int) else str(value) for name, value in parts.items()}
    return {"rule": rule, **shown, "message": {"vi": text.vi, "en": text.en}}


def _rows(api: Api, service: str) -> Iterator[dict[str, Any]]:
    chain, chains = 0, 1
    while chain < chains:
        after: int | None = 0
        while after is not None:
            page = api.get(service, "/v1/audit", {"chain": chain, "after": after, "limit": _PAGE})
            chains = page["chains"]
            yield from page["rows"]
            after = page["next"]
        chain += 1


def _read(path: Path, kind: str) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except OSError:
        raise FailureError(Exit.WRONG_USE, "file_missing", path=path) from None
    except ValueError as refused:
        raise FailureError(Exit.REFUSED, "audit_file_unknown", path=path, reason=str(refused)) from None
    if not isinstance(document, dict) or document.get("format") != kind:
        raise FailureError(Exit.REFUSED, "audit_file_unknown", path=path, reason=kind)
    return document


def _write(path: Path, document: Any) -> None:
    try:
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as refused:
        raise FailureError(
            Exit.WRONG_USE, "target_exists", path=path, reason=type(refused).__name__
        ) from None


def _show(console: Console, count: int, problems: list[dict[str, Any]]) -> None:
    for problem in problems:
        console.line(f"✗ {problem['message']['vi']} / {problem['message']['en']}", "red")
    if not problems:
        console.line(f"✓ {count} dòng còn nguyên / rows hold")
