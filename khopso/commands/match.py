"""`match`: an agency's own list held against the register."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from contracts.forms import FORMS
from khopso.api import Api
from khopso.commands.options import AsJson, DataDir, day, form_named
from khopso.console import Console
from khopso.failure import Exit
from khopso.registers.lists import KINDS, Asked, Held, Item, hold, reason_in_general
from khopso.settings import chosen_data_dir

_SHOWN = 20
_TIMEOUT_SECONDS = 600.0  # a long list against a large register


def match(
    form: Annotated[str, typer.Argument(help="Biểu mẫu của danh sách / the list's form.", metavar="FORM")],
    file: Annotated[Path, typer.Argument(help="Tệp .csv hoặc .xlsx / file.", metavar="FILE")],
    unit: Annotated[
        str | None,
        typer.Option("--unit", help="Danh sách của đơn vị nào / whose list it is, if no column says so."),
    ] = None,
    area: Annotated[str | None, typer.Option("--area", help="Chỉ địa bàn này / this area only.")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Ngày lập danh sách / the day the list was drawn up.")
    ] = None,
    agency: Annotated[
        str | None,
        typer.Option("--agency", help="Chỉ hồ sơ của cơ quan này / this agency's records only."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            help="Đối chiếu người với sổ khác của cùng dịch vụ / hold the persons against another register.",
            metavar="FORM",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Bảng việc theo đơn vị / worklist by unit.", metavar="WORKLIST.xlsx"),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Đối chiếu danh sách của đơn vị với hệ thống / hold an agency's list against the register.

    Nothing of the list is stored. Exit code 0 where both say the same, 1 where anything differs.
    """
    console = Console(as_json)
    wanted = form_named(form)
    other = form_named(against).name if against is not None else None
    asked = Asked(unit, area, agency, day("--as-of", as_of), other)
    with Api(chosen_data_dir(data_dir), timeout_seconds=_TIMEOUT_SECONDS) as api:
        api.url(wanted.service)
        with console.progress(wanted.name) as advance:
            held = hold(api, wanted, file, FORMS, asked, advance)
    if out is not None:
        from khopso.registers.worklist import write_worklist  # loads slowly

        write_worklist(held, out)
    document = held.document() | {"worklist": str(out) if out is not None else None}
    console.result(document, lambda: _show(console, held, out))
    if held.items:
        raise typer.Exit(Exit.REFUSED)


def _show(console: Console, held: Held, out: Path | None) -> None:
    counts = held.counts
    console.line(f"{held.form.vi} / {held.form.en}")
    console.line(
        f"danh sách / list {counts['theirs']}, hệ thống / here {counts['ours']}: "
        f"khớp / the same {counts['in_both']}, khác / different {counts['different']}, "
        f"chỉ danh sách / only theirs {counts['only_theirs']}, chỉ hệ thống / only ours {counts['only_ours']}"
    )
    if held.persons is not None:
        people = held.persons
        console.line(
            f"người / persons: {people['theirs']} – {people['ours']}, cả hai bên / in both {people['in_both']}"
        )
    for fault in held.unknown:
        console.line(f"  cột không đối chiếu / column not compared: {fault.field}")
    reasons = Counter((item["kind"], item["reason"]["code"]) for item in held.items)
    if reasons:
        rows = [
            (KINDS[kind], reason_in_general(code), str(count))
            for (kind, code), count in reasons.most_common()
        ]
        console.table([("", "left"), ("Lý do có thể / likely reason", "left"), ("", "right")], rows)
    for item in held.items[:_SHOWN]:
        console.line("  " + _line(item))
    if len(held.items) > _SHOWN:
        console.line(f"  … {len(held.items) - _SHOWN} mục nữa / more")
    if out is not None:
        console.line(f"Bảng việc / worklist: {out}")


def _line(item: Item) -> str:
    place = f"dòng / row {item['row']}" if item["row"] is not None else item["unit"]
    fields = ", ".join(field["field"] for field in item["fields"])
    return f"{KINDS[item['kind']]}, {place}, {item['key']}{': ' + fields if fields else ''} – {item['reason']['vi']}"
