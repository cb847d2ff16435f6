"""Reading rows and the rules that follow from a form's description alone. Every fault of a row is reported.

A rule runs when the columns that it needs were read; an unreadable column has its fault already.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from contracts.envelope import VIETNAM
from contracts.forms import Column, Form, Kind, is_example, reads_as_total
from reference import Area, area_book, parse_unit
from services.registers.amounts import counted_in_whole
from services.registers.cell_error import CellError
from services.registers.cells import Moment, parse, shown
from services.registers.coded_cells import CommuneName
from services.registers.commune_names import find_commune
from services.registers.mistaken_days import refuse_mistaken_day
from services.registers.plan import RECORDED, UNIT, VOID, Plan, plan_of
from services.registers.row import CellFault, RawRow, Row

_TOTAL_CELLS = 2  # where the word for the total stands, of the filled cells
_KEPT_CELLS = 500  # of one column: more different ones are names and numbers, which seldom come again
ReadCells = defaultdict[str, dict[str | None, Any]]
"""What cells of one batch were read as, by column id and text: most columns repeat a few values in thousands of rows."""
KnownAs = Callable[[str], tuple[str, str | None]]


def unit_and_area(code: str) -> tuple[str, str | None]:
    """Return a unit's code, and that of its area as far as the code says it."""
    unit = parse_unit(code)
    return code, None if unit is None else unit.area_code


def read(form: Form, raw: RawRow, *, unit: str, now: datetime, known_as: KnownAs = unit_and_area) -> Row:
    """Return the row, with every fault that the form's description finds in it. ``unit`` is the default unit.

    Of a row with `void` = yes only the key, `recorded_on` and `unit_code` are read. ``known_as`` as for `read_cells`.
    """
    row = read_cells(form, raw, unit=unit, known_as=known_as)
    judge(row, now)
    return row


def read_cells(
    form: Form,
    raw: RawRow,
    *,
    unit: str,
    known_as: KnownAs = unit_and_area,
    seen: ReadCells | None = None,
) -> Row:
    """Return the row with its cells read, its key and its areas; `judge` finds the faults that need the other columns.

    In between, the columns that the row leaves out can be filled from the record that stands (`take_over`).
    ``known_as(code)`` returns the code of a unit as the units register has it, and that of its area. ``seen`` keeps what
    cells of the form were read as, from row to row of a batch.
    """
    plan = plan_of(form)
    seen = ReadCells(dict) if seen is None else seen
    row = Row(form, raw.number)
    row.raw = _by_column(row, raw.values)
    # Read first, because it decides which of the other columns are read at all.
    _parse(row, form.by_id[VOID], seen)
    row.void = bool(row.values.get(VOID))
    for column in plan.void_columns if row.void else form.columns:
        if column.id != VOID:
            _parse(row, column, seen)
    row.unit, row.reach = known_as(row.values.get(UNIT) or unit)
    row.recorded = row.values.get(RECORDED)
    row.absent = frozenset() if row.void else plan.leaving - row.raw.keys()
    row.faults.extend(_void_key(row, plan) if row.void else _alternatives(row, plan))
    row.faults.extend(area_faults(row))
    return row


def judge(row: Row, now: datetime) -> None:
    """Add the faults of the row as a whole: what is missing, out of order, without its pair, in the future."""
    plan, faults, today = plan_of(row.form), row.faults, now.astimezone(VIETNAM).date()
    if not row.void:
        missing = [column.id for column in plan.required if _missing(row, column.id)]
        if (what := _no_record(row, missing)) is not None:
            # One fault that says what the row is: nine for its blank cells would say nothing.
            faults[:] = [row.fault(plan.key[0].alternatives[0][0], what)]
            return
        faults.extend(row.fault(column, "required") for column in missing)
        faults.extend(_orders(row))
        faults.extend(_pairs(row))
        faults.extend(_birth(row, plan, today))
        faults.extend(counted_in_whole(row))
    faults.extend(_times(row, plan, now, today))


def refuse_examples(rows: Iterable[Row]) -> None:
    """Refuse the example row of the form's template, by one fault; a withdrawal of it passes."""
    for row in rows:
        if not row.void and is_example(row.form, row.raw):
            row.faults[:] = [row.fault(plan_of(row.form).key[0].alternatives[0][0], "example_row")]


def _no_record(row: Row, missing: Sequence[str]) -> str | None:
    """Return the rule of a row that is no record: an empty one, or the totals of a printed register; else None."""
    if not missing:
        return None
    filled = [text for value in row.raw.values() if (text := shown(value).strip())]
    if not filled:
        return "empty_row"
    named = any(reads_as_total(text) for text in filled[:_TOTAL_CELLS])
    key = {column for part in plan_of(row.form).key for names in part.alternatives for column in names}
    keyed = any(
        column in key and not reads_as_total(shown(value)) for column, value in row.raw.items() if value
    )
    return "total_row" if named and not keyed and len(missing) > 1 else None


def _by_column(row: Row, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells by column id; headers that name no column, or one twice, are faults."""
    by_id = row.form.by_id
    if values.keys() <= by_id.keys():
        return dict(values)
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


def _missing(row: Row, name: str) -> bool:
    return name not in row.values and name not in row.invalid


def _parse(row: Row, column: Column, seen: ReadCells) -> None:
    name = column.id
    raw = row.raw.get(name)
    # Texts alone: 1, 1.0 and true are one key of a dictionary and three different cells.
    known = seen[name] if raw is None or type(raw) is str else None
    if known is not None and raw in known:
        value = known[raw]
    else:
        try:
            value = parse(column, raw)
            refuse_mistaken_day(value)
        except CellError as error:
            row.invalid.add(name)
            row.faults.append(row.fault(name, error.rule, **error.parts))
            return
        if known is not None and len(known) < _KEPT_CELLS:
            known[raw] = value
    if value is not None and value != ():
        row.values[name] = value


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
            yield from (row.fault(name, "required") for name in names if _missing(row, name))


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


def _times(row: Row, plan: Plan, now: datetime, today: date) -> Iterator[CellFault]:
    recorded = row.recorded
    if recorded is not None and recorded.at > now:
        yield row.fault(RECORDED, "future")
        # One wrong record time must not bring a second fault for every date of the row.
        recorded = None
    recorded_day = None if recorded is None else recorded.day
    for column in plan.facts:
        value = row.values.get(column.id)
        if value is None:
            continue
        if value > now if isinstance(value, datetime) else value > today:
            yield row.fault(column.id, "future")
        elif recorded is not None and recorded_day is not None and _before(recorded, recorded_day, value):
            yield row.fault(RECORDED, "recorded_before", earlier=column.id)


def _before(recorded: Moment, recorded_day: date, value: date | datetime) -> bool:
    """Return whether a row was recorded before something that it reports; by day where one of the two is a day."""
    if isinstance(value, datetime):
        if not recorded.day_only:
            return recorded.at < value
        # Only the day of recording is known, so an hour of the same day cannot contradict it.
        value = value.astimezone(VIETNAM).date()
    return recorded_day < value


def area_faults(row: Row) -> Iterator[CellFault]:
    """Find the area of each code of the row that has none yet, and yield the faults of the others.

    Called again once the record's own date was taken over: the areas that were taken over with it must be of that day.
    """
    own = row.own_day
    for column in plan_of(row.form).areas:
        code: str | None = row.values.get(column.id)
        if code is None:
            continue
        if isinstance(code, CommuneName):
            fault = None if own is None else find_commune(row, column.id, code, own)
            if fault is not None:
                yield fault
            continue
        rule = "commune" if column.kind is Kind.COMMUNE else "area"
        known = row.areas.get(column.id)
        if known is None and not area_book().codes_known(code):
            yield row.fault(column.id, f"{rule}_unknown")
        elif own is not None:
            # Codes were used again after communes were merged, so the record's own day decides what a code means.
            found = _area_on(known or code, own)
            if found is None or (rule == "commune" and found.level != "commune"):
                yield row.fault(column.id, rule, day=f"{own:%d/%m/%Y}")
            else:
                row.areas[column.id] = found.uid


@lru_cache(maxsize=65_536)
def _area_on(code: str, day: date) -> Area | None:
    found = area_book().resolve(code, day)
    return found if found is not None and found.exists_on(day) else None
