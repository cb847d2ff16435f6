"""The possible part: other ways of counting that an agency may have used, each with what it would change.

All of them are looked for in the declared scenario: the declared dates, with what was known at the cut-off. What is found
is a fact of the log; that the agency counted so is not, so the waterfall uses it only as far as something is left.
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
"""States that ended longer before the day are not taken for ones that an agency forgot to take off its list."""
OWN_REGISTERS = {"police": ("status",), "health": ("methadone",), "labour": ("detox", "post_detox")}
"""Agency → the states that its own registers keep people in: its list on a day."""
# What a conclusion says about who belongs to a figure of the register: (the one that speaks for it, the one against).
_CONCLUSIONS = {
    "registry.addicts_with_file": ("addicted", "not_addicted"),
    "registry.users": ("not_addicted", "addicted"),
}


@dataclass(slots=True)
class Possible:
    """The causes, in the order in which they are tried, and the records behind each."""

    causes: list[Cause] = field(default_factory=list)
    entries: dict[str, list[Entry]] = field(default_factory=dict)

    def add(self, step: str, effect: Fraction, entries: list[Entry]) -> None:
        """Return a cause; None where it would change nothing."""
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
    """Return every other way of counting that could explain a part of what is left of ``declared``, in the order tried."""
    answer = Possible()
    remainder = Fraction(declared) - found.then
    # With a part missing the sum is short for that reason, which is a cause of its own (area_missing).
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
    # Near the end of the order: it may be used only where nothing is left after it (see USES).
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
    """The agency counts records: people with several of them count several times."""
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
    extra = sum(len({(row.record_id, row.kind) for row in rows}) - 1 for rows in several)
    answer.add("counted_twice", Fraction(extra), entries)


async def _unlisted(search: _Search, answer: Possible, agency: str | None) -> None:
    """The agency counts only people whom its own register names; it does not own the figure."""
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
    """The agency goes by another commune of the person, which another record of theirs names."""
    land = search.scope.territory()
    by_residence = DEFINITIONS[search.code].area == "residence" and not search.scope.by_facility
    # Where the whole province is asked, another commune of the person lies in it as well.
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
    # These rows belong to areas that the reader may not reach: the mark has them checked before they are shown.
    entries = [Entry("declared", "reconcile_why_lives_here", member=row, outside=True) for row in rows]
    answer.add("residence_elsewhere", Fraction(len(people)), entries)


async def _facility(search: _Search, answer: Possible) -> None:
    """The agency counts where people are treated instead of where they live."""
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
    """A conclusion says something else about the person than the register does."""
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
    """Register rows of the day that a conclusion may speak against: those counted, or those of everybody else."""
    if not search.upwards:
        return search.rows
    definition = DEFINITIONS[search.code]
    # The declared number is larger: the agency may count people whom the register has in another class.
    others = replace(definition, where=f"NOT ({definition.where})")
    rows = await rows_of(search.connection, others, search.scope)
    return [row for row in rows if row.who not in search.people]


def _says_otherwise(row: Member, conclusion: str, latest: Mapping[UUID, tuple[str, date]]) -> bool:
    """Whether the person's latest conclusion is that one. What was concluded before detox says nothing of after it."""
    concluded = None if row.who is None else latest.get(row.who)
    return (
        concluded is not None
        and concluded[0] == conclusion
        and (row.code != "post_detox" or concluded[1] >= row.since)
    )


async def _ended(search: _Search, answer: Possible) -> None:
    """The agency keeps on its list what ended, or moved away, within the year before the day."""
    definition = DEFINITIONS[search.code]
    if definition.source != "spell" or not search.upwards:
        return
    ended = replace(definition, when="s.valid_to BETWEEN %(first)s AND %(day)s")
    since = search.scope.day - LOOK_BACK
    rows = await rows_of(search.connection, ended, replace(search.scope, first=since))
    elsewhere: set[UUID | None] = set()
    if search.personal and rows:
        known = search.people
        # Somebody whom another record still counts is not one that the agency forgot to take off.
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
    """Parts of the area for which the agency declared nothing, while it did for others."""
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
