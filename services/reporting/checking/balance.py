"""Opening + entries − exits = closing, for every stock that has entries and exits, of any area and by its parts.

Opening and closing are the figure as anyone gets it (tables, cells); entries and exits are worked out from the versions
in the log. Nothing makes them agree but that both are right.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from contracts.areas import area_book
from services.reporting.checking.domain.walk import Stay, Walk, walk
from services.reporting.checking.flows import FLOWS, Flows, flows
from services.reporting.checking.ledger import Ledger, stays_of
from services.reporting.checking.queries import Found, Trace
from services.reporting.figures.answer import compute
from services.reporting.figures.definitions import DEFINITIONS
from services.reporting.figures.evaluate import Number, Scope
from services.reporting.figures.members import Member, members
from services.reporting.figures.territory import territory
from services.reporting.repository import Connection

_DAY = timedelta(days=1)


@dataclass(slots=True)
class Side:
    """One end of the period: the figure, its rows by area uid, and its members as subject → rows."""

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
        """Closing less what opening, entries and exits make of it; 0 where it holds."""
        return self.closing - (self.opening + sum(self.entries.values()) - sum(self.exits.values()))


@dataclass(slots=True)
class Balance:
    """The outcome. ``violations`` name who is in the stock by one account and not by the other."""

    figure: str
    lines: list[Line]
    violations: list[Found]
    walk: Walk = field(default_factory=Walk)
    flows: Flows | None = None

    @property
    def whole(self) -> Line:
        """The line of the whole area."""
        return self.lines[0]

    @property
    def holds(self) -> bool:
        """Whether every line adds up and both accounts name the same members."""
        flows = self.flows is None or self.flows.unexplained == 0
        return not self.violations and flows and all(line.difference == 0 for line in self.lines)


def area_on(uid: str, day: date) -> str | None:
    """What an area was or has wholly become on a day; None where nothing is it."""
    book = area_book()
    area = book.by_uid[uid]
    if area.exists_on(day):
        return uid
    if area.valid_to is not None and area.valid_to <= day:
        return book.carried_to(uid, day)
    assert area.valid_from is not None
    before = [
        other.uid
        for other in book.by_uid.values()
        if other.exists_on(day)
        and other.level == area.level
        and book.carried_to(other.uid, area.valid_from) == uid
    ]
    return before[0] if len(before) == 1 else None


def borders(first: date, last: date) -> list[date]:
    """The days in (first, last] on which the hierarchy of areas changed."""
    changes = {area.valid_from for area in area_book().by_uid.values() if area.valid_from is not None}
    return sorted(day for day in changes if first < day <= last)


def area_before(scope: Scope) -> str | None:
    """The area asked as it was on the day before the period; in a named geography it is always itself."""
    assert scope.first is not None
    return scope.uid if scope.geography is not None else area_on(scope.uid, scope.first - _DAY)


async def balance(connection: Connection, figure: str, scope: Scope, book: Ledger) -> Balance:
    """The balance of a stock from the day before ``scope.first`` to ``scope.day``, also by ``scope.by`` if asked."""
    assert scope.first is not None
    before = scope.first - _DAY
    there = area_before(scope)
    opening = Side(before, 0, {}, {}, {})
    if there is not None:
        opening = await _side(connection, figure, replace(scope, uid=there, day=before, first=None))
    closing = await _side(connection, figure, replace(scope, first=None))
    stays, wider = stays_of(figure, book)
    rows = _Rows(scope)
    changes = borders(before, scope.day) if scope.geography is None else []
    done = walk(stays, wider, before, scope.day, rows.cell, changes)
    found = _settle(figure, opening, closing, done, _Lost(stays, scope.geography), scope.by is not None)
    # Records of areas that changed in between belong to other areas at either end; the province has no such.
    if figure in FLOWS and (there == scope.uid or area_book().by_uid[scope.uid].parent_uid is None):
        found.flows = await flows(connection, figure, scope, opening.traces, closing.traces)
        found.violations += found.flows.strays
    return found


class _Rows:
    """The row of a stay on a day, as the figure has it on that day: area uids, since codes change their meaning."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._known: dict[date, Mapping[str, str]] = {}

    def cell(self, stay: Stay, day: date) -> str | None:
        """The row; "" where no breakdown is asked; None outside the area."""
        if self._scope.by == "facility":
            inside = self._rows(day, None).get(stay.place or "") is not None
            return (stay.facility or "unknown") if inside else None
        return self._rows(day, self._scope.by).get(stay.place or "")

    def _rows(self, day: date, by: str | None) -> Mapping[str, str]:
        named = self._scope.geography
        era = area_book().era(named or day)
        if era not in self._known:
            here = self._scope.uid if named is not None else area_on(self._scope.uid, day)
            land = {} if here is None else territory(here, era, by, day).row_of
            self._known[era] = {uid: row_uid(row, era, by) if by else "" for uid, row in land.items()}
        return self._known[era]


class _Lost:
    """Subjects with a stay in a commune that was divided: the figure may place them by their address, the walk may not."""

    def __init__(self, stays: Iterable[Stay], geography: date | None) -> None:
        self._geography = geography
        self._stays: dict[str, list[Stay]] = defaultdict(list)
        for stay in stays:
            self._stays[stay.subject].append(stay)

    def on(self, subject: str, day: date) -> bool:
        """Whether one of the subject's communes of the day was divided."""
        book = area_book()
        places = [stay.place for stay in self._stays.get(subject, ()) if stay.start <= day < stay.end]
        found = [book.placed(place, self._geography or day) for place in places if place is not None]
        return any(place is None or place.lost is not None for place in found)


def row_uid(row: str, day: date, by: str | None) -> str:
    """A row's area of the hierarchy of ``day`` by its uid; rows that are no such area stay as they are."""
    area = area_book().resolve(row, day) if by in ("area", "commune") and "@" not in row else None
    return row if area is None else area.uid


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


def _settle(figure: str, opening: Side, closing: Side, done: Walk, lost: _Lost, split: bool) -> Balance:
    violations: dict[str, Found] = {}
    placed: list[tuple[str, str | None, int, int]] = []
    for side, walked, sign in ((opening, done.start, 1), (closing, done.end, -1)):
        for subject in sorted(side.members.keys() | walked.keys()):
            ours, theirs = side.members.get(subject, frozenset()), walked.get(subject, frozenset())
            if ours == theirs:
                continue
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
    return Balance(figure, lines, list(violations.values()), done)


def _placed(
    subject: str, ours: frozenset[str], theirs: frozenset[str], sign: int
) -> list[tuple[str, str | None, int, int]]:
    """What the address of a person of a divided commune adds to rows and takes from them (+1 entry, −1 exit)."""
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
    done: Walk,
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
    """As JSON; ``names``: with the records behind each class of the whole area."""
    records: dict[tuple[str, str], list[str]] = defaultdict(list)
    for way, moves in (("entries", found.walk.entries), ("exits", found.walk.exits)):
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
