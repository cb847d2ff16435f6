"""`reconcile`: what an agency declared against what the registers add up to, step by step."""

from pathlib import Path
from typing import Annotated

import typer

from khopso.api import Api
from khopso.commands.figures import AreaOf, known
from khopso.commands.options import (
    Area,
    AsJson,
    AsOf,
    Calendar,
    DataDir,
    First,
    Geography,
    KnownAt,
    Last,
    Period,
    day,
    moment,
)
from khopso.console import Console
from khopso.settings import chosen_data_dir
from khopso.waterfall import show_declarations
from khopso.waterfall import show_waterfall as show_waterfall

_PATIENCE_SECONDS = 5.0


def reconcile(
    code: Annotated[
        str | None,
        typer.Argument(help="Mã số liệu / figure code; bỏ trống: mọi số / all, if left out.", metavar="CODE"),
    ] = None,
    agency: Annotated[
        str | None, typer.Option("--agency", help="Cơ quan báo cáo / who declared: police, health, labour.")
    ] = None,
    against: Annotated[
        str | None, typer.Option("--against", help="So với cơ quan khác / from its number to this agency's.")
    ] = None,
    area: Area = None,
    geography: Geography = None,
    as_of: AsOf = None,
    first: First = None,
    last: Last = None,
    known_at: KnownAt = None,
    area_of: Annotated[AreaOf | None, typer.Option("--area-of", help="residence | facility.")] = None,
    calendar: Calendar = None,
    period: Period = None,
    declared: Annotated[
        str | None, typer.Option("--declared", help="Số nhập tay / a number not handed in as a row.")
    ] = None,
    declared_as_of: Annotated[
        str | None, typer.Option("--declared-as-of", help="Ngày của số nhập tay / its day.")
    ] = None,
    declared_from: Annotated[
        str | None, typer.Option("--declared-from", help="Kỳ của số nhập tay / its first day.")
    ] = None,
    declared_to: Annotated[
        str | None, typer.Option("--declared-to", help="Kỳ của số nhập tay / its last day.")
    ] = None,
    declared_on: Annotated[
        str | None, typer.Option("--declared-on", help="Ngày báo cáo / when it was declared.")
    ] = None,
    records: Annotated[
        bool, typer.Option("--records", help="In cả bản ghi / print the records behind each step.")
    ] = False,
    step: Annotated[str | None, typer.Option("--step", help="Chỉ bước này / records of this step.")] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Số bản ghi mỗi bước / records of each step.")
    ] = None,
    offset: Annotated[int | None, typer.Option("--offset", min=0, help="Bỏ qua / records to skip.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Đối chiếu số báo cáo với số tính từ sổ / declared against computed, as a waterfall."""
    console = Console(as_json)
    if code is None:
        _list(console, data_dir, {"agency": agency, "area": area, "known_at": moment("--known-at", known_at)})
        return
    known(code)
    asked = {
        "agency": agency,
        "against": against,
        "area": area,
        "geography": day("--geography", geography),
        "as_of": day("--as-of", as_of),
        "from": day("--from", first),
        "to": day("--to", last),
        "known_at": moment("--known-at", known_at),
        "area_of": area_of.value if area_of else None,
        "calendar": calendar,
        "period": period,
        "declared": declared,
        "declared_as_of": day("--declared-as-of", declared_as_of),
        "declared_from": day("--declared-from", declared_from),
        "declared_to": day("--declared-to", declared_to),
        "declared_on": day("--declared-on", declared_on),
        "records": "true" if as_json or records or step else "false",
        "step": step,
        "limit": limit,
        "offset": offset,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    with Api(chosen_data_dir(data_dir)) as api:
        answer = api.get(
            "reporting", f"/v1/reconciliations/{code}", given, patience_seconds=_PATIENCE_SECONDS
        )
    console.result(answer, lambda: show_waterfall(console, answer))


def _list(console: Console, data_dir: Path | None, asked: dict[str, str | None]) -> None:
    """Everything that was declared, beside the figure at its own dates."""
    given = {name: value for name, value in asked.items() if value is not None}
    with Api(chosen_data_dir(data_dir)) as api:
        answer = api.get("reporting", "/v1/reconciliations", given, patience_seconds=_PATIENCE_SECONDS)
    console.result(answer, lambda: show_declarations(console, answer["declarations"]))
