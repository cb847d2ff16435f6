"""Possible causes: other ways of counting that an agency may have used, each with the difference that it would make.

They are looked for in the declared scenario: the declared dates, with what was known at the cut-off. The log proves how
great the difference would be. It does not prove that the agency really counted so; therefore the waterfall uses possible
causes only for the part of the difference that measured steps leave.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from reference import FIGURES, area_book
from services.reporting.facts import Connection
from services.reporting.figures import DEFINITIONS, Member, Scope
from services.reporting.figures.exact import members, rows_of, total
from services.reporting.reconciliation import queries
from services.reporting.reconciliation.domain.waterfall import Cause, rounding_of
from services.reporting.reconciliation.parts import Parts
from services.reporting.reconciliation.scenarios import Decomposition, Entry, Side

LOOK_BACK = timedelta(days=365)
"""Only states that ended within this time before the day are taken for ones that the agency forgot to remove."""
OWN_REGISTERS = {"police": ("status",), "health": ("methadone",), "labour": ("detox", "post_detox")}
"""Agency → the kinds of spells that its own registers make: the persons in one of them are the agency's list on a day."""
# Figure of the register → (conclusion that says the person belongs to it, conclusion that says the person does not).
_CONCLUSIONS = {
    "registry.addicts_with_file": ("addicted", "not_addicted"),
    "registry.users": ("not_addicted", "addicted"),
}


@dataclass(slots=True)
class Possible:
    """Possible causes in the order in which they are tried, and the records behind each of them."""

    causes: list[Cause] = field(default_factory=list)
    entries: dict[str, list[Entry]] = field(default_factory=dict)

    def add(self, step: str, effect: Fraction, entries: list[Entry]) -> None:
        """Add a cause with its records, unless it would change nothing."""
        if effect:
            self.causes.append(Cause(step, effect))
            self.entries[step] = entries


async def possible(
    connection: Connection,
    code: str,
    scope: Scope,
    found: Decomposition,
    declared: Decimal,
    parts: Parts | None,
    agency: str | None,
) -> Possible:
    """Return every other way of counting that could explain a part of the difference that is left, in the order tried."""
    answer = Possible()
    remainder = Fraction(declared) - found.then
    # Where a part of the area declared nothing, the sum is too small for that reason: a cause of its own (area_missing).
    if parts is not None and parts.complete:
        answer.add("own_sum", Fraction(declared) - parts.declared_sum, [])
    if found.first is not None:
        search = _Search(connection, code, scope, found.first, upwards=remainder > 0)
        await _twice(search, answer)
        await _unlisted(search, answer, agency)
        await _elsewhere(search, answer)
        await _facility(search, answer)
        await _status(search, answer)
        await _ended(search, answer)
        await _missing(search, answer, parts)
    # Added near the end: this cause may be used only where it explains all that is left (see USES).
    answer.add("already_known", found.now - found.then, [])
    if rounding_of(declared, found.then) in ("rounded", "truncated"):
        answer.add("rounding", remainder, [])
    return answer


@dataclass(frozen=True, slots=True)
class _Search:
    """A figure in the declared scenario; ``upwards`` = the declared number is the larger one."""

    connection: Connection
    code: str
    scope: Scope
    rows: Sequence[Member]
    upwards: bool

    @property
    def people(self) -> set[UUID | None]:
        return {row.who for row in self.rows}

    @property
    def personal(self) -> bool:
        return DEFINITIONS[self.code].count == "person"

    def number(self, rows: Iterable[Member]) -> Fraction:
        return Fraction(total(self.code, list(rows)))

    async def everywhere(self) -> list[Member]:
        """Return what the figure counts in the whole province."""
        top = area_book().ancestors(self.scope.uid)[-1]
        return await members(self.connection, self.code, replace(self.scope, uid=top))


async def _twice(search: _Search, answer: Possible) -> None:
    """Look for persons with several records: an agency that counts records counts them several times."""
    if not search.personal:
        return
    by_person = defaultdict(list)
    for row in search.rows:
        by_person[row.who].append(row)
    several = sorted(
        (rows for rows in by_person.values() if len(rows) > 1), key=lambda rows: rows[0].record_id
    )
    entries = [
        Entry("both", "reconcile_why_counted_twice", {"records": len(rows), "group": number}, row, number)
        for number, rows in enumerate(several, 1)
        for row in rows
    ]
    # Less one: each person is rightly counted once.
    extra = sum(len({(row.record_id, row.kind) for row in rows}) - 1 for rows in several)
    answer.add("counted_twice", Fraction(extra), entries)


async def _unlisted(search: _Search, answer: Possible, agency: str | None) -> None:
    """Look for persons who are not in the agency's own register: an agency that does not own the figure may omit them."""
    own = OWN_REGISTERS.get(agency or "")
    if own is None or not search.personal or search.upwards:
        return
    if FIGURES[search.code].owner_on(search.scope.day) == agency:
        return
    listed = await queries.in_state(search.connection, search.scope, own)
    rows = [row for row in search.rows if row.who not in listed]
    answer.add(
        "not_on_list",
        Fraction(-len({row.who for row in rows})),
        _entries(rows, "computed", "reconcile_why_not_on_list"),
    )


async def _elsewhere(search: _Search, answer: Possible) -> None:
    """Look for persons with an address in another commune: the agency may count them there."""
    land = search.scope.territory()
    by_residence = DEFINITIONS[search.code].area == "residence" and not search.scope.by_facility
    # Where the whole province is asked, the person's other commune lies in it too, so nothing would change.
    if not search.personal or land.whole or not by_residence:
        return
    where = await queries.addresses(search.connection, search.scope)
    here = land.row_of.keys()
    if not search.upwards:
        rows = [row for row in search.rows if where.get(row.who or UUID(int=0), set()) - here]
        people = {row.who for row in rows}
        answer.add(
            "residence_elsewhere",
            Fraction(-len(people)),
            _entries(rows, "computed", "reconcile_why_lives_elsewhere"),
        )
        return
    known = search.people
    rows = [
        row
        for row in await search.everywhere()
        if row.who is not None and row.who not in known and where.get(row.who, set()) & here
    ]
    people = {row.who for row in rows}
    # These records belong to areas that the reader may not reach; ``outside`` makes that checked before they are shown.
    entries = [Entry("declared", "reconcile_why_lives_here", member=row, outside=True) for row in rows]
    answer.add("residence_elsewhere", Fraction(len(people)), entries)


async def _facility(search: _Search, answer: Possible) -> None:
    """Count by the area of the facility instead of the residence: the agency may count where people are treated."""
    definition = DEFINITIONS[search.code]
    if definition.area != "residence" or "facility" not in definition.dims or search.scope.by_facility:
        return
    there = await members(search.connection, search.code, replace(search.scope, by_facility=True))
    known, treated = search.people, {row.who for row in there}
    entries = _entries(
        [row for row in there if row.who not in known], "declared", "reconcile_why_treated_here"
    )
    entries += _entries(
        [row for row in search.rows if row.who not in treated], "computed", "reconcile_why_treated_elsewhere"
    )
    answer.add("facility_area", search.number(there) - search.number(search.rows), entries)


async def _status(search: _Search, answer: Possible) -> None:
    """Look for persons whose latest conclusion contradicts their status in the register: the agency may go by it."""
    speaking = _CONCLUSIONS.get(search.code)
    if speaking is None:
        return
    conclusion = speaking[0] if search.upwards else speaking[1]
    latest = await queries.conclusions(search.connection, search.scope)
    rows = [row for row in await _candidates(search) if _says_otherwise(row, conclusion, latest)]
    people = {row.who for row in rows}
    side: Side = "declared" if search.upwards else "computed"
    sign = 1 if search.upwards else -1
    answer.add(
        "other_status", Fraction(sign * len(people)), _entries(rows, side, f"reconcile_why_{conclusion}")
    )


async def _candidates(search: _Search) -> Sequence[Member]:
    """Return the register rows of the day to compare with conclusions.

    These are the rows that the figure counts; where the declared number is larger, the rows that it does not count.
    """
    if not search.upwards:
        return search.rows
    definition = DEFINITIONS[search.code]
    # The declared number is larger: the agency may count persons whose status in the register is another one.
    others = replace(definition, where=f"NOT ({definition.where})")
    rows = await rows_of(search.connection, others, search.scope)
    return [row for row in rows if row.who not in search.people]


def _says_otherwise(row: Member, conclusion: str, latest: Mapping[UUID, tuple[str, date]]) -> bool:
    """Return whether the latest conclusion about the person is ``conclusion``.

    A conclusion from before a detoxification says nothing about the status after it.
    """
    concluded = None if row.who is None else latest.get(row.who)
    return (
        concluded is not None
        and concluded[0] == conclusion
        and (row.code != "post_detox" or concluded[1] >= row.since)
    )


async def _ended(search: _Search, answer: Possible) -> None:
    """Look for states that ended, or moved to another area, within a year before the day: the agency may still list them."""
    definition = DEFINITIONS[search.code]
    if definition.source != "spell" or not search.upwards:
        return
    ended = replace(definition, when="s.valid_to BETWEEN %(first)s AND %(day)s")
    since = search.scope.day - LOOK_BACK
    rows = await rows_of(search.connection, ended, replace(search.scope, first=since))
    elsewhere: set[UUID | None] = set()
    if search.personal and rows:
        known = search.people
        # A person whom another record still counts is rightly on the list.
        rows = [row for row in rows if row.who not in known]
        elsewhere = {row.who for row in await search.everywhere()}
    rows.sort(key=lambda row: (row.until or search.scope.day, row.record_id), reverse=True)
    entries = [
        Entry(
            "declared",
            "reconcile_why_moved_away" if row.who in elsewhere else "reconcile_why_ended",
            {"until": row.until},
            row,
        )
        for row in rows
    ]
    answer.add("ended_before", search.number(rows), entries)


async def _missing(search: _Search, answer: Possible, parts: Parts | None) -> None:
    """Add what the figure counts in parts of the area for which the agency declared nothing, while it did for others."""
    if parts is None or not parts.missing:
        return
    rows = await members(search.connection, search.code, replace(search.scope, by="area"))
    kept = [row for row in rows if row.row not in parts.missing]
    gone = [row for row in rows if row.row in parts.missing]
    answer.add(
        "area_missing",
        search.number(kept) - search.number(rows),
        _entries(gone, "computed", "reconcile_why_area_missing"),
    )


def _entries(rows: Collection[Member], side: Side, rule: str) -> list[Entry]:
    return [Entry(side, rule, {}, row) for row in rows]
