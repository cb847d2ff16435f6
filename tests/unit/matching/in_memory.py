"""A match without a database: the register is a dictionary, kept by the plainest reading of the hand-in rules."""

from functools import partial
from typing import Any
from uuid import UUID, uuid5

import orjson

from contracts.forms import FORMS
from services.matching.matcher import explained, paired
from services.matching.model import Item, Matched, Ours, Question
from services.matching.rows import Reading, columns_of, read_rows, theirs_of
from services.registers import Numbering
from services.registers.row import RawRow
from tests.support.lists import Found
from tests.support.packs import COMMITTEE
from tests.unit.registers.building import NOW, VAULT, good, key, row_of

SPACE = UUID("11111111-2222-5333-8444-666666666666")
Rows = list[dict[str, Any]]


def register_of(form: str, rows: Rows) -> tuple[list[Ours], dict[UUID, list[dict[str, Any]]]]:
    """The records that the rows leave behind, and what each said before."""
    records: dict[tuple[str, str], Ours] = {}
    history: dict[UUID, list[dict[str, Any]]] = {}
    for values in rows:
        row, _ = row_of(form, values)
        place = (row.unit, key(row))
        before = records.get(place)
        record = uuid5(SPACE, "/".join(place))
        if before is not None:
            history.setdefault(record, []).append(before.values)
        if row.void:
            assert before is not None
            before.voided = True
            continue
        row = good(form, values)
        identity = row.identity()
        records[place] = Ours(
            record=record,
            unit=row.unit,
            key=place[1],
            person=uuid5(SPACE, f"{row.unit}/{place[1].split(chr(31))[0]}")
            if FORMS[form].person_key
            else record,
            text=orjson.dumps(row.content()).decode(),
            unseal=partial(dict, identity) if identity else None,
            recorded_at=row.recorded.at if row.recorded is not None else NOW,
            day=row.date(next(name for name in FORMS[form].dated_by if row.has(name))),
            area=next(iter(row.areas.values()), None),
            voided=False,
            in_scope=True,
        )
    return list(records.values()), history


def match_in_memory(form: str, register: Rows, listed: Rows, **asked: Any) -> Matched:
    """The list against the register."""
    kept = FORMS[form]
    raws = [RawRow(number, values) for number, values in enumerate(listed, 2)]
    columns = columns_of(kept, raws, None)
    reading = Reading(
        kept,
        COMMITTEE,
        False,
        columns,
        NOW.date(),
        lambda _: True,
        lambda _unit, _area: True,
        lambda code: (code, None),
    )
    theirs = [theirs_of(reading, row, VAULT, Numbering(kept)) for row in read_rows(reading, raws, NOW)]
    ours, history = register_of(form, register)
    units = frozenset(each.unit for each in ours)
    question = Question(kept, columns, register_units=units, **asked)
    return explained(paired(question, theirs, ours, {}), question, {}, history)


def where(item: Item) -> int | str:
    """The row of the list, or the number of a record alone."""
    if item.theirs is not None:
        return item.theirs.number
    assert item.ours is not None
    return item.ours.key.split("\x1f")[0]


def found(matched: Matched) -> set[Found]:
    """The items in the generator's words."""
    return {
        Found(item.kind, where(item), item.reason.code, frozenset(each.field for each in item.differences))
        for item in matched.items
    }
