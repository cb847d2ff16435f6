"""Compare a stock on one day as known at an earlier instant with the same stock as known now.

Late hand-ins, corrections, withdrawals and changed links are no entries or exits. They change what is known of the past.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.reporting.facts import Connection
from services.reporting.figures import DEFINITIONS, Member, Scope
from services.reporting.figures.exact import members
from texts import message


@dataclass(frozen=True, slots=True)
class Restated:
    """Steps from the stock as known then to the stock as known now; each with the records behind it.

    ``withdrawn``: rows that no longer count on the day (corrected, voided, ended since). ``late``: rows that count now and
    did not then. ``linked``/``separated``: the same rows, fewer or more human beings.
    """

    then: int
    withdrawn: int
    linked: int
    separated: int
    late: int
    records: dict[str, list[str]]

    @property
    def now(self) -> int:
        """Return the stock as known now."""
        return self.then - self.withdrawn - self.linked + self.separated + self.late

    def document(self, known_at: str, *, names: bool) -> dict[str, Any]:
        """Return the JSON form."""
        steps = {
            "withdrawn": -self.withdrawn,
            "linked": -self.linked,
            "separated": self.separated,
            "late": self.late,
        }
        return {
            "known_at": known_at,
            "then": self.then,
            "steps": [
                {
                    "step": name,
                    "count": count,
                    "vi": text.vi,
                    "en": text.en,
                    "records": self.records[name] if names else None,
                }
                for name, count in steps.items()
                for text in [message(f"check.restated.{name}")]
            ],
            "now": self.now,
        }


async def restated(connection: Connection, figure: str, scope: Scope, known_at: datetime) -> Restated:
    """Return the steps from a stock as known at ``known_at`` to the same stock as known at ``scope.known_at``."""
    plain = replace(scope, by=None, first=None)
    then = await members(connection, figure, replace(plain, known_at=known_at))
    now = await members(connection, figure, plain)
    return compare(_named(figure, then), _named(figure, now))


def _named(figure: str, found: Sequence[Member]) -> dict[str, Hashable]:
    """Return for each record whom or what it counts: a human being, a facility or the record itself."""
    count = DEFINITIONS[figure].count
    return {
        str(row.record_id): row.who
        if count == "person"
        else row.facility
        if count == "facility"
        else row.record_id
        for row in found
    }


def compare(then: dict[str, Hashable], now: dict[str, Hashable]) -> Restated:
    """Return the steps between two states of one stock; ``then`` and ``now`` say for each record whom it counts."""
    both = then.keys() & now.keys()
    withdrawn = len(set(then.values())) - len({then[record] for record in both})
    late = len(set(now.values())) - len({now[record] for record in both})
    linked = separated = 0
    records: dict[str, list[str]] = {
        "withdrawn": sorted(then.keys() - both),
        "linked": [],
        "separated": [],
        "late": sorted(now.keys() - both),
    }
    for part in _together((record, then[record], now[record]) for record in sorted(both)):
        # Counted for each group of connected records: over all of them a link and a separation would cancel out.
        change = len({now[record] for record in part}) - len({then[record] for record in part})
        if change:
            records["linked" if change < 0 else "separated"] += part
        linked += max(-change, 0)
        separated += max(change, 0)
    return Restated(len(set(then.values())), withdrawn, linked, separated, late, records)


def _together(rows: Iterable[tuple[str, Hashable, Hashable]]) -> list[list[str]]:
    """Return groups of connected records: two are connected where they count the same human being then or now."""
    by_name: dict[tuple[str, Hashable], list[str]] = defaultdict(list)
    names: dict[str, tuple[tuple[str, Hashable], tuple[str, Hashable]]] = {}
    for record, before, after in rows:
        names[record] = (("then", before), ("now", after))
        for name in names[record]:
            by_name[name].append(record)
    found: list[list[str]] = []
    seen: set[str] = set()
    for start in names:
        if start in seen:
            continue
        seen.add(start)
        part, waiting = [], [start]
        while waiting:
            record = waiting.pop()
            part.append(record)
            for name in names[record]:
                new = [other for other in by_name[name] if other not in seen]
                seen.update(new)
                waiting += new
        found.append(sorted(part))
    return found
