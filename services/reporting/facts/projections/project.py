"""Compute rows from versions: the one function through which projections are called."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from contracts.record_time import FOREVER, in_force, settle
from services.reporting.facts.projections.ages import UNKNOWN, Age, age_of
from services.reporting.facts.projections.knowledge import Piece, spread
from services.reporting.facts.projections.model import Known, ProjectedRow, Version
from services.reporting.facts.projections.records import ALONE
from services.reporting.facts.projections.timelines import TIMELINES, Stretch, breakpoints

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
        # Most records have one version, which is known from its record time on.
        if len(found) == 1:
            version = found[0]
            since = version.recorded_at
            rows += [Known(row, record_id, since, FOREVER) for row in _rows(version, _age(version, ()))]
            if version.group is not None:
                groups[version.group][record_id] = found
            continue
        settled = settle(found)
        rows.extend(_alone(record_id, settled))
        # A correction may move a record to another timeline: it belongs to both, at different record times.
        for group in {version.group for version in settled if version.group is not None}:
            groups[group][record_id] = settled
    for group, records in groups.items():
        rows.extend(_timeline(group, records))
    return rows


def _age(version: Version, earlier: Sequence[Version]) -> Age:
    known = version.data is not None and version.form in _PERSONAL
    return age_of(version, earlier) if known else UNKNOWN


def _ages(settled: Sequence[Version]) -> list[Age]:
    return [_age(version, settled[:at]) for at, version in enumerate(settled)]


def _alone(record_id: str, settled: Sequence[Version]) -> list[Known]:
    age_at = {version.sequence: age for version, age in zip(settled, _ages(settled), strict=True)}
    pieces: list[Piece] = [
        (start, end, _rows(version, age_at[version.sequence])) for version, start, end in in_force(settled)
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
    made: dict[Stretch, ProjectedRow] = {}
    rows: dict[str, list[Known]] = defaultdict(list)
    # Between two of these instants the same versions are in force, so each interval is computed once.
    for start, end in pairwise(breakpoints(known)):
        in_it = [
            version
            for version, since, until in known
            if since <= start < until and version.data is not None and version.group == group
        ]
        for stretch in timeline.ends(in_it):
            # The same stretch comes back in most of the later intervals of record time.
            spell = made.get(stretch)
            if spell is None:
                version, since, until = stretch
                age = ages[version.record_id, version.sequence]
                spell = made[stretch] = timeline.spell(version, age, since, until)
            _go_on(rows[stretch[0].record_id], Known(spell, stretch[0].record_id, start, end))
    return [row for found in rows.values() for row in found]


def _go_on(rows: list[Known], row: Known) -> None:
    """Add a row to those of a record; where it only goes on, the last one becomes longer. A record has one at a time."""
    if rows and rows[-1].known_to == row.known_from and rows[-1].row == row.row:
        row = rows.pop()._replace(known_to=row.known_to)
    rows.append(row)
