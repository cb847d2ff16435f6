"""What real registers suffer: rows handed in twice, mistakes corrected later, rows entered in error and withdrawn.

None of it changes what the registers say in the end.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from random import Random

from contracts.forms import FORMS
from demo.cast import Cast
from demo.people import identity
from demo.world import CORRECTED_FROM, CORRECTED_UNTIL, Row, Value, World, between, day_of, days

_TWICE_SHARE, _TWICE_IN_JANUARY = 0.01, 5
Mistake = Callable[[Random, Row], Row]


def _other(column: str, *values: Value) -> Mistake:
    """A mistake that put another value into the column."""
    return lambda rng, row: {column: rng.choice([value for value in values if value != row.get(column)])}


def _shortened(_rng: Random, row: Row) -> Row:
    """The middle name was left out."""
    words = str(row["full_name"]).split()
    return {"full_name": f"{words[0]} {words[-1]}"}


def _still_open(*columns: str) -> Mistake:
    """What ended had not been entered."""
    return lambda _rng, _row: dict.fromkeys(columns)


def _more(column: str) -> Mistake:
    def add(rng: Random, row: Row) -> Row:
        value = row[column]
        assert isinstance(value, int)
        return {column: value + rng.randint(1, 3)}

    return add


_CORRECTED: dict[str, tuple[tuple[int, Mistake, Callable[[Row], bool]], ...]] = {
    "registry": (
        (14, _shortened, lambda row: row["national_id"] is not None),
        (
            9,
            _other("presence", "community", "absent"),
            lambda row: row["presence"] in ("community", "absent"),
        ),
    ),
    "determination": (
        (
            4,
            lambda _rng, _row: {"conclusion": "addicted", "criteria_met": 3},
            lambda row: row["conclusion"] == "not_addicted",
        ),
        (6, _other("criteria_met", 3, 4, 5), lambda row: row["conclusion"] == "addicted"),
    ),
    "methadone": (
        (
            12,
            _still_open("ended_on", "end_reason"),
            lambda row: _ended_lately(row["ended_on"]) and row["transferred_to"] is None,
        ),
        (6, _shortened, lambda row: row["national_id"] is not None),
    ),
    "detox": ((4, _shortened, lambda row: row["national_id"] is not None),),
    "drug_cases": (
        (8, _more("subjects"), lambda row: row["accused"] is None),
        (5, _other("offence", "possession", "trade"), lambda row: row["offence"] in ("possession", "trade")),
    ),
    "conflicts": ((6, _other("level", 1, 2, 3), lambda _row: True), (6, _more("parties"), lambda _row: True)),
    "places": ((5, _other("kind", "lodging", "other"), lambda row: row["kind"] in ("lodging", "other")),),
    "fires": (
        (5, lambda _rng, _row: {"cause": "under_investigation"}, lambda row: row["cause"] == "electrical"),
    ),
    "declared": ((2, _more("value"), lambda row: row["area_code"] != "30"),),
}
_VOIDED = {
    "registry": 6,
    "determination": 4,
    "methadone": 3,
    "detox": 2,
    "drug_cases": 5,
    "conflicts": 4,
    "places": 3,
    "fires": 1,
    "arrests": 2,
}
_NUMBER = {
    "registry": "record_no",
    "determination": "slip_no",
    "methadone": "patient_no",
    "detox": "episode_no",
    "drug_cases": "case_no",
    "conflicts": "conflict_no",
    "places": "place_no",
    "fires": "incident_no",
    "arrests": "case_no",
}


def add_flaws(world: World, cast: Cast) -> None:
    """Put the flaws into the registers and what mends them into the afterthoughts."""
    for form in FORMS:
        rng = world.rng(f"flaws:{form}")
        touched: set[int] = set()
        _correct(world, rng, form, touched)
        _withdraw(world, rng, form, touched, cast)
        _hand_in_twice(world, rng, form, touched)
    _withdraw_timeline_rows(world)


def _correct(world: World, rng: Random, form: str, touched: set[int]) -> None:
    for count, mistake, fits in _CORRECTED.get(form, ()):
        fit = [row for row in _said_once(world, form) if id(row) not in touched and fits(row)]
        for right in rng.sample(fit, min(count, len(fit))):
            wrong = right | mistake(rng, right)
            place = next(index for index, row in enumerate(world.registers[form]) if row is right)
            world.registers[form][place] = wrong
            world.afterthoughts[form].append({**right, "recorded_on": _later(rng, right)})
            touched |= {id(wrong), id(right)}


def _withdraw(world: World, rng: Random, form: str, touched: set[int], cast: Cast) -> None:
    if form not in _VOIDED:
        return
    for row in rng.sample([row for row in _said_once(world, form) if id(row) not in touched], _VOIDED[form]):
        column = _NUMBER[form]
        extra: Row = {column: f"{row[column]}B"}
        if FORMS[form].identity:
            person = identity(rng, cast.outsider())
            extra |= {**person, "commune_code": row["commune_code"]}
        bogus = {**row, **extra}
        world.registers[form].append(bogus)
        world.afterthoughts[form].append({**bogus, "recorded_on": _later(rng, bogus), "void": True})
        touched.add(id(bogus))


def _withdraw_timeline_rows(world: World) -> None:
    """A row of a timeline entered in error: the rest of the record stands as if it had never been written."""
    rng = world.rng("flaws:timeline")
    known = [
        row
        for row in _said_once(world, "registry")
        if row["status"] == "addict" and row["presence"] == "community"
    ]
    for row in rng.sample([row for row in known if row.get("removed_on") is None], 5):
        start = row["status_from"]
        assert isinstance(start, date)
        day = start + days(1)
        wrong: Row = {
            **row,
            "status": "post_detox",
            "status_from": day,
            "psychosis_from": None,
            "psychosis": None,
        }
        wrong["recorded_on"] = max(_day(row["recorded_on"]), day)
        world.registers["registry"].append(wrong)
        world.afterthoughts["registry"].append({**wrong, "recorded_on": _later(rng, wrong), "void": True})


def _hand_in_twice(world: World, rng: Random, form: str, touched: set[int]) -> None:
    rows = [row for row in _said_once(world, form) if id(row) not in touched]
    count = min(len(rows), max(2, int(len(rows) * _TWICE_SHARE)))
    world.registers[form].extend(rng.sample(rows, count))
    if world.afterthoughts[form]:
        world.afterthoughts[form].extend(rng.sample(rows, _TWICE_IN_JANUARY))


def _said_once(world: World, form: str) -> list[Row]:
    """Rows whose record is in the register only once, so that handing them in again cannot undo a later one."""
    seen = Counter(record_key(form, row) for row in world.registers[form])
    return [row for row in world.registers[form] if seen[record_key(form, row)] == 1]


def record_key(form: str, row: Row) -> tuple[str, ...]:
    """Return what names a record: the unit and the key columns (of alternatives ``a|b+c``, the first one filled)."""
    parts = [str(row.get("unit_code"))]
    for column in FORMS[form].key:
        options = [[str(row.get(name) or "") for name in option.split("+")] for option in column.split("|")]
        parts += next((option for option in options if all(option)), options[-1])
    return tuple(parts)


def _later(rng: Random, row: Row) -> date:
    return between(rng, max(CORRECTED_FROM, _day(row["recorded_on"]) + days(1)), CORRECTED_UNTIL)


def _day(value: Value) -> date:
    assert isinstance(value, date)
    return day_of(value)


def _ended_lately(value: Value) -> bool:
    return isinstance(value, date) and date(2023, 4, 1) <= value <= date(2023, 12, 10)
