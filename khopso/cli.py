"""The entry point `khopso`: it lists all commands, and turns failures into texts and exit codes."""

import sys
from collections.abc import Callable, Sequence

import typer

from khopso.commands import (
    amendments,
    approvals,
    audit,
    backup,
    check,
    closing,
    compositions,
    demo,
    duties,
    figures,
    keys,
    ledger,
    logs,
    looks,
    match,
    operations,
    places,
    reconcile,
    records,
    registers,
    reminders,
    report,
    restore,
    sql,
    stack,
    state,
    table_check,
    template,
    tokens,
    verify,
)
from khopso.console import Console
from khopso.failure import Exit, FailureError, UnusableFileError
from khopso.language import check_language, help_of, spoken
from khopso.usage import UsageError, check_given_once, wrong_use
from reference import PackError
from registerfiles.failure import ContentError

app = typer.Typer(
    name="khopso",
    help=help_of("cli.help"),
    add_completion=False,
    pretty_exceptions_enable=False,
)
_COMMANDS: dict[str, dict[str, Callable[..., None] | typer.Typer]] = {
    spoken("cli.panel.registers"): {
        "template": template.template,
        "import": registers.import_register,
        "match": match.match,
        "state": state.state,
        "search": records.search,
        "record": records.record,
        "withdraw": records.withdraw,
        "ledger": ledger.ledger,
        "units": places.units,
        "reminders": reminders.reminders,
        "duties": duties.duties,
    },
    spoken("cli.panel.figures"): {
        "figures": figures.figures,
        "figure": figures.figure,
        "areas": places.areas,
        "sql": sql.sql,
        "wait": figures.wait,
        "reconcile": reconcile.reconcile,
        "check": check.check,
        "check-table": table_check.check_table,
    },
    spoken("cli.panel.reports"): {
        "report": report.report,
        "compositions": compositions.compositions,
        "close": closing.close,
        "revisions": closing.revisions,
        "verify": verify.verify_file,
    },
    spoken("cli.panel.stack"): {
        "demo": demo.demo,
        "up": stack.up,
        "status": stack.status,
        "logs": logs.logs,
        "down": stack.down,
        "token": stack.token,
    },
    spoken("cli.panel.operations"): {
        "rebuild": operations.rebuild,
        "republish": operations.republish,
        "approvals": approvals.approvals,
        "amendments": amendments.amendments,
        "dlq": operations.dlq,
        "consumers": operations.consumers,
        "keys": keys.keys,
        "audit": audit.audit,
        "backup": backup.backup,
        "restore": restore.restore,
        "looks": looks.looks,
        "tokens": tokens.tokens,
    },
}
TOP_COMMANDS = [
    name
    for commands in _COMMANDS.values()
    for name, one in commands.items()
    if not isinstance(one, typer.Typer)
]
"""Commands without subcommands; the others bring their own help. Texts: ``cli.<command>.help``."""
for panel, commands in _COMMANDS.items():
    for name, command in commands.items():
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, rich_help_panel=panel)
        else:
            app.command(name, rich_help_panel=panel, help=help_of(f"cli.{name}.help"))(command)


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    console = Console("--json" in arguments)
    command = typer.main.get_command(app)
    try:
        check_language()
        check_given_once(command, arguments)
        code = command.main(list(arguments or ["--help"]), prog_name="khopso", standalone_mode=False)
    except FailureError as failure:
        console.failure(failure)
        return failure.exit_code
    except ContentError as refused:
        console.failure(UnusableFileError(refused))
        return Exit.REFUSED
    except PackError as broken:
        faults = tuple(str(fault) for fault in broken.faults)
        console.failure(FailureError(Exit.WRONG_USE, "province_pack", pack=broken.pack, details=faults))
        return Exit.WRONG_USE
    except UsageError as usage:
        console.failure(wrong_use(usage))
        return Exit.WRONG_USE
    except (typer.Abort, KeyboardInterrupt):
        console.note(spoken("cli.interrupted"))
        return 130
    if not arguments:
        return Exit.WRONG_USE
    return code if isinstance(code, int) else Exit.DONE


def main() -> None:
    """Run the command of the installed script and exit with its code."""
    sys.exit(int(run(sys.argv[1:])))
