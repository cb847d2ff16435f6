"""The balance of a stock: opening + entries − exits = closing, for an area and for each of its parts.

Opening and closing come from the tables and cells that answer every question. Entries and exits are computed apart from
them, from the record versions of the log. So the two sides agree only where both are right.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from reference import area_book
from services.reporting.checks.domain.movements import Movements, movements
from services.reporting.checks.flows import FLOWS, Flows, flows
from services.reporting.checks.hierarchy import Lost, Rows, area_before, borders, row_uid
from services.reporting.checks.ledger import Ledger, stays_of
from services.reporting.checks.queries import Found, Trace
from services.reporting.facts import Connection
from services.reporting.figures import DEFINITIONS, Member, Number, Scope
from services.reporting.figures.exact import compute, members

_DAY = timedelta(days=1)


@dataclass(slots=True)
class Side:
    """The stock at one end of the period: its value, its rows by area uid, and its members as subject → rows."""

    day: date
    value: int
    rows: dict[str, int]
    members: dict[str, frozenset[str]]
    traces: dict[str, list[Trace]]


@dataclass(slots=True)
class Line:
    """The balance of the whole area (``row`` None) or of one row."""

    row: str | None
    opening: int
    closing: int
    entries: dict[str, int]
    exits: dict[str, int]

    @property
    def difference(self) -> int:
        """Return closing − (opening + entries − exits); 0 where the balance holds."""
        return self.closing - (self.opening + sum(self.entries.values()) - sum(self.exits.values()))


@dataclass(slots=True)
class Balance:
    """The balance of a stock over a period.

    ``violations`` are the subjects that are in the stock by the tables and not by the log, or the reverse.
    """

    figure: str
    lines: list[Line]
    violations: list[Found]
    movements: Movements = field(default_factory=Movements)
    flows: Flows | None = None

    @property
    def whole(self) -> Line:
        """Return the line of the whole area."""
        return self.lines[0]

    @property
    def holds(self) -> bool:
        """Return whether every line adds up, and the tables and the log name the same members."""
        flows = self.flows is None or self.flows.unexplained == 0
        return not self.violations and flows and all(line.difference == 0 for line in self.lines)


async def balance(connection: Connection, figure: str, scope: Scope, book: Ledger) -> Balance:
    """Return the balance of a stock from the day before ``scope.first`` to ``scope.day``, also by ``scope.by`` if asked."""
    assert scope.first is not None
    before = scope.first - _DAY
    there = area_before(scope)
    opening = Side(before, 0, {}, {}, {})
    if there is not None:
        opening = await _side(connection, figure, replace(scope, uid=there, day=before, first=None))
    closing = await _side(connection, figure, replace(scope, first=None))
    # Entries and exits from the log, not from the tables: two computations from one source would always agree.
    stays, wider = stays_of(figure, book)
    rows = Rows(scope)
    # In a named geography the areas stay the same through the whole period.
    changes = borders(before, scope.day) if scope.geography is None else []
    done = movements(stays, wider, before, scope.day, rows.cell, changes)
    found = _settle(figure, opening, closing, done, Lost(stays, scope.geography), scope.by is not None)
    # Records of areas that changed in between belong to other areas at either end; the province has no such.
    if figure in FLOWS and (there == scope.uid or area_book().by_uid[scope.uid].parent_uid is None):
        found.flows = await flows(connection, figure, scope, opening.traces, closing.traces)
        found.violations += found.flows.strays
    return found


async def _side(connection: Connection, figure: str, scope: Scope) -> Side:
    result = await compute(connection, figure, scope)
    found = await members(connection, figure, scope)
    named: dict[str, set[str]] = defaultdict(set)
    traces: dict[str, list[Trace]] = defaultdict(list)
    for member in found:
        subject = _subject(figure, member)
        row = member.row or "unknown"
        named[subject].add("" if scope.by is None else row_uid(row, scope.hierarchy, scope.by))
        traces[subject].append(
            Trace(member.record_id, member.area, member.unit, member.facility, member.since)
        )
    rows = {
        row_uid(name, scope.hierarchy, scope.by): _int(value)
        for name, value in (result.rows or {}).items()
        if value
    }
    members_of = {subject: frozenset(names) for subject, names in named.items()}
    return Side(scope.day, _int(result.value), rows, members_of, dict(traces))


def _subject(figure: str, member: Member) -> str:
    count = DEFINITIONS[figure].count
    if count == "person":
        return str(member.who)
    return str(member.facility) if count == "facility" else str(member.record_id)


def _int(value: Number | None) -> int:
    return int(value or 0)


def _settle(figure: str, opening: Side, closing: Side, done: Movements, lost: Lost, split: bool) -> Balance:
    violations: dict[str, Found] = {}
    placed: list[tuple[str, str | None, int, int]] = []
    for side, by_log, sign in ((opening, done.start, 1), (closing, done.end, -1)):
        for subject in sorted(side.members.keys() | by_log.keys()):
            ours, theirs = side.members.get(subject, frozenset()), by_log.get(subject, frozenset())
            if ours == theirs:
                continue
            # The figure places persons of a divided commune by their address, which the log's movements do not show: no error.
            if lost.on(subject, side.day):
                placed += _placed(subject, ours, theirs, sign)
                continue
            found = violations.setdefault(subject, Found(subject, [], {"differs": []}))
            found.traces += side.traces.get(subject, [])
            assert found.about is not None
            found.about["differs"].append(
                {"day": side.day.isoformat(), "figure": sorted(ours), "log": sorted(theirs)}
            )
    rows: list[str | None] = [None]
    if split:
        rows += sorted(
            opening.rows.keys() | closing.rows.keys() | {move.row for move in done.entries if move.row}
        )
    lines = [_line(row, opening, closing, done, placed) for row in rows]
    # Wrong members make wrong numbers as well, and one mistake must not be listed twice.
    if not violations:
        violations = {found.subject: found for found in _numbers(lines, (opening, closing))}
    return Balance(figure, lines, list(violations.values()), done)


def _numbers(lines: list[Line], sides: tuple[Side, Side]) -> list[Found]:
    """Return the lines that do not add up, and the ends of the period whose value is not the number of their members.

    Called where the tables and the log name the same members: then the fault lies in the numbers that were answered.
    """
    found = [
        Found(f"row {line.row or 'all'}", [], {"row": line.row, "difference": line.difference})
        for line in lines
        if line.difference
    ]
    for side in sides:
        if side.value != len(side.members):
            about = {"day": side.day.isoformat(), "figure": side.value, "members": len(side.members)}
            found.append(Found(f"day {side.day.isoformat()}", [], about))
    return found


def _placed(
    subject: str, ours: frozenset[str], theirs: frozenset[str], sign: int
) -> list[tuple[str, str | None, int, int]]:
    """Return the entries and exits that a person's address in a divided commune explains.

    ``ours`` and ``theirs``: the rows of the person by the tables and by the log. ``sign`` is 1 for the opening, -1 for the
    closing. Each result: subject, row (None = the whole area), number of entries, number of exits.
    """
    moves: list[tuple[str, str | None, int, int]] = []
    whole = (bool(theirs) - bool(ours)) * sign
    if whole:
        moves.append((subject, None, max(whole, 0), max(-whole, 0)))
    for row in ours ^ theirs:
        change = sign if row in theirs else -sign
        moves.append((subject, row, max(change, 0), max(-change, 0)))
    return moves


def _line(
    row: str | None,
    opening: Side,
    closing: Side,
    done: Movements,
    placed: list[tuple[str, str | None, int, int]],
) -> Line:
    entries, exits = done.counts(done.entries, row), done.counts(done.exits, row)
    came = sum(into for _, where, into, _ in placed if where == row)
    went = sum(out for _, where, _, out in placed if where == row)
    if came:
        entries["placed_by_address"] = came
    if went:
        exits["placed_by_address"] = went
    if row is None:
        return Line(None, opening.value, closing.value, entries, exits)
    return Line(row, opening.rows.get(row, 0), closing.rows.get(row, 0), entries, exits)


def document(found: Balance, *, names: bool) -> dict[str, Any]:
    """Return the balance as JSON; ``names``: with the records behind each class of the whole area."""
    records: dict[tuple[str, str], list[str]] = defaultdict(list)
    for way, moves in (("entries", found.movements.entries), ("exits", found.movements.exits)):
        for move in moves:
            if move.row is None:
                records[way, move.kind] += move.records
    whole = found.whole

    def classes(way: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
        return [
            {
                "class": kind,
                "count": count,
                "records": sorted(set(records[way, kind])) if names else None,
            }
            for kind, count in counts.items()
        ]

    return {
        "figure": found.figure,
        "opening": whole.opening,
        "entries": classes("entries", whole.entries),
        "exits": classes("exits", whole.exits),
        "closing": whole.closing,
        "difference": whole.difference,
        "holds": found.holds,
        **({} if found.flows is None else {"flows": found.flows.document()}),
        "rows": [
            {
                "row": line.row,
                "opening": line.opening,
                "entries": line.entries,
                "exits": line.exits,
                "closing": line.closing,
                "difference": line.difference,
            }
            for line in found.lines[1:]
        ],
    }
