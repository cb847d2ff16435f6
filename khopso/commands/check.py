"""`check`: the agencies' registers against each other, stocks against flows, tables against the log."""

from typing import Annotated, Any

import typer

from khopso.api import Api
from khopso.commands.options import AsJson, DataDir, QuestionOptions, filled, moment, with_options
from khopso.console import Console
from khopso.failure import Exit
from khopso.settings import chosen_data_dir
from khopso.words import day_shown, moment_shown, shown

_TIMEOUT_SECONDS = 600.0
_PAGE = 1_000
_CLASSES = {
    "new": "mới / new",
    "returned": "trở lại / returned",
    "renewed": "dòng mới / renewed",
    "moved_in": "chuyển đến / moved in",
    "moved_out": "chuyển đi / moved out",
    "transferred_in": "nhận chuyển cơ sở / transferred in",
    "transferred_out": "chuyển cơ sở đi / transferred out",
    "status_change": "đổi trạng thái / change of status",
    "condition_met": "đủ điều kiện / condition met",
    "condition_ended": "hết điều kiện / condition ended",
    "hierarchy": "đổi địa giới / new hierarchy of areas",
    "second_in": "thêm hồ sơ thứ hai / second record",
    "second_out": "hết hồ sơ thứ hai / second record ended",
    "placed_by_address": "xếp theo địa chỉ mới / placed by address",
    "ended": "kết thúc / ended",
}


@with_options
def check(
    rule: Annotated[str | None, typer.Argument(help="Mã phép kiểm tra / check.", metavar="RULE")] = None,
    *,
    question: QuestionOptions,
    opening_known_at: Annotated[
        str | None,
        typer.Option(
            "--opening-known-at", help="Cân đối: đầu kỳ theo thông tin đã có lúc / opening as known at."
        ),
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="area | commune.", metavar="DIM")] = None,
    days: Annotated[int | None, typer.Option("--days", min=0, help="Thời hạn khác / another limit.")] = None,
    agency: Annotated[
        str | None, typer.Option("--agency", help="Cơ quan báo cáo / declaring agency.")
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option("--sample", min=1, help="recompute: chỉ số bản ghi này / so many records only."),
    ] = None,
    listing: Annotated[
        bool,
        typer.Option("--list", help="Liệt kê mọi phép kiểm tra có phát hiện / list findings of every check."),
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Đối chiếu sổ giữa các cơ quan / check the registers against each other."""
    console = Console(as_json)
    asked: dict[str, Any] = question.parameters()
    opening = moment("--opening-known-at", opening_known_at)
    more = {"by": by, "days": days, "agency": agency, "opening_known_at": opening, "sample": sample}
    with Api(chosen_data_dir(data_dir), timeout_seconds=_TIMEOUT_SECONDS) as api:
        if rule is None:
            document = api.get("reporting", "/v1/checks", filled(asked), patience_seconds=5.0)
            if listing:
                found = [entry["rule"] for entry in document["checks"] if entry["count"]]
                document["lists"] = {code: one(api, code, asked) for code in found}
            console.result(document, lambda: _show_all(console, document))
            failed = bool(document["findings"])
        else:
            document = one(api, rule, asked | more)
            console.result(document, lambda: _show_one(console, document))
            failed = bool(document["count"])
    if failed:
        raise typer.Exit(Exit.REFUSED)


def one(api: Api, rule: str, asked: dict[str, Any]) -> dict[str, Any]:
    """A check with all pages of its list."""
    given = filled(asked | {"limit": _PAGE})
    document: dict[str, Any] = api.get("reporting", f"/v1/checks/{rule}", given, patience_seconds=5.0)
    while document["next"] is not None:
        page = api.get("reporting", f"/v1/checks/{rule}", given | {"after": document["next"]})
        document["findings"] += page["findings"]
        document["next"] = page["next"]
    return document


def _show_all(console: Console, document: dict[str, Any]) -> None:
    rows = [
        [check["rule"], f"{check['vi']}\n{check['en']}", check["owner"], shown(check["count"])]
        for check in document["checks"]
    ]
    console.line(f"{document['area']}, {day_shown(document['from'])} – {day_shown(document['as_of'])}")
    columns = [("check", "left"), ("", "left"), ("chủ trì\nowner", "left"), ("phát hiện\nfindings", "right")]
    console.table(columns, rows)
    console.line(f"{shown(document['findings'])} phát hiện / findings")
    for found in document.get("lists", {}).values():
        console.line()
        _show_one(console, found)


def _show_one(console: Console, document: dict[str, Any]) -> None:
    console.line(document["vi"])
    console.line(document["en"])
    when = f"{day_shown(document['from'])} – {day_shown(document['to'])}"
    console.line(
        f"{document['rule']}: {document['area']}, {when}: {shown(document['count'])} ({document['owner']})"
    )
    if "balance" in document:
        _show_balance(console, document["balance"])
    if "restated" in document:
        _show_restated(console, document["restated"])
    if document.get("rows"):
        name = next(key for key in document["rows"][0] if key != "value")
        rows = [[row[name], shown(row["value"])] for row in document["rows"] if row["value"]]
        console.table([(name, "left"), ("", "right")], rows)
    if document["findings"] is None:
        hidden = document.get("records_hidden", {})
        console.line(f"{hidden.get('vi', '')} / {hidden.get('en', '')}")
        return
    for finding in document["findings"]:
        _show_finding(console, finding)
    if document["count"]:
        console.line(f"Việc cần làm: {document['todo']['vi']}")
        console.line(f"To do: {document['todo']['en']}")


def _show_finding(console: Console, finding: dict[str, Any]) -> None:
    console.line(f"  {finding['subject']}")
    about = finding.get("about") or {}
    if "message" in about:
        console.line(f"    {about['message']['vi']}")
        console.line(f"    {about['message']['en']}")
    for record in finding["records"]:
        where = " ".join(str(record[name]) for name in ("area", "area_name") if record[name])
        cells = [
            record["unit"],
            record["facility"],
            where,
            record["since"] and day_shown(record["since"]),
            record["record"],
        ]
        console.line("    " + "  ".join(str(cell) for cell in cells if cell))


def _show_balance(console: Console, balance: dict[str, Any]) -> None:
    def lines(way: str, sign: str) -> list[list[str]]:
        return [[f"  {sign} {_class(part['class'])}", shown(part["count"])] for part in balance[way]]

    rows = [
        ["đầu kỳ / opening", shown(balance["opening"])],
        *lines("entries", "+"),
        *lines("exits", "−"),
        ["cuối kỳ / closing", shown(balance["closing"])],
        ["chênh / difference", shown(balance["difference"])],
    ]
    console.table([("", "left"), ("", "right")], rows)
    flows = balance.get("flows")
    if flows:
        steps = [[f"{step['vi']} / {step['en']}", shown(step["count"])] for step in flows["steps"]]
        console.table([("", "left"), ("", "right")], steps)


def _show_restated(console: Console, restated: dict[str, Any]) -> None:
    rows = [
        [f"đầu kỳ khi đó / opening as known {moment_shown(restated['known_at'])}", shown(restated["then"])],
        *(
            [f"  {step['vi']} / {step['en']}", shown(step["count"])]
            for step in restated["steps"]
            if step["count"]
        ),
        ["đầu kỳ nay biết / opening as known now", shown(restated["now"])],
    ]
    console.table([("", "left"), ("", "right")], rows)


def _class(name: str) -> str:
    kind, _, reason = name.partition(":")
    return f"{_CLASSES[kind]}: {reason}" if reason else _CLASSES.get(kind, kind)
