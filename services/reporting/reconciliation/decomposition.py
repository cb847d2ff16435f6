"""Measured steps: from the figure that the agency could know at its cut-off to the figure that is asked about.

The figure is computed in three scenarios: the declared dates as known at the cut-off, the declared dates as known to the
reader, and the dates asked as known to the reader. Between the first two, rows are exchanged for one reason after another
(recorded late, corrected, voided) with the links between persons as they were; then the links are exchanged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from reference import area_book
from services.reporting.facts import Connection
from services.reporting.figures import DEFINITIONS, Member, Scope, has_members
from services.reporting.figures.exact import compute, members, total
from services.reporting.reconciliation.knowledge import key_of, learn
from services.reporting.reconciliation.scenarios import Decomposition, Entry, Scenarios, Side

MEMBER_LIMIT = 100_000
"""A figure that counts more rows is reconciled by its values alone, without lists: nobody reads so long a list."""


async def decompose(connection: Connection, code: str, scenarios: Scenarios) -> Decomposition | None:
    """Return the measured steps of a figure that is no ratio; None where one of the scenarios has no value for it."""
    if has_members(code):
        # The value is computed first, so that the rows of a very large figure need not be read at all.
        size = (await compute(connection, code, scenarios.now)).value or 0
        if _sums(code) or size <= MEMBER_LIMIT:
            return await _by_rows(connection, code, scenarios)
    values = []
    for scope in (scenarios.then, scenarios.now, scenarios.asked):
        value = (await compute(connection, code, scope)).value
        if value is None:
            return None
        values.append(Fraction(value))
    return await _by_values(connection, code, scenarios, values)


def _sums(code: str) -> bool:
    return DEFINITIONS[code].count == "sum"


async def _by_values(
    connection: Connection, code: str, scenarios: Scenarios, values: list[Fraction]
) -> Decomposition:
    then, now, asked = values
    found = Decomposition(then, now, asked, [("changed_since", now), ("other_date", asked)])
    # Of figures without rows only those about communes can list what differs: the communes.
    if not code.startswith("areas."):
        return found
    split = [
        (await compute(connection, code, replace(scope, by="commune"))).rows or {}
        for scope in (scenarios.then, scenarios.now, scenarios.asked)
    ]
    for step, before, after, on in (
        ("changed_since", split[0], split[1], scenarios.then.day),
        ("other_date", split[1], split[2], scenarios.asked.day),
    ):
        for name in sorted(before.keys() | after.keys()):
            gone, come = bool(before.get(name)), bool(after.get(name))
            area = area_book().resolve(name, on)
            if gone != come:
                side: Side = "declared" if gone else "computed"
                uid = name if area is None else area.uid
                found.entries[step].append(Entry(side, f"reconcile_why_{step}", area=uid))
    return found


async def _by_rows(connection: Connection, code: str, scenarios: Scenarios) -> Decomposition:
    then = await members(connection, code, scenarios.then)
    # An agency that knew everything that the reader knows has the same rows, so they are not read again.
    now = then if scenarios.cut_off >= scenarios.known_at else await members(connection, code, scenarios.now)
    same_dates = (scenarios.now.day, scenarios.now.first, scenarios.now.uid) == (
        scenarios.asked.day,
        scenarios.asked.first,
        scenarios.asked.uid,
    )
    asked = now if same_dates else await members(connection, code, scenarios.asked)

    def number(rows: Iterable[Member]) -> Fraction:
        return Fraction(total(code, list(rows)))

    found = Decomposition(number(then), number(now), number(asked), [], first=then)
    if now is not then:
        await learn(connection, code, scenarios, found, then, now, number)
    found.stages.append(("other_date", found.asked))
    if not same_dates:
        found.entries["other_date"] = _dates(now, asked, scenarios)
    return found


def _dates(now: Sequence[Member], asked: Sequence[Member], scenarios: Scenarios) -> list[Entry]:
    """Return the rows that are counted at only one of the two dates (declared or asked), each with the reason."""
    before, after = {key_of(row): row for row in now}, {key_of(row): row for row in asked}
    found = [
        Entry("declared", _why("declared", before[key], scenarios.asked), {}, before[key])
        for key in sorted(before.keys() - after.keys())
    ]
    found += [
        Entry("computed", _why("asked", after[key], scenarios.now), {}, after[key])
        for key in sorted(after.keys() - before.keys())
    ]
    return found


def _why(where: str, row: Member, other: Scope) -> str:
    """Return the message id that says why a row counted at one of the dates (``where``) is not counted at the other.

    The row may be valid at the other date as well and yet not count: a case has an outcome by then, or the person is no
    longer in the community.
    """
    if row.until is None:
        there = other.first is None or other.first <= row.since <= other.day
        return f"reconcile_why_event_{where}_but_changed" if there else f"reconcile_why_event_{where}_only"
    there = row.since <= other.day < row.until
    return f"reconcile_why_state_{where}_but_changed" if there else f"reconcile_why_state_{where}_only"
