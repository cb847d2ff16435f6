"""Compute rows from versions: the one function through which projections are called."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from contracts.record_time import in_force, settle
from services.reporting.facts.projections.ages import UNKNOWN, Age, age_of
from services.reporting.facts.projections.knowledge import Piece, spread
from services.reporting.facts.projections.model import Known, ProjectedRow, Version
from services.reporting.facts.projections.records import ALONE
from services.reporting.facts.projections.timelines import TIMELINES, Timeline, breakpoints

# Only these forms carry a person's age; of the others, `person` does not exist.
_PERSONAL = frozenset({"registry", "determination", "methadone", "detox", "post_detox", "arrests"})


def project(versions: Iterable[Version]) -> list[Known]:
    """Return all rows of the records whose versions are given.

    A pure function of the set of versions: neither their order nor repetitions matter. For a form with timelines
    every record of each group must be given whole.
    """
    by_record: dict[str, list[Version]] = defaultdict(list)
    for version in versions:
        by_record[version.record_id].append(version)
    rows: list[Known] = []
    groups: dict[str, dict[str, list[Version]]] = defaultdict(dict)
    for record_id, found in by_record.items():
        settled = found if len(found) == 1 else settle(found)
        rows.extend(_alone(record_id, settled))
        # A correction may move a record to another timeline: it belongs to both, at different record times.
        for group in {version.group for version in settled if version.group is not None}:
            groups[group][record_id] = settled
    for group, records in groups.items():
        rows.extend(_timeline(group, records))
    return rows


def _ages(settled: Sequence[Version]) -> list[Age]:
    if settled[0].form not in _PERSONAL:
        return [UNKNOWN] * len(settled)
    return [
        UNKNOWN if version.data is None else age_of(version, settled[:at])
        for at, version in enumerate(settled)
    ]


def _alone(record_id: str, settled: Sequence[Version]) -> list[Known]:
    ages = _ages(settled)
    if len(settled) == 1:
        version = settled[0]
        if version.data is None:
            return []
        pieces: list[Piece] = [
            (start, end, ALONE[version.form](version, ages[0])) for _, start, end in in_force(settled)
        ]
    else:
        age_at = {version.sequence: age for version, age in zip(settled, ages, strict=True)}
        pieces = [
            (start, end, _rows(version, age_at[version.sequence]))
            for version, start, end in in_force(settled)
        ]
    return spread(record_id, pieces)


def _rows(version: Version, age: Age) -> list[ProjectedRow]:
    return [] if version.data is None else ALONE[version.form](version, age)


def _timeline(group: str, records: dict[str, list[Version]]) -> list[Known]:
    timeline = TIMELINES[group.partition(":")[0]]
    known = [piece for settled in records.values() for piece in in_force(settled)]
    ages = {
        (version.record_id, version.sequence): age
        for settled in records.values()
        for version, age in zip(settled, _ages(settled), strict=True)
    }
    if len(known) == 1:
        version, start, end = known[0]
        if version.data is None or version.group != group:
            return []
        return [
            Known(
                timeline.spell(row, ages[row.record_id, row.sequence], since, until),
                row.record_id,
                start,
                end,
            )
            for row, since, until in timeline.ends([version])
        ]
    pieces: dict[str, list[Piece]] = defaultdict(list)
    # Between two of these instants the same versions are in force, so each interval is computed once.
    instants = breakpoints(known)
    for start, end in pairwise(instants):
        for record_id, spell in _stretch(timeline, group, known, start, ages):
            pieces[record_id].append((start, end, [spell]))
    return [row for record_id, found in pieces.items() for row in spread(record_id, found)]


def _stretch(
    timeline: Timeline,
    group: str,
    known: Sequence[tuple[Version, datetime, datetime]],
    at: datetime,
    ages: dict[tuple[str, int], Age],
) -> list[tuple[str, ProjectedRow]]:
    rows = [
        version
        for version, start, end in known
        if start <= at < end and version.data is not None and version.group == group
    ]
    return [
        (row.record_id, timeline.spell(row, ages[row.record_id, row.sequence], since, until))
        for row, since, until in timeline.ends(rows)
    ]
