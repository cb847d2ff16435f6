"""Communes that only got another code: a successor's code in a correction is no move.

Registers of before a reform are exported again with the codes of today, and old lists of codes stay in use after it.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from reference import Area, area_book
from services.registers.plan import plan_of
from services.registers.row import CellFault, Row

KEPT = "commune_kept"
"""The rule of a note: the row names the commune by its successor's (or predecessor's) code, and the record keeps it."""
OF_TWO = "code_of_two"
"""The rule of a note: the code named another commune on the record's own day than it does today."""
NOT_ON_DAY = "commune"
"""The rule of a code that named no commune on the record's own day."""


def may_be_kept(row: Row, today: date) -> bool:
    """Return whether the commune that the row names may turn out to be the one of its record under another code."""
    return any(
        code is not None and _others(code, row.areas.get(name), today)
        for name, code in ((name, row.values.get(name)) for name in plan_of(row.form).communes)
    )


def keep_communes(row: Row, base: Row, today: date) -> None:
    """Give the row the commune of the record ``base`` where it only names it by another code, and note that.

    Example: a record of 2023 in 10513 (Ngọc Châu), which became 10525 (Hải Dương) in 2025. In a row of that record 10525
    is the same place, though on its own day 10525 was Trần Hưng Đạo; `10525@2008` is that one in any case.
    """
    for name in plan_of(row.form).communes:
        code, standing = row.values.get(name), base.areas.get(name)
        if code is None or standing is None or row.areas.get(name) == standing:
            continue
        if _is_kept(row, name, code, area_book().by_uid[standing], today):
            row.notes.append(row.fault(name, KEPT, code=code, name=area_book().by_uid[standing].name))
            row.faults[:] = [fault for fault in row.faults if (fault.field, fault.rule) != (name, NOT_ON_DAY)]
            row.values[name], row.areas[name] = base.values[name], standing


def codes_of_two(rows: Iterable[Row], today: date) -> Iterator[CellFault]:
    """Yield a note, at the first of its rows, for each code that names another place today than in these rows."""
    seen: set[tuple[str, str]] = set()
    for row in rows:
        for name in plan_of(row.form).communes:
            code, uid = row.values.get(name), row.areas.get(name)
            if code is None or uid is None or (code, uid) in seen:
                continue
            now = _now(code, uid, today)
            # Who wrote the row down before the other place had the code cannot have meant that one.
            if now is None or _written_before(row, now):
                continue
            seen.add((code, uid))
            then = area_book().by_uid[uid].name
            yield row.fault(name, OF_TWO, code=code, then=then, uid=uid, now=now.name, now_uid=now.uid)


def _written_before(row: Row, area: Area) -> bool:
    """Return whether the row says of itself that it was written down before the area had its code."""
    return row.recorded is not None and area.valid_from is not None and row.recorded.day < area.valid_from


def _is_kept(row: Row, name: str, code: str, standing: Area, today: date) -> bool:
    own = row.own_day
    if own is None or not standing.exists_on(own):
        return False
    named = row.areas.get(name)
    # The area itself is written: nothing is left to interpret, unless it did not exist on the day.
    if "@" in code and named is not None:
        return False
    for other in _others(code, named, today):
        if other.uid in area_book().successors(standing.uid):
            return True
        # The other way round the row's own day decides: a code that was valid on it names the commune that it says.
        if named is None and standing.uid in area_book().successors(other.uid):
            return True
    return False


@lru_cache(maxsize=65_536)
def _others(code: str, uid: str | None, today: date) -> tuple[Area, ...]:
    """Return what the code names besides this area, as far as it is known by today."""
    named = area_book().named(code)
    return tuple(
        area for area in named if area.uid != uid and (area.valid_from is None or area.valid_from <= today)
    )


@lru_cache(maxsize=65_536)
def _now(code: str, uid: str, today: date) -> Area | None:
    """Return the area that the code names today where that is another place than this area; else None."""
    if "@" in code:
        return None
    now = area_book().resolve(code, today)
    if now is None or now.uid == uid or area_book().by_uid[uid].exists_on(today):
        return None
    made_of = {step.from_uid for step in area_book().predecessions(now.uid)}
    # The same commune under the same code, with nobody else's land.
    return None if made_of == {uid} else now
