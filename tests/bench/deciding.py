"""What it costs to decide who may read: one decision, and a page of 500 rows, beside decoding one such row from JSON."""

import time
from collections.abc import Callable
from datetime import date
from statistics import median

import orjson

from reference import area_book, province
from services.chassis.security import READ, Actor, Principal, Target, Units, may
from services.registers import Rights
from tests.bench.table import Table

DAY = date(2023, 12, 14)
PAGE = 500
ROUNDS = 7
_ROW = orjson.dumps(
    {
        "record_no": "HS-0001",
        "commune_code": "10513@2008",
        "status": "user",
        "status_from": "2023-01-10",
        "has_decision": False,
        "presence": "community",
        "presence_from": "2023-01-10",
    }
)
"""A row of the register without identity, as it is stored: what every reader pays for it in any case."""


def measure(table: Table) -> None:
    """Add the cost of a decision that nobody has asked for before, and of a page of rows of every commune's unit."""
    book = area_book()
    top = book.resolve(province().code, DAY)
    assert top is not None
    units = [f"police:{area.code}" for area in book.communes(top.uid, DAY)]
    office = f"police:{province().code}"
    register = Units()
    actor = Actor(register.on(office, DAY), "clerk")
    targets = [
        Target("registry", register.keeping(unit, DAY), size=size) for unit in units for size in (1, 2)
    ]

    def decide() -> None:
        # Without what is remembered: each of these decisions is made for the first time.
        _forget()
        for target in targets:
            may(actor, READ, target, DAY)

    def page() -> None:
        _forget()
        rights = Rights.of(Principal(office, "", "clerk", "bench"), Units(), DAY)
        for number in range(PAGE):
            rights.sees("registry", units[number % len(units)], "purpose", minor=number % 10 == 0)

    def decode() -> None:
        for _ in range(PAGE):
            orjson.loads(_ROW)

    one, whole, row = _seconds(decide) / len(targets), _seconds(page), _seconds(decode) / PAGE
    table.add("A1", "a decision for the first time / decoding a stored row", f"{one / row:.1f}")
    table.add("A1", "a decision for the first time, µs", f"{one * 1e6:.1f}", "< 50")
    table.add("A2", f"a page of {PAGE} rows decided / decoded", f"{whole / (row * PAGE):.1f}")
    table.add("A2", f"a page of {PAGE} rows of {len(units)} units decided, ms", f"{whole * 1e3:.2f}", "< 10")


def _forget() -> None:
    from services.chassis.security import authority

    authority._decided.cache_clear()


def _seconds(work: Callable[[], None]) -> float:
    work()  # the first time reads the pack
    taken = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return median(taken)


if __name__ == "__main__":
    measured = Table()
    measure(measured)
    measured.show()
