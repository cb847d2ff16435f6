"""`audit`: who read what; the chain checked row by row, online or from an exported file."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from khopso.api import Api, text_of
from khopso.commands.operations import Service
from khopso.commands.options import Acting, AsJson, DataDir, administrator
from khopso.console import Console
from khopso.failure import Exit, FailureError
from khopso.language import help_of, rendered, spoken
from khopso.settings import chosen_data_dir
from proof import HEAD_FORMAT, Broken, PublicKey, check_rows, is_signed, public_key
from texts import message

FORMAT = "khopso.audit.v1"
HEADS_FORMAT = "khopso.audit-heads.v1"
"""A file with the heads of several services."""
_PAGE = 2_000

audit = typer.Typer(help=help_of("cli.audit.help"), no_args_is_help=True)
ServiceOption = Annotated[Service, typer.Option("--service", help=help_of("cli.option.service"))]
AnyService = Annotated[Service | None, typer.Option("--service", help=help_of("cli.audit.service"))]
OutFile = Annotated[Path, typer.Argument(help=help_of("cli.option.out"), metavar="FILE", dir_okay=False)]


@audit.command("head", help=help_of("cli.audit.head.help"))
def head(
    out: OutFile,
    service: AnyService = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Export the signed heads, to be kept elsewhere."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person, who=administrator()) as api:
        found = [api.get(name, "/v1/audit/head") for name in _named(service)]
    document = found[0] if service is not None else {"format": HEADS_FORMAT, "heads": found}
    _write(out, document)
    # An unsigned head proves little: a forger of a whole chain can make such a head too.
    unsigned = [one["service"] for one in found if one.get("signature") is None]

    def show() -> None:
        console.line(f"{spoken('cli.written')}: {out}")
        if unsigned:
            console.line(f"{spoken('audit.not_signed')}: {', '.join(unsigned)}", "yellow")

    console.result(document, show)


@audit.command("export", help=help_of("cli.audit.export.help"))
def export(
    out: OutFile,
    service: ServiceOption = Service.REPORTING,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Export every row."""
    console = Console(as_json)
    with Api(chosen_data_dir(data_dir), person=person, who=administrator()) as api:
        rows = list(_rows(api, service.value))
    _write(out, {"format": FORMAT, "service": service.value, "rows": rows})
    document = {"service": service.value, "rows": len(rows), "written": str(out)}
    console.result(document, lambda: console.line(f"{len(rows)} {spoken('audit.rows')}: {out}"))


@audit.command("verify", help=help_of("cli.audit.verify.help"))
def verify(
    service: AnyService = None,
    file: Annotated[Path | None, typer.Option("--file", help=help_of("cli.audit.file"))] = None,
    heads: Annotated[list[Path] | None, typer.Option("--head", help=help_of("cli.audit.heads"))] = None,
    key_files: Annotated[
        list[Path] | None,
        typer.Option("--public-key", help=help_of("cli.audit.keys")),
    ] = None,
    person: Acting = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check that no row was changed, removed, added or cut off; exit 1 where one was."""
    console = Console(as_json)
    exported = None if file is None else _read(file, FORMAT)
    names = _named(service) if exported is None else (str(exported["service"]),)
    known = [(path, one) for path in heads or [] for one in _heads_of(path)]
    keys = [_key(path) for path in key_files or []]
    problems = [found for path, one in known for found in _head_problems(path, one, names, keys)]
    answers = []
    for name in names:
        own = [one for _, one in known if one["service"] == name]
        chains = [chain for one in own for chain in one["chains"]]
        if exported is not None and file is not None:
            count, broken = _check(exported["rows"], chains, file)
        else:
            with Api(chosen_data_dir(data_dir), person=person, who=administrator()) as api:
                count, broken = _check(_rows(api, name), chains, Path("/v1/audit"))
        found = [_problem(one.rule, service=name, chain=one.chain, seq=one.seq) for one in broken]
        problems += found
        answers.append({"service": name, "rows": count, "heads": len(own), "holds": not found})
    proof = _proof(known, keys)
    answer = {"services": answers, "signatures": proof, "holds": not problems, "problems": problems}
    console.result(answer, lambda: _show(console, answers, proof, problems))
    if problems:
        raise typer.Exit(Exit.REFUSED)


def _named(service: Service | None) -> tuple[str, ...]:
    return tuple(one.value for one in Service) if service is None else (service.value,)


def _proof(known: Sequence[tuple[Path, dict[str, Any]]], keys: Sequence[PublicKey]) -> str:
    """Return whether signatures were checked: ``no_heads`` without heads, ``not_checked`` without keys, or ``checked``."""
    if not known:
        return "no_heads"
    return "checked" if keys else "not_checked"


def _check(
    rows: Iterable[dict[str, Any]], heads: list[dict[str, Any]], where: Path
) -> tuple[int, list[Broken]]:
    listed = list(rows)
    try:
        return len(listed), list(check_rows(listed, heads))
    except (KeyError, TypeError, AttributeError) as damaged:
        raise FailureError(Exit.REFUSED, "audit_file_unknown", path=where, reason=repr(damaged)) from None


def _heads_of(path: Path) -> list[dict[str, Any]]:
    """Return the signed heads in a file, of one service or of several."""
    document = _read(path, HEAD_FORMAT, HEADS_FORMAT)
    found = document["heads"] if document["format"] == HEADS_FORMAT else [document]
    for one in found:
        if not isinstance(one, dict) or one.get("format") != HEAD_FORMAT:
            raise FailureError(Exit.REFUSED, "audit_file_unknown", path=path, reason=HEAD_FORMAT)
    return list(found)


def _key(path: Path) -> PublicKey:
    try:
        return public_key(path.read_bytes())
    except (OSError, ValueError) as refused:
        raise FailureError(
            Exit.WRONG_USE, "file_unreadable", reason=f"{path}: {type(refused).__name__}"
        ) from None


def _head_problems(
    path: Path, document: dict[str, Any], services: Sequence[str], keys: Sequence[PublicKey]
) -> list[dict[str, Any]]:
    problems = []
    named = document["service"]
    if named not in services:
        problems.append(_problem("audit_other_service", path=path, found=named, service=", ".join(services)))
    if keys and document.get("signature") is None:
        problems.append(_problem("audit_head_unsigned", path=path, service=named))
    # Each service has its own key, and the user need not know which key belongs to which service.
    elif keys and not any(is_signed(document, key) for key in keys):
        problems.append(_problem("audit_signature_wrong", path=path, service=named))
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


def _read(path: Path, *kinds: str) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except OSError:
        raise FailureError(Exit.WRONG_USE, "file_missing", path=path) from None
    except ValueError as refused:
        raise FailureError(Exit.REFUSED, "audit_file_unknown", path=path, reason=str(refused)) from None
    if not isinstance(document, dict) or document.get("format") not in kinds:
        raise FailureError(Exit.REFUSED, "audit_file_unknown", path=path, reason=kinds[0])
    return document


def _write(path: Path, document: Any) -> None:
    try:
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as refused:
        raise FailureError(
            Exit.WRONG_USE, "target_exists", path=path, reason=type(refused).__name__
        ) from None


def _show(
    console: Console, answers: Sequence[dict[str, Any]], proof: str, problems: Sequence[dict[str, Any]]
) -> None:
    for problem in problems:
        console.line(f"✗ {rendered(text_of(problem['message']))}", "red")
    for answer in answers:
        if answer["holds"]:
            console.line(f"✓ {answer['service']}: {answer['rows']} {spoken('audit.rows_hold')}")
    if proof == "not_checked":
        console.line(f"{spoken('audit.not_checked')}: --public-key", "yellow")
