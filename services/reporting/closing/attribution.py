"""Find the causes of revisions: why a cell of a closed period has another value now than when it was closed.

For each person, record or facility the closed state of the tables is compared with the present one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from reference import FIGURES, area_book, version_of
from services.reporting.closing import evidence
from services.reporting.closing.domain import (
    REASONS,
    CellKey,
    CountChange,
    Counted,
    Number,
    changes,
    reason,
)
from services.reporting.closing.evidence import Inquiry, LinkEvent, RecordVersion
from services.reporting.figures import (
    DEFINITIONS,
    TARGETS,
    UNKNOWN,
    Member,
    commune_of,
    region_day,
)
from services.reporting.figures.exact import count_communes, members

_COMMUNE_KINDS = ("status", "place", "case_detected", "class_drug_hot", "class_public_order_risk")
Changed = Sequence[tuple[CellKey, Mapping[str, Any] | None, Mapping[str, Any] | None]]


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of a cell's difference: the figure (a ratio has two), the reason, the count, and the records behind it."""

    figure: str
    reason: str
    count: Number
    versions: tuple[RecordVersion, ...] = ()
    links: tuple[LinkEvent, ...] = ()


async def causes_of(inquiry: Inquiry, changed: Changed, *, other_book: bool) -> dict[CellKey, list[Cause]]:
    """Return, by cell, the causes of its difference; for all but ratios their counts add up to it.

    ``other_book``: the data on areas are not the same as at the closing.
    """
    wanted: dict[tuple[str, str | None], set[str | None]] = defaultdict(set)
    for (code, by, row), _, _ in changed:
        for part in _parts(code):
            wanted[part, by].add(row)
    causes: dict[CellKey, list[Cause]] = {}
    for (code, by), rows in wanted.items():
        causes |= {
            (code, by, row): found for row, found in (await _causes_by_row(inquiry, code, by, rows)).items()
        }
    result = {}
    for key, old, new in changed:
        code, by, row = key
        own = [cause for part in _parts(code) for cause in causes.get((part, by, row), [])]
        # The causes must add up to the difference, so the part that no event explains is listed as well.
        rest = difference(old, new) - sum((cause.count for cause in own), 0)
        if FIGURES[code].kind != "ratio" and rest:
            named = version_of(code, inquiry.frame.last).version != inquiry.frame.definitions[code]
            why = "definition" if named else "hierarchy" if other_book else "unexplained"
            own.append(Cause(code, why, rest))
        result[key] = _together(own)
    return result


def _together(causes: Iterable[Cause]) -> list[Cause]:
    """Join causes with the same figure, reason and sign into one, in the order of `REASONS`."""
    grouped: dict[tuple[str, int, bool], list[Cause]] = defaultdict(list)
    for cause in causes:
        # Apart by sign: three more and three fewer for one reason are news, and as one cause they would read as
        # nothing.
        grouped[cause.figure, REASONS.index(cause.reason), cause.count < 0].append(cause)
    return [
        Cause(
            figure,
            REASONS[at],
            sum((cause.count for cause in same), 0),
            tuple({one.event_id: one for cause in same for one in cause.versions}.values()),
            tuple({one.event_id: one for cause in same for one in cause.links}.values()),
        )
        for (figure, at, _), same in sorted(grouped.items())
    ]


def difference(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Number:
    """Return the new value minus the old one; a cell that is not there counts nothing."""
    return _number(new) - _number(old)


def _number(cell: Mapping[str, Any] | None) -> Number:
    value = None if cell is None else cell["value"]
    return Decimal(value) if isinstance(value, str) else value or 0


def _parts(code: str) -> tuple[str, ...]:
    """Return the codes of the figures that the value is computed from: the figure itself, or the two of a ratio."""
    figure = FIGURES[code]
    if figure.kind != "ratio":
        return (code,)
    return tuple(dict.fromkeys(part for part in (figure.numerator, figure.denominator) if part is not None))


async def _causes_by_row(
    inquiry: Inquiry, code: str, by: str | None, rows: set[str | None]
) -> dict[str | None, list[Cause]]:
    if code in DEFINITIONS:
        return await _by_things(inquiry, code, by, rows)
    if code in TARGETS:
        return await _by_targets(inquiry, code, by, rows)
    return await _by_communes(inquiry, code, by, rows)


async def _by_things(
    inquiry: Inquiry, code: str, by: str | None, rows: set[str | None]
) -> dict[str | None, list[Cause]]:
    """Return the causes, by row, for a figure that counts persons, records or facilities, or adds up amounts."""
    frame, connection, closed = inquiry.frame, inquiry.connection, inquiry.closing.known_at
    await inquiry.views.then()
    then = _counted(await members(connection, code, frame.scope(code, closed, by)), by)
    await inquiry.views.now()
    now = _counted(await members(connection, code, frame.scope(code, inquiry.known_at, by)), by)
    refs = {counted.ref for counted in (*then, *now) if counted.ref is not None}
    # A link can make two persons one although no record changed, so names are compared at both instants.
    names_now = await evidence.names(connection, refs, inquiry.known_at)
    await inquiry.views.then()
    names_then = await evidence.names(connection, refs, closed)
    await inquiry.views.now()
    found = changes(DEFINITIONS[code].count, then, now, names_then, names_now)
    found = {row: listed for row, listed in found.items() if row in rows}
    every = [change for listed in found.values() for change in listed]
    await inquiry.learn(record for change in every for record in (*change.arrived, *change.gone))
    links = await _links(inquiry, every)
    both = {c.record for c in then} & {c.record for c in now}
    causes = {}
    for row, listed in found.items():
        causes[row] = [await _cause(inquiry, code, change, links, both) for change in listed]
    return causes


def _counted(found: Iterable[Member], by: str | None) -> list[Counted]:
    return [
        Counted(
            member.record_id,
            member.person_ref,
            member.who,
            member.facility,
            None if by is None else member.row or UNKNOWN,
            member.amount or 0,
        )
        for member in found
    ]


async def _links(inquiry: Inquiry, every: Iterable[CountChange]) -> dict[UUID, list[LinkEvent]]:
    refs = {ref for change in every for ref in change.refs}
    return await evidence.new_links(
        inquiry.connection,
        refs,
        inquiry.closing.knowledge_boundary,
        inquiry.closing.known_at,
        inquiry.known_at,
    )


async def _cause(
    inquiry: Inquiry,
    code: str,
    change: CountChange,
    links: Mapping[UUID, list[LinkEvent]],
    elsewhere: set[UUID],
) -> Cause:
    records = {*change.arrived, *change.gone}
    outcomes = {record: inquiry.record_outcome(record) for record in records}
    linked = tuple({link.event_id: link for ref in change.refs for link in links.get(ref, [])}.values())
    why = reason(change, outcomes, elsewhere, linked=bool(linked))
    if why in ("link", "unlink"):
        return Cause(code, why, change.delta, inquiry.news(records), linked)
    if why == "related_record":
        beside = await evidence.records_beside(inquiry.connection, records, change.refs)
        await inquiry.learn(beside)
        found = inquiry.news(records | beside)
        if not found and not linked:
            # No record of these references has news: one under another reference of the same human being has.
            joined = await evidence.joined_refs(inquiry.connection, change.refs)
            beside = await evidence.records_beside(inquiry.connection, records, joined)
            await inquiry.learn(beside)
            found = inquiry.news(records | beside)
        if linked and not found:
            # The record itself did not change. Its link did: it belongs to another human being now.
            why = "unlink" if all(link.withdrawn for link in linked) else "link"
        return Cause(code, why, change.delta, found, linked if not found else ())
    return Cause(code, why, change.delta, inquiry.news(records))


async def _by_targets(
    inquiry: Inquiry, code: str, by: str | None, rows: set[str | None]
) -> dict[str | None, list[Cause]]:
    """Return the causes for a target: the assignments for exactly this area that the closing did not know."""
    states: list[Mapping[Any, Number | None]] = []
    for switch, known_at in (
        (inquiry.views.then, inquiry.closing.known_at),
        (inquiry.views.now, inquiry.known_at),
    ):
        await switch()
        result = await inquiry.frame.compute(inquiry.connection, code, known_at, by)
        rows_of: Mapping[Any, Number | None] = {None: result.value} if by is None else result.rows or {}
        states.append(rows_of)
    await inquiry.views.now()
    causes: dict[str | None, list[Cause]] = {}
    for row in rows:
        was, is_ = (state.get(row) or 0 for state in states)
        if was != is_:
            areas = _assigned_to(inquiry, by, row)
            records = await evidence.target_records(inquiry.connection, TARGETS[code], areas)
            await inquiry.learn(records)
            causes[row] = [Cause(code, _gravest(inquiry, records), is_ - was, inquiry.news(records))]
    return causes


def _assigned_to(inquiry: Inquiry, by: str | None, row: str | None) -> list[str]:
    """Return the uid of the row's area as a list, empty where it has none; a region is a district of ``region_day``."""
    if row is None:
        return [inquiry.frame.uid]
    area = area_book().resolve(row, region_day() if by == "region" else inquiry.frame.last)
    return [] if area is None else [area.uid]


async def _by_communes(
    inquiry: Inquiry, code: str, by: str | None, rows: set[str | None]
) -> dict[str | None, list[Cause]]:
    """Return the causes for a figure that counts communes: those that have the property now and had it not, or reverse."""
    connection, frame = inquiry.connection, inquiry.frame
    await inquiry.views.then()
    then = await count_communes(connection, code, frame.scope(code, inquiry.closing.known_at, "commune"))
    await inquiry.views.now()
    now = await count_communes(connection, code, frame.scope(code, inquiry.known_at, "commune"))
    carried: dict[str, list[str]] = defaultdict(list)
    for uid, home in commune_of(frame.last).items():
        # Records keep the commune of their time, so records of communes merged into this one are searched too.
        carried[home].append(uid)
    causes: dict[str | None, list[Cause]] = defaultdict(list)
    land = frame.scope(code, None, by).territory()
    for commune in area_book().communes(frame.uid, frame.last):
        was, is_ = ((state.rows or {}).get(commune.code) or 0 for state in (then, now))
        row = None if by is None else land.row_of.get(commune.uid)
        if was == is_ or row not in rows:
            continue
        if commune.uid not in inquiry.communes:
            inquiry.communes[commune.uid] = await _news_in(inquiry, carried[commune.uid])
        news = inquiry.communes[commune.uid]
        why = _gravest(inquiry, {version.record_id for version in news})
        causes[row].append(Cause(code, why, is_ - was, news))
    return dict(causes)


async def _news_in(inquiry: Inquiry, areas: Sequence[str]) -> tuple[RecordVersion, ...]:
    """Return the versions that the closing did not know, of records that are or were in these communes.

    Where there are none, those of other records that may have ended or moved these: the records of the same timelines.
    """
    records = set()
    for switch in (inquiry.views.then, inquiry.views.now):
        await switch()
        records |= await evidence.records_in(inquiry.connection, areas, _COMMUNE_KINDS)
    await inquiry.learn(records)
    if not inquiry.news(records):
        records |= await evidence.records_beside(inquiry.connection, records, ())
        await inquiry.learn(records)
    return inquiry.news(records)


def _gravest(inquiry: Inquiry, records: Iterable[UUID]) -> str:
    outcomes = {str(inquiry.record_outcome(record)) for record in records} - {"same"}
    return min(outcomes, key=REASONS.index, default="related_record")
