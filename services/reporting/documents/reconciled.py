"""The reconciliation report: each declared number beside the computed one, with the steps of the difference. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from reference import AGENCY, FIGURES
from services.reporting.documents.compose import ROMAN, Frame, finish
from services.reporting.documents.document import (
    NO_DATA,
    Block,
    Cell,
    Column,
    Document,
    Formula,
    Heading,
    Number,
    Paragraph,
    Row,
    Table,
    Text,
    Times,
)
from services.reporting.documents.notes import Notes
from services.reporting.documents.planning import Numbers
from services.reporting.documents.sheet import Sheet
from services.reporting.documents.vietnamese import change, day, number, unit
from services.reporting.documents.vietnamese import times as said_times

Reconciliation = Mapping[str, Any]
DECLARED = "Số liệu đơn vị báo cáo"


def compose(frame: Frame, found: Sequence[Reconciliation]) -> Document:
    """Return the document of reconciliations; ``frame.remarks`` says what could not be reconciled."""
    notes = Notes(frame.version)
    sheet = Sheet(frame.area, frame.windows, frame.hierarchy, Numbers({}), notes, frame.version)
    body: list[Block] = [Paragraph((Text(_overview(found)),))]
    agencies = list(dict.fromkeys(one["agency"] for one in found))
    for at, agency in enumerate(agencies):
        own = [one for one in found if one["agency"] == agency]
        body.append(Heading(1, f"{ROMAN[at]}.", f"Số liệu {AGENCY.get(agency, agency)} báo cáo"))
        body.append(_table(sheet, agency, own))
        different = [one for one in own if one["difference"]]
        body.extend(_explained(sheet, different))
    return finish(frame, sheet, body)


def left_out(without: Sequence[str], hidden: int) -> list[str]:
    """Return remarks on what the report does not reconcile: numbers without a value, and those not for the reader."""
    remarks = []
    if without:
        remarks.append(f"Không đối chiếu được (không có giá trị để so): {'; '.join(without)}.")
    if hidden:
        remarks.append(
            f"{hidden} số liệu không nêu ở đây vì người nhận không thuộc cơ quan được xem số chính xác."
        )
    return remarks


def _overview(found: Sequence[Reconciliation]) -> str:
    if not found:
        return "Không có số liệu nào được các ngành báo cáo trong kỳ cho địa bàn này."
    different = [one for one in found if one["difference"]]
    unexplained = [one for one in different if one["unexplained"]]
    said = (
        f"Đã đối chiếu {number(len(found))} số liệu: {number(len(found) - len(different))} số liệu khớp,"
        f" {number(len(different))} số liệu chênh lệch"
    )
    if not different:
        return f"{said}."
    if not unexplained:
        return f"{said}; mọi chênh lệch đều được giải thích hết theo từng bước dưới đây."
    return f"{said}; trong đó {number(len(unexplained))} số liệu còn phần chưa giải thích được."


def _times(one: Mapping[str, Any]) -> Times:
    if "as_of" in one:
        return Times(None, date.fromisoformat(one["as_of"]))
    return Times(date.fromisoformat(one["from"]), date.fromisoformat(one["to"]))


def _number(value: float | int | None) -> Number | None:
    if value is None or isinstance(value, int):
        return value
    return Decimal(str(value)).quantize(Decimal("0.01"))


def _count(value: float | int | None) -> Cell:
    exact = _number(value)
    return Cell(number(exact), exact)


def _table(sheet: Sheet, agency: str, own: Sequence[Reconciliation]) -> Table:
    columns = (
        Column("TT", 0.5, "index"),
        Column("Chỉ tiêu", 2.3, "label"),
        Column("Đơn vị", 0.75, "text"),
        Column("Mốc của số báo cáo", 1.9, "text"),
        Column("Mốc đối chiếu", 1.9, "text"),
        Column("Số báo cáo", 0.95, "number"),
        Column("Số tính từ sổ", 0.95, "number"),
        Column("Chênh lệch", 0.9, "change"),
    )
    key = f"declared-{agency}"
    rows = []
    for at, one in enumerate(own):
        times = _times(one)
        figure = one["figure"]
        mark = sheet.notes.mark(figure, times)
        declared, computed = _number(one["declared"]), _number(one["computed"])
        difference = _number(one["difference"])
        _record(sheet, key, one, "declared", declared)
        _record(sheet, key, one, "computed", computed)
        name = FIGURES[figure].vi
        cells = (
            Cell(str(at + 1), at + 1),
            Cell(name, name, mark),
            Cell(unit(figure)),
            Cell(said_times(_times(one["declaration"]))),
            Cell(said_times(times)),
            Cell(number(declared), declared),
            Cell(number(computed), computed),
            Cell(change(difference), difference, formula=Formula("minus", ((at, 5), (at, 6)))),
        )
        rows.append(Row(cells, "data", figure))
    title = f"Số liệu {AGENCY.get(agency, agency)} báo cáo và số liệu tính từ sổ gốc"
    return Table(key, sheet.next_number(), title, columns, tuple(rows), "figure", _sources(own))


def _record(sheet: Sheet, table: str, one: Reconciliation, row: str, value: Number | None) -> None:
    sheet.record(table, one["figure"], _times(one), "reconciliation", f"{one['agency']}:{row}", value)


def _sources(own: Iterable[Reconciliation]) -> tuple[str, ...]:
    dated = sorted({one["declared_on"] for one in own if one["declared_on"]})
    if not dated:
        return ()
    return (f"Ngày báo cáo: {', '.join(day(date.fromisoformat(one)) for one in dated)}.",)


def _explained(sheet: Sheet, different: Sequence[Reconciliation]) -> Iterator[Block]:
    for at, one in enumerate(different, 1):
        name, times = FIGURES[one["figure"]].vi, _times(one)
        yield Heading(2, f"{at}.", f"{name} ({said_times(times)})")
        said = (
            f"Số báo cáo {number(_number(one['declared']))}, số tính từ sổ {number(_number(one['computed']))}, chênh lệch"
            f" {change(_number(one['difference']))} {unit(one['figure'])}."
        )
        yield Paragraph((Text(said),))
        yield _waterfall(sheet, one)


def _waterfall(sheet: Sheet, one: Reconciliation) -> Table:
    """Return the table from the declared number to the computed one; the last row is the first minus all steps."""
    key = f"waterfall-{one['agency']}-{one['figure']}"
    columns = (
        Column("TT", 0.5, "index"),
        Column("Bước giải thích", 5.6, "label"),
        Column("Số lượng", 1.1, "number"),
        Column("Bản ghi liên quan", 1.1, "number"),
    )
    steps = [step for step in one["steps"] if step["count"] or step["records_total"]]
    rows = [_step_row("", DECLARED, _count(one["declared"]), Cell(NO_DATA), "declared")]
    _record(sheet, key, one, "declared", _number(one["declared"]))
    for at, step in enumerate(steps, 1):
        taken = _number(step["count"])
        shown = None if taken is None else -taken
        _record(sheet, key, one, f"step:{step['step']}", taken)
        label = _capital(step["vi"])
        rows.append(
            _step_row(str(at), label, Cell(change(shown), shown), _count(step["records_total"]), step["step"])
        )
    computed = _number(one["computed"])
    formula = Formula("sum", tuple((at, 2) for at in range(len(rows))))
    total = Cell(number(computed), computed, formula=formula)
    _record(sheet, key, one, "computed", computed)
    rows.append(_step_row("", "Số tính từ sổ gốc", total, Cell(NO_DATA), "computed", total=True))
    title = f"Giải thích chênh lệch: {FIGURES[one['figure']].vi}"
    return Table(key, sheet.next_number(), title, columns, tuple(rows), "step")


def _step_row(index: str, label: str, value: Cell, records: Cell, key: str, *, total: bool = False) -> Row:
    cells = (Cell(index, int(index) if index else None), Cell(label, label), value, records)
    return Row(cells, "total" if total else "data", key)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
