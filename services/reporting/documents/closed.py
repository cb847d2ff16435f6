"""A report of a closed period: the frozen numbers, what the closing is, and what has changed since."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from contracts.envelope import VIETNAM
from proof import reference
from reference import FIGURES, resolve
from services.reporting.documents.document import Annex, Cell, Column, Number, Row, Table, Times
from services.reporting.documents.planning import Answer, Ask
from services.reporting.documents.reference import Windows
from services.reporting.documents.requests import period_windows
from services.reporting.documents.usecases import Origin
from services.reporting.documents.versions import version_at
from services.reporting.documents.vietnamese import change, moment, number, percent
from services.reporting.documents.vietnamese import times as said_times
from services.reporting.figures import row_name

_BREAKDOWNS = (None, "area", "commune", "region")


def windows_of(closing: Mapping[str, Any]) -> Windows:
    """Return the windows of the closed period; nothing of the year before is frozen in it."""
    first, last = date.fromisoformat(closing["from"]), date.fromisoformat(closing["to"])
    code = str(closing["period"])
    before = resolve(closing["calendar"], f"{int(code[:4]) - 1}{code[4:]}")
    return period_windows(code, first, last, (before.first, before.last))


def answers(cells: Iterable[Mapping[str, Any]]) -> dict[Ask, Answer]:
    """Return the frozen cells as answers; ratios come from their two figures."""
    totals: dict[tuple[str, Times], Number | None] = {}
    rows: dict[Ask, dict[str, Number | None]] = {}
    for cell in cells:
        figure = cell["figure"]
        # A ratio is computed again from its two frozen counts, so that it fits the counts printed beside it.
        if FIGURES[figure].kind == "ratio":
            continue
        times = _times(cell)
        if cell["by"] is None:
            totals[figure, times] = _number(cell["value"])
        else:
            rows.setdefault(Ask(figure, times, cell["by"]), {})[cell["row"]] = _number(cell["value"])
    found = {Ask(figure, times): Answer(value) for (figure, times), value in totals.items()}
    found |= {ask: Answer(totals.get((ask.figure, ask.times)), values) for ask, values in rows.items()}
    return found


def _times(cell: Mapping[str, Any]) -> Times:
    if "as_of" in cell:
        return Times(None, date.fromisoformat(cell["as_of"]))
    return Times(date.fromisoformat(cell["from"]), date.fromisoformat(cell["to"]))


def _number(value: int | str | None) -> Number | None:
    return Decimal(value) if isinstance(value, str) else value


def origin(closing: Mapping[str, Any], revised: Mapping[str, Any] | None, hierarchy: date) -> Origin:
    """Return what the document says about its closing and the revisions since (None: the reader may not see them)."""
    known_at = datetime.fromisoformat(closing["known_at"])
    versions = {cell["figure"]: cell["definition"] for cell in closing["cells"]}

    def version(figure: str, times: Times) -> tuple[str, str]:
        now, basis = version_at(figure, times)
        return versions.get(figure, now), basis

    official = closing["official"]
    lines = (
        ("Bản chốt", closing["id"]),
        ("Bản", str(closing["edition"])),
        ("Lịch, kỳ", f"{closing['calendar']} {closing['period']}"),
        ("Chốt lúc", closing["closed_at"]),
        ("Người chốt số liệu", f"{official['name']} ({official['unit']})"),
        ("Mã kiểm chứng nội dung (SHA-256)", closing["content_hash"]),
        ("Mã kiểm chứng của bản trước", closing["previous_hash"]),
        ("Chữ ký (Ed25519)", closing["signature"]),
        *((("Thay cho bản", closing["supersedes"]),) if closing["supersedes"] else ()),
    )
    remarks = [
        f"Số liệu lấy từ bản chốt {closing['id']}, bản {closing['edition']}, do {official['name']}"
        f" ({official['unit']}) chốt {moment(datetime.fromisoformat(closing['closed_at']))}; mã kiểm chứng nội dung"
        f" SHA-256: {closing['content_hash']}. Bản chốt không giữ số của kỳ trước."
    ]
    annexes = []
    if revised is not None:
        changed = revised["cells"]
        remarks.append(_revised_in_words(revised, bool(changed)))
        if changed:
            annexes.append(
                Annex("", "Số liệu thay đổi sau khi chốt", (_revisions(changed, hierarchy),), wide=True)
            )
    signed_on = local(closing["closed_at"])
    return Origin(known_at, signed_on, version, lines, tuple(remarks), tuple(annexes), reference(closing))


def _revised_in_words(revised: Mapping[str, Any], changed: bool) -> str:
    at = moment(datetime.fromisoformat(revised["known_at"]))
    later = f" Bản này đã được thay bằng bản {revised['superseded_by']}." if revised["superseded_by"] else ""
    if not changed:
        return f"Từ khi chốt đến {at} không có số liệu nào thay đổi.{later}"
    return (
        f"Từ khi chốt đến {at} có {number(len(revised['cells']))} ô số liệu thay đổi, nêu ở phụ lục; số trong báo cáo"
        f" này vẫn là số đã chốt.{later}"
    )


def _revisions(changed: Iterable[Mapping[str, Any]], hierarchy: date) -> Table:
    columns = (
        Column("TT", 0.45, "index"),
        Column("Số liệu", 2.6, "label"),
        Column("Thời điểm, kỳ", 1.6, "text"),
        Column("Địa bàn", 2.8, "label"),
        Column("Đã khóa", 1.0, "number"),
        Column("Hiện nay", 1.0, "number"),
        Column("Tăng, giảm", 0.9, "change"),
        Column("Lý do", 2.8, "label"),
        Column("Mã số liệu", 2.2, "code"),
    )
    rows = []
    for at, cell in enumerate(changed):
        old, new = _number(cell.get("old")), _number(cell.get("new"))
        moved = None if old is None or new is None else Decimal(new) - Decimal(old)
        ratio = FIGURES[cell["figure"]].kind == "ratio"
        place, name = _place(cell, hierarchy), FIGURES[cell["figure"]].vi
        reasons = _reasons(cell)
        cells = (
            Cell(str(at + 1), at + 1),
            Cell(name, name),
            Cell(said_times(_times(cell))),
            Cell(place, place),
            Cell(_shown(old, ratio), old),
            Cell(_shown(new, ratio), new),
            Cell(_shown(moved, ratio) if ratio else change(moved), moved),
            Cell(reasons, reasons),
            Cell(cell["figure"], cell["figure"]),
        )
        rows.append(Row(cells, "data", f"{cell['figure']} {cell.get('row') or ''}".strip()))
    return Table("revisions", "", "Số liệu thay đổi sau khi chốt", columns, tuple(rows), "revision")


def _shown(value: Number | None, ratio: bool) -> str:
    if value is not None and ratio:
        return percent(Decimal(value).quantize(Decimal("0.1")))
    return number(value)


def _place(cell: Mapping[str, Any], hierarchy: date) -> str:
    if cell.get("by") is None:
        return "Tổng số"
    named = row_name(cell["row"], cell["by"], hierarchy)
    return cell["row"] if named is None else f"{named.vi} ({cell['row']})"


def _reasons(cell: Mapping[str, Any]) -> str:
    said = dict.fromkeys(cause["vi"] for cause in cell.get("causes") or ())
    return "; ".join(said) or "–"


def kept(found: Mapping[Ask, Answer]) -> dict[Ask, Answer]:
    """Return the breakdowns by area, which are all that a closing holds."""
    return {ask: replace(answer) for ask, answer in found.items() if ask.by in _BREAKDOWNS}


def local(instant: str) -> date:
    """Return the day in Việt Nam of an instant as a closing writes it."""
    return datetime.fromisoformat(instant).astimezone(VIETNAM).date()
