"""Options and arguments that several commands share."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from contracts.forms import FORMS, Form
from khopso.failure import Exit, FailureError

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="Thư mục dữ liệu của hệ thống / data directory of the stack (KHOPSO_DATA_DIR).",
        file_okay=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="In một tài liệu JSON / print one JSON document.")]

# What a question is about: the same options, under the same names, on every command that asks one.
Area = Annotated[str | None, typer.Option("--area", help="Mã địa bàn / area code or code@year.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Tính đến hết ngày / end of day.")]
First = Annotated[str | None, typer.Option("--from", help="Từ ngày / first day.")]
Last = Annotated[str | None, typer.Option("--to", help="Đến hết ngày / last day.")]
KnownAt = Annotated[str | None, typer.Option("--known-at", help="Theo thông tin đã có lúc / as known at.")]
Geography = Annotated[
    str | None, typer.Option("--geography", help="Theo địa giới của ngày / hierarchy of that day.")
]
Calendar = Annotated[
    str | None,
    typer.Option(
        "--calendar",
        help="Lịch báo cáo / reporting calendar: civil, health, police, committee … (with --period).",
    ),
]
Period = Annotated[
    str | None, typer.Option("--period", help="Kỳ báo cáo / period: 2023, 2023-H1, 2023-Q1, 2023-09.")
]


def form_named(name: str) -> Form:
    """The form of that name; FailureError (exit 2) with all names where there is none."""
    form = FORMS.get(name)
    if form is None:
        raise FailureError(Exit.WRONG_USE, "unknown_form", form=name, forms=", ".join(sorted(FORMS)))
    return form


def day(option: str, text: str | None) -> str | None:
    """A day given as dd/mm/yyyy or yyyy-mm-dd, in ISO form; FailureError (exit 2) for anything else."""
    if text is None:
        return None
    try:
        if "/" in text:
            return datetime.strptime(text, "%d/%m/%Y").date().isoformat()  # noqa: DTZ007  only its date is used
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise FailureError(Exit.WRONG_USE, "not_a_day", option=option, value=text) from None


def moment(option: str, text: str | None) -> str | None:
    """A day, or an ISO date-time (Asia/Ho_Chi_Minh unless it has an offset)."""
    if text is None or "/" in text or len(text) <= len("2023-12-31"):
        return day(option, text)
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        raise FailureError(Exit.WRONG_USE, "not_a_day", option=option, value=text) from None
