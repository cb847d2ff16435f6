"""Steps for what was recorded after the agency's cut-off: rows that differ, one reason after another, then the links."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from services.reporting.facts import Connection
from services.reporting.figures import DEFINITIONS, Definition, Member
from services.reporting.reconciliation import queries
from services.reporting.reconciliation.columns import columns_of
from services.reporting.reconciliation.domain.changes import REASONS, RecordChange, change
from services.reporting.reconciliation.scenarios import Decomposition, Entry, Scenarios, Side

Key = tuple[UUID, str]
_PRESENCE = frozenset({"person", "presence", "presence_from"})
_ENDS = frozenset({"status_to", "removed_on"})


async def learn(
    connection: Connection,
    code: str,
    scenarios: Scenarios,
    found: Decomposition,
    then: Sequence[Member],
    now: Sequence[Member],
    number: Callable[[Iterable[Member]], Fraction],
) -> None:
    """Add to the decomposition what was learnt about the declared dates between the cut-off and the asker's knowledge.

    The differing rows are exchanged in the order recorded late, corrected, voided, with the links between persons as
    they were known at the cut-off; the links are exchanged last. After each exchange the figure is counted again, so
    each reason has a count of its own.
    """
    before, after = {key_of(row): row for row in then}, {key_of(row): row for row in now}
    differing = [
        key
        for key in sorted(before.keys() | after.keys())
        if key not in before or key not in after or _counted(before[key]) != _counted(after[key])
    ]
    causes = await _causes(connection, code, scenarios, [after.get(key) or before[key] for key in differing])
    named = await _named_then(connection, scenarios, then, now, causes)
    rows = dict(before)
    # Links come last. While rows are exchanged, the links stay as they were, so that no effect is measured twice.
    for reason in (*REASONS, "linked_since"):
        for key in differing:
            cause = causes.get(key)
            if (cause.reason if cause else "linked_since") != reason:
                continue
            if key in after:
                rows[key] = _renamed(after[key], named)
            else:
                del rows[key]
            found.entries[reason].append(_entry(before.get(key), after.get(key), cause, scenarios))
        if reason == "linked_since":
            found.entries[reason] += _moved_people(rows.values(), after)
            rows = after
        found.stages.append((reason, number(rows.values())))


def key_of(row: Member) -> Key:
    return row.record_id, row.kind


def _counted(row: Member) -> tuple[Any, ...]:
    return row.person_ref, row.facility, row.amount


def _entry(old: Member | None, new: Member | None, cause: RecordChange | None, scenarios: Scenarios) -> Entry:
    side: Side = "both" if old and new else "declared" if old else "computed"
    member = new or old
    if cause is None:
        return Entry(side, "reconcile_why_linked_presence", member=member)
    own = member is not None and cause.record_id == str(member.record_id)
    rule = f"reconcile_why_{cause.reason}" if own else "reconcile_why_other_record"
    if own and cause.reason == "recorded_late" and cause.fields:
        rule = "reconcile_why_completed_late"
    elif own and cause.reason == "corrected_since" and not cause.fields:
        rule = "reconcile_why_written_again"
    parts = {
        "on": cause.recorded_at,
        "columns": columns_of(cause.form, cause.fields),
        "cut_off": scenarios.cut_off,
    }
    return Entry(side, rule, parts, member, cause=cause)


Changed = Callable[[UUID, queries.History], RecordChange | None]


async def _causes(
    connection: Connection, code: str, scenarios: Scenarios, rows: Sequence[Member]
) -> dict[Key, RecordChange]:
    """Return why each row differs: a change of its own record, else of another record of its timeline, else of evidence.

    Some changes cannot have added or removed the row: of a field that the figure does not read, or of an end after the
    day. Such a change is named as the cause only where nothing else changed.
    """
    own = await queries.histories(connection, {row.record_id for row in rows})
    telling, day = _telling(DEFINITIONS[code]), scenarios.then.day
    found: dict[Key, RecordChange] = {}
    faint: dict[Key, RecordChange] = {}

    def changed(record_id: UUID, history: queries.History) -> RecordChange | None:
        cause = change(history.editions, scenarios.cut_off, scenarios.known_at)
        return cause and replace(cause, record_id=str(record_id), form=history.form)

    for row in rows:
        cause = changed(row.record_id, own[row.record_id])
        if cause is not None:
            (found if _weighs(cause, telling, day) else faint)[key_of(row)] = cause
    left = [row for row in rows if key_of(row) not in found]
    beside = await _changes_beside(
        connection, {row.record_id: own[row.record_id].group for row in left}, changed
    )
    for row in left:
        # Only another record that begins or ends after this row's start, and by the day, can have ended the row.
        _settle(found, row, [cause for cause in beside[row.record_id] if _within(row.since, day, cause)])
    left = [row for row in left if key_of(row) not in found]
    about = await _changes_about(connection, scenarios, left, changed)
    for row in left:
        # Of several statements the latest one up to the day counts.
        latest = max((_latest(cause, day) for cause in about[key_of(row)]), default=date.min)
        _settle(found, row, [cause for cause in about[key_of(row)] if _latest(cause, day) == latest])
        _settle(faint, row, beside[row.record_id])
    # Entries of ``found`` replace those of ``faint``: a weak cause is named only where there is no better one.
    return faint | found


async def _changes_beside(
    connection: Connection, groups: Mapping[UUID, str | None], changed: Changed
) -> dict[UUID, list[RecordChange]]:
    """Return, by record, the changes of the other records of its timeline."""
    named = {group for group in groups.values() if group is not None}
    records = await queries.histories_of_groups(connection, named) if named else {}
    changes: dict[str | None, list[RecordChange]] = defaultdict(list)
    for record, history in records.items():
        cause = changed(record, history)
        if cause is not None:
            changes[history.group].append(cause)
    return {
        own: [cause for cause in changes.get(group, ()) if cause.record_id != str(own)]
        for own, group in groups.items()
    }


async def _changes_about(
    connection: Connection, scenarios: Scenarios, rows: Sequence[Member], changed: Changed
) -> dict[Key, list[RecordChange]]:
    """Return, by row, the changes of statements and conclusions about its person, or of the listings of its facility."""
    day = scenarios.then.day
    evidence = await _evidence(connection, scenarios, rows) if rows else {}
    records = await queries.histories(connection, {one for ids in evidence.values() for one in ids})
    changes = {record: changed(record, history) for record, history in records.items()}
    return {
        key: [
            cause for one in ids if (cause := changes.get(one)) is not None and _weighs(cause, _PRESENCE, day)
        ]
        for key, ids in evidence.items()
    }


def _within(since: date, day: date, cause: RecordChange) -> bool:
    return any(since < on <= day for on in cause.days)


def _latest(cause: RecordChange, day: date) -> date:
    return max((on for on in cause.days if on <= day), default=date.min)


def _weighs(cause: RecordChange, telling: frozenset[str], day: date) -> bool:
    """Return whether a change can have added or removed a row: it is in a field that the figure reads, not a later end."""
    if cause.form != "registry" or not cause.fields:
        return True
    fields = telling.intersection(cause.fields)
    return bool(fields - _ENDS) or (bool(fields) and any(on <= day for on in cause.days))


def _telling(definition: Definition) -> frozenset[str]:
    """Return the fields of a register row that the figure reads; presence is left out, as other statements may overrule it."""
    fields = {"person", "commune", "status", "status_from", "status_to", "removed_on"}
    for word, more in (
        ("decided_on", ("has_decision", "decision_date")),
        ("psychosis_from", ("psychosis", "psychosis_from")),
    ):
        if word in definition.where:
            fields.update(more)
    return frozenset(fields)


def _settle(found: dict[Key, RecordChange], row: Member, causes: Collection[RecordChange]) -> None:
    """Store the first of several changes as the cause: by reason, then record time, then record (a total order)."""
    first = min(
        causes,
        key=lambda cause: (REASONS.index(cause.reason), cause.recorded_at, cause.record_id),
        default=None,
    )
    if first is not None:
        found.setdefault(key_of(row), first)


async def _evidence(
    connection: Connection, scenarios: Scenarios, rows: Sequence[Member]
) -> dict[Key, list[UUID]]:
    people = {row.who for row in rows if row.who is not None}
    about = (
        await queries.evidence_about(connection, people, scenarios.cut_off, scenarios.known_at)
        if people
        else {}
    )
    codes = {row.facility for row in rows if row.facility is not None and row.who is None}
    listed = await queries.listings_of(connection, codes) if codes else {}
    return {
        key_of(row): about.get(row.who, []) if row.who is not None else listed.get(row.facility or "", [])
        for row in rows
    }


async def _named_then(
    connection: Connection,
    scenarios: Scenarios,
    then: Sequence[Member],
    now: Sequence[Member],
    causes: dict[Key, RecordChange],
) -> dict[UUID, UUID]:
    """Return the human being of each reference by the links known at the cut-off.

    A reference that was not known then keeps its human being of now: its late record is one cause, not two.
    """
    name = {row.person_ref: row.who for row in now if row.person_ref is not None and row.who is not None}
    was = {row.person_ref: row.who for row in then if row.person_ref is not None and row.who is not None}
    fresh = [ref for ref in name if ref not in was]
    if not fresh:
        return was
    late = {
        row.person_ref
        for row in now
        if (cause := causes.get(key_of(row))) is not None
        and cause.reason == "recorded_late"
        and not cause.fields
    }
    known = await queries.linked_by(connection, fresh, scenarios.cut_off)
    asked = {*fresh, *name.values()}
    older = await queries.names(connection, asked, scenarios.cut_off)
    for ref in fresh:
        new_here = ref in late and ref not in known
        start = name[ref] if new_here else ref
        was[ref] = older.get(start, start)
    return was


def _renamed(row: Member, named: dict[UUID, UUID]) -> Member:
    if row.who is None or row.person_ref is None:
        return row
    return row._replace(who=named.get(row.person_ref, row.who))


def _moved_people(rows: Iterable[Member], after: dict[Key, Member]) -> list[Entry]:
    """Return the records of persons whose links changed: counted as several human beings then and as one now, or reverse."""
    pairs = [(row, after[key_of(row)]) for row in rows if row.who is not None and key_of(row) in after]
    merged, parted = defaultdict(set), defaultdict(set)
    for old, new in pairs:
        merged[new.who].add(old.who)
        parted[old.who].add(new.who)
    groups: dict[UUID | None, int] = {}
    found = []
    for old, new in sorted(pairs, key=lambda pair: (str(pair[1].who), pair[1].record_id, pair[1].kind)):
        if len(merged[new.who]) > 1 or len(parted[old.who]) > 1:
            rule = "reconcile_why_merged" if len(merged[new.who]) > 1 else "reconcile_why_parted"
            number = groups.setdefault(new.who, len(groups) + 1)
            found.append(Entry("both", rule, {"group": number}, new, number))
    return found
