"""Reading rows and the rules that follow from a form's description alone. Every fault of a row is reported.

A rule runs when the columns that it needs were read; an unreadable column has its fault already.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from contracts.envelope import VIETNAM
from contracts.forms import Column, Form, Kind
from reference import Area, area_book
from services.registers.cells import CellError, Moment, parse, shown
from services.registers.plan import RECORDED, UNIT, VOID, Plan, plan_of
from services.registers.row import CellFault, RawRow, Row


def read(form: Form, raw: RawRow, *, unit: str, now: datetime) -> Row:
    """Return the row, with every fault that the form's description finds in it. ``unit`` is the default unit.

    Of a row with `void` = yes only the key, `recorded_on` and `unit_code` are read.
    """
    row = read_cells(form, raw, unit=unit)
    judge(row, now)
    return row


def read_cells(form: Form, raw: RawRow, *, unit: str) -> Row:
    """Return the row with its cells read, its key and its areas; `judge` finds the faults that need the other columns.

    In between, the columns that the row leaves out can be filled from the record that stands (`fill_absent`).
    """
    plan = plan_of(form)
    row = Row(form, raw.number)
    row.raw = _by_column(row, raw.values)
    # Read first, because it decides which of the other columns are read at all.
    _parse(row, form.by_id[VOID])
    row.void = bool(row.values.get(VOID))
    for column in plan.void_columns if row.void else form.columns:
        if column.id != VOID:
            _parse(row, column)
    row.unit = row.values.get(UNIT) or unit
    row.recorded = row.values.get(RECORDED)
    row.absent = frozenset() if row.void else plan.leaving - row.raw.keys()
    row.faults.extend(_void_key(row, plan) if row.void else _alternatives(row, plan))
    row.faults.extend(_areas(row, plan))
    return row


def judge(row: Row, now: datetime) -> None:
    """Add the faults of the row as a whole: what is missing, out of order, without its pair, in the future."""
    plan, faults = plan_of(row.form), row.faults
    if not row.void:
        faults.extend(row.fault(column.id, "required") for column in plan.required if _missing(row, column))
        faults.extend(_orders(row))
        faults.extend(_pairs(row))
        faults.extend(_birth(row, plan, now.astimezone(VIETNAM).date()))
    faults.extend(_times(row, plan, now))


def _by_column(row: Row, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells by column id; headers that name no column, or one twice, are faults."""
    by_id = row.form.by_id
    cells: dict[str, Any] = {}
    for header, value in values.items():
        column = by_id.get(header) or row.form.header(header)
        if column is None:
            # The header is free text of the sender, so it is cut before it goes into an answer.
            fault = row.fault(shown(header)[:100], "unknown_column")
            row.faults.append(replace(fault, value=shown(value)))
        elif column.id in cells:
            row.faults.append(row.fault(column.id, "column_twice"))
        else:
            cells[column.id] = value
    return cells


def _parse(row: Row, column: Column) -> None:
    try:
        value = parse(column, row.raw.get(column.id))
    except CellError as error:
        row.invalid.add(column.id)
        row.faults.append(row.fault(column.id, error.rule, **error.parts))
        return
    if value is not None and value != ():
        row.values[column.id] = value


def _missing(row: Row, column: Column) -> bool:
    return column.id not in row.invalid and column.id not in row.values


def _alternatives(row: Row, plan: Plan) -> Iterator[CellFault]:
    for part in plan.key:
        if not part.exclusive:
            continue
        columns = [column for alternative in part.alternatives for column in alternative]
        # The unreadable cell has its fault already; a second one here would send the clerk to the wrong place.
        if row.invalid.intersection(columns):
            continue
        begun = [
            alternative for alternative in part.alternatives if any(row.has(name) for name in alternative)
        ]
        if len(begun) != 1:
            first, second = ("+".join(alternative) for alternative in part.alternatives[:2])
            yield row.fault(columns[0], "either", first=first, second=second)


def _void_key(row: Row, plan: Plan) -> Iterator[CellFault]:
    yield from _alternatives(row, plan)
    for part in plan.key:
        if not part.exclusive and not any(row.has(*names) for names in part.alternatives):
            names = part.alternatives[-1]
            yield from (row.fault(name, "required") for name in names if _missing(row, row.form.by_id[name]))


def _orders(row: Row) -> Iterator[CellFault]:
    values = row.values
    for chain in row.form.order:
        earlier: str | None = None
        for column in chain:
            value = values.get(column)
            if value is None:
                continue
            if earlier is not None and value < values[earlier]:
                yield row.fault(column, "order", earlier=earlier)
            else:
                earlier = column


def _pairs(row: Row) -> Iterator[CellFault]:
    for column, needed in row.form.paired:
        if row.has(column) and row.blank(needed):
            yield row.fault(column, "needs", needed=needed)


def _birth(row: Row, plan: Plan, today: date) -> Iterator[CellFault]:
    if plan.birth is None or plan.birth not in row.values:
        return
    own = row.own_day
    if _born_after(row, plan.birth, today):
        yield row.fault(plan.birth, "future")
    elif own is not None and _born_after(row, plan.birth, own):
        yield row.fault(plan.birth, "birth_after", day=f"{own:%d/%m/%Y}")


def _born_after(row: Row, column: str, day: date) -> bool:
    born = row.birth(column)
    return born > day.year if isinstance(born, int) else born > day


def _times(row: Row, plan: Plan, now: datetime) -> Iterator[CellFault]:
    today = now.astimezone(VIETNAM).date()
    recorded = row.recorded
    if recorded is not None and recorded.at > now:
        yield row.fault(RECORDED, "future")
        # One wrong record time must not bring a second fault for every date of the row.
        recorded = None
    for column in plan.facts:
        value = row.values.get(column.id)
        if value is None:
            continue
        if value > now if isinstance(value, datetime) else value > today:
            yield row.fault(column.id, "future")
        elif recorded is not None and _before(recorded, value):
            yield row.fault(RECORDED, "recorded_before", earlier=column.id)


def _before(recorded: Moment, value: date | datetime) -> bool:
    """Return whether a row was recorded before something that it reports; by day where one of the two is a day."""
    if isinstance(value, datetime):
        if not recorded.day_only:
            return recorded.at < value
        # Only the day of recording is known, so an hour of the same day cannot contradict it.
        value = value.astimezone(VIETNAM).date()
    return recorded.day < value


def _areas(row: Row, plan: Plan) -> Iterator[CellFault]:
    own = row.own_day
    for column in plan.areas:
        code: str | None = row.values.get(column.id)
        if code is None:
            continue
        rule = "commune" if column.kind is Kind.COMMUNE else "area"
        if not area_book().codes_known(code):
            yield row.fault(column.id, f"{rule}_unknown")
        elif own is not None:
            # Codes were used again after communes were merged, so the record's own day decides what a code means.
            found = _area_on(code, own)
            if found is None or (rule == "commune" and found.level != "commune"):
                yield row.fault(column.id, rule, day=f"{own:%d/%m/%Y}")
            else:
                row.areas[column.id] = found.uid


@lru_cache(maxsize=65_536)
def _area_on(code: str, day: date) -> Area | None:
    found = area_book().resolve(code, day)
    return found if found is not None and found.exists_on(day) else None
