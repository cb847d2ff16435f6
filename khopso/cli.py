"""The entry point `khopso`: all commands, one place where failures become words and exit codes."""

import sys
from collections.abc import Sequence

import typer

from contracts.messages import Message
from khopso.commands import (
    audit,
    check,
    closing,
    demo,
    figures,
    match,
    operations,
    reconcile,
    registers,
    report,
    stack,
    table_check,
    verify,
)
from khopso.console import Console
from khopso.failure import AnsweredError, Exit, FailureError

# Typer's own name for "wrong use"; it exports the subclass only.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]

app = typer.Typer(
    name="khopso",
    help="Khớp Số: mọi số liệu từ sổ gốc / every figure from the registers.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
for name, command in (
    ("up", stack.up),
    ("down", stack.down),
    ("status", stack.status),
    ("demo", demo.demo),
    ("import", registers.import_register),
    ("template", registers.template),
    ("match", match.match),
    ("figures", figures.figures),
    ("figure", figures.figure),
    ("reconcile", reconcile.reconcile),
    ("report", report.report),
    ("wait", figures.wait),
    ("token", stack.token),
    ("check", check.check),
    ("check-table", table_check.check_table),
    ("revisions", closing.revisions),
    ("verify", verify.verify_file),
    ("rebuild", operations.rebuild),
    ("republish", operations.republish),
):
    app.command(name)(command)
app.add_typer(operations.dlq, name="dlq")
app.add_typer(operations.consumers, name="consumers")
app.add_typer(audit.audit, name="audit")
app.add_typer(closing.close, name="close")


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    console = Console("--json" in arguments)
    command = typer.main.get_command(app)
    try:
        code = command.main(list(arguments or ["--help"]), prog_name="khopso", standalone_mode=False)
    except FailureError as failure:
        console.failure(failure)
        return failure.exit_code
    except _UsageError as usage:
        text = str(usage.format_message() if hasattr(usage, "format_message") else usage)
        console.failure(AnsweredError(Exit.WRONG_USE, Message(f"Dùng sai lệnh: {text}", text), "usage", ()))
        return Exit.WRONG_USE
    except (typer.Abort, KeyboardInterrupt):
        console.note("Đã ngắt / interrupted")
        return 130
    if not arguments:
        return Exit.WRONG_USE
    return code if isinstance(code, int) else Exit.DONE


def main() -> None:
    """Entry point of the installed script."""
    sys.exit(int(run(sys.argv[1:])))
