"""A reconciliation in words: the waterfall from a declared number down to the computed one, and what is behind it."""

from typing import Any

from khopso.console import Console
from khopso.words import day_shown, shown, when
from reference import AGENCY

_BAR = 24
_KINDS = {"measured": "đo được / measured", "possible": "có thể / possible", "unexplained": "–"}
_SIDES = {"declared": "báo cáo / declared", "computed": "tính / computed", "both": "cả hai / both"}


def signed(value: float) -> str:
    """A step's count: with its sign, so that what adds and what takes away can be told apart."""
    return f"+{shown(value)}" if value > 0 else shown(value).replace("-", "−")


def _named(one: dict[str, Any]) -> str:
    """The agency of a declaration or step as people call it."""
    return AGENCY.get(one["agency"], "–")


def bar(value: float, most: float) -> str:
    """A bar to the right for what the agency has more, to the left for what it has less."""
    if not value or not most:
        return f"{'':>{_BAR // 2}}│"
    length = max(1, round(abs(value) / most * (_BAR // 2)))
    return f"{'':>{_BAR // 2}}│{'█' * length}" if value > 0 else f"{'█' * length:>{_BAR // 2}}│"


def show_waterfall(console: Console, answer: dict[str, Any]) -> None:
    """Print a reconciliation."""
    declaration = answer["declaration"]
    console.line(f"{answer['vi']} / {answer['en']}", style="bold")
    console.line(f"{answer['area']} {answer['area_name']}, {when(answer)}, {_named(answer)}")
    if not declaration["same_dates"]:
        console.line(
            f"Báo cáo gần nhất là của ngày khác / the nearest declaration is for other dates: {when(declaration)}",
            style="yellow",
        )
    if not declaration.get("log_kept", True):
        console.line(
            "Vào ngày báo cáo, sổ chưa được ghi vào hệ thống: dùng thông tin hiện có"
            " / the log was not kept yet at the cut-off: what is known now is used",
            style="yellow",
        )
    console.line()
    _waterfall(console, answer)
    console.line()
    if not answer["difference"]:
        console.line("Khớp / they agree", style="green")
    console.line(
        f"Báo cáo − tính / declared − computed = {signed(answer['difference'])}"
        f", chưa giải thích / unexplained {signed(answer['unexplained'])}"
    )
    _knowledge(console, answer)
    _ratio(console, answer)
    _parts(console, answer)
    _others(console, answer)
    _between(console, answer)
    for step in answer["steps"]:
        _records(console, step)
    if "records_hidden" in answer and answer["records_hidden"]["rule"] == "reconcile_records_hidden":
        console.note(f"{answer['records_hidden']['vi']} / {answer['records_hidden']['en']}", style="yellow")


def show_declarations(console: Console, declarations: list[dict[str, Any]]) -> None:
    """Print every declared number beside the computed one; those that differ are marked."""
    rows = [
        [
            f"{one['vi']}\n{one['figure']}",
            _named(one),
            f"{one['area']} {one['area_name']}",
            when(one),
            shown(one["declared"]),
            shown(one["computed"]),
            "–" if one["difference"] is None else signed(one["difference"]),
            "" if one["agrees"] else "≠",
        ]
        for one in declarations
    ]
    headings = [
        ("số liệu / figure", "left"),
        ("cơ quan / agency", "left"),
        ("địa bàn / area", "left"),
        ("ngày / dates", "left"),
        ("báo cáo / declared", "right"),
        ("tính / computed", "right"),
        ("+/−", "right"),
        ("", "left"),
    ]
    console.table(headings, rows)
    off = sum(not one["agrees"] for one in declarations)
    console.line(f"{len(declarations)} số báo cáo, {off} số lệch / declared, {off} differ")


def _between(console: Console, answer: dict[str, Any]) -> None:
    """From the first agency's number down to the registers and up to the second's."""
    if "between" not in answer:
        return
    other, between = answer["against"], answer["between"]
    sides = [(answer, when(answer["declaration"])), (other, when(other["declaration"]))]
    first, last = (f"{_named(side)} ({about}, {day_shown(side['declared_on'])})" for side, about in sides)
    rows = [[first, "", shown(answer["declared"])]]
    running = answer["declared"]
    for step in between["steps"]:
        running = round(running - step["count"], 9)
        rows.append(
            [
                f"  {_named(step)}: {step['vi']}\n  {step['en']}",
                signed(step["count"]),
                shown(running),
            ]
        )
    rows.append([last, "", shown(other["declared"])])
    console.line()
    console.line(
        f"{_named(answer)} − {_named(other)} = {signed(between['difference'])}"
        f", chưa giải thích / unexplained {signed(between['unexplained'])}"
    )
    console.table([("Bước / step", "left"), ("+/−", "right"), ("còn / left", "right")], rows)


def _knowledge(console: Console, answer: dict[str, Any]) -> None:
    """What the figure was and is at the declared dates, and what would be left had the agency known it all."""
    there = answer["at_declared_dates"]
    then, now = shown(there["known_at_cut_off"]), shown(there["known_now"])
    left = signed(there["declared_minus_known_now"])
    console.line(
        f"Tại {when(answer['declaration'])}: {then} theo thông tin vào ngày báo cáo, {now} theo thông tin hiện có"
        f" / {then} as known at the cut-off, {now} as known now"
    )
    if not answer["unexplained"]:
        return
    if then != now:
        console.line(
            f"Nếu cơ quan đã biết những gì được ghi nhận sau, chỉ còn lệch {left}"
            f" / had the agency known what came later, {left} would be left"
        )
    for step in answer["steps"]:
        if step["kind"] == "possible" and not step["count"] and step["records_total"]:
            console.line(f"Cần xem thêm / worth a look: {step['vi']} / {step['en']}: {signed(step['found'])}")
    for lead in answer["leads"]:
        names = f" ({', '.join(lead['calendars'])})" if lead["calendars"] else ""
        console.line(
            f"Số báo cáo đúng bằng số của / the declared number is exactly that of {when(lead)}{names}"
        )


def _waterfall(console: Console, answer: dict[str, Any]) -> None:
    shown_steps = [step for step in answer["steps"] if step["count"] or _moved(step)]
    most = max((abs(step["count"]) for step in shown_steps), default=0)
    declared_on = day_shown(answer["declared_on"])
    rows = [["Báo cáo / declared", "", shown(answer["declared"]), "", f"ngày / on {declared_on}", ""]]
    running = answer["declared"]
    for step in shown_steps:
        running = round(running - step["count"], 9)
        rows.append(
            [
                f"  {step['vi']}\n  {step['en']}",
                signed(step["count"]),
                shown(running),
                bar(step["count"], most),
                _KINDS[step["kind"]],
                _behind(step),
            ]
        )
    rows.append(["Tính từ sổ / computed", "", shown(answer["computed"]), "", "", ""])
    headings = (
        ("Bước / step", "left"),
        ("+/−", "right"),
        ("còn / left", "right"),
        ("", "left"),
        ("", "left"),
        ("bản ghi / records", "left"),
    )
    console.table(list(headings), rows)


def _moved(step: dict[str, Any]) -> bool:
    return bool(step["kind"] == "measured" and step["records_total"])


def _behind(step: dict[str, Any]) -> str:
    if not step["records_total"]:
        return ""
    text = str(step["records_total"])
    if step["kind"] == "possible" and step["count"] != step["found"]:
        return f"{shown(abs(step['count']))} trong / of {shown(abs(step['found']))}"
    if step["in_declared_only"] or step["in_computed_only"]:
        text += f" (+{step['in_declared_only']} −{step['in_computed_only']})"
    return text


def _ratio(console: Console, answer: dict[str, Any]) -> None:
    if "numerator" not in answer:
        return
    above, below = answer["numerator"], answer["denominator"]
    own = answer["of_declared_counts"]
    console.line(f"= {shown(above['computed'])} {above['vi']} / {shown(below['computed'])} {below['vi']}")
    words = {
        "exact": "đúng / exact",
        "rounded": "làm tròn / rounded",
        "truncated": "cắt bớt chữ số / cut off",
        None: "không suy ra từ hai số đếm / does not follow from the two counts",
    }
    console.line(f"Số báo cáo / the declared percent: {words[answer['rounding']]}")
    if own is not None:
        console.line(
            f"Từ hai số đếm cơ quan báo cáo / from the agency's own two counts: {shown(above['declared'])} /"
            f" {shown(below['declared'])} = {shown(own['percent'])} %, {words[own['rounding']]}"
        )


def _parts(console: Console, answer: dict[str, Any]) -> None:
    parts = answer["parts"]
    if parts is None:
        return
    rows = [
        [
            f"{part['area']} {part['name'] or ''}".strip(),
            shown(part["declared"]),
            shown(part["computed"]),
            "–" if part["difference"] is None else signed(part["difference"]),
        ]
        for part in parts["rows"]
        if part["difference"] != 0
    ]
    console.line()
    console.line(
        f"Theo đơn vị trực thuộc / by part: lệch tăng / too many {signed(parts['off_upwards'])},"
        f" lệch giảm / too few {signed(parts['off_downwards'])};"
        f" tổng các đơn vị / sum of the parts {shown(parts['declared_sum'])}"
    )
    if rows:
        console.table(
            [
                ("địa bàn / area", "left"),
                ("báo cáo / declared", "right"),
                ("tính / computed", "right"),
                ("+/−", "right"),
            ],
            rows,
        )


def _others(console: Console, answer: dict[str, Any]) -> None:
    others = answer["other_declarations"]
    if others:
        listed = "; ".join(f"{when(other)} = {shown(other['value'])}" for other in others[:5])
        console.line(f"Báo cáo khác của cơ quan này / other declarations of the agency: {listed}")


def _records(console: Console, step: dict[str, Any]) -> None:
    if not step["records"]:
        return
    console.line()
    rows = [
        [
            str(record["record"] or "–")[:8],
            record["unit"] or "–",
            f"{record['area'] or ''} {record['area_name'] or ''}".strip(),
            f"{day_shown(record['since'])}–{day_shown(record['until']) if record['until'] else ''}",
            _SIDES[record["counted_in"]],
            f"{record['reason']['vi']}\n{record['reason']['en']}",
        ]
        for record in step["records"]
    ]
    console.table(
        [
            ("bản ghi / record", "left"),
            ("đơn vị / unit", "left"),
            ("địa bàn / area", "left"),
            ("thời gian / time", "left"),
            ("có trong / counted in", "left"),
            ("lý do / reason", "left"),
        ],
        rows,
        title=f"{step['vi']} / {step['en']} ({len(rows)} / {step['records_total']})",
    )
