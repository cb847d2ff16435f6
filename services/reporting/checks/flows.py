"""Compare the flow figures of a stock (entered, left) with the change of the stock, and explain the difference.

The flows count persons once in a period; entered − left is therefore often not closing − opening.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.reporting.checks.queries import Found, Trace
from services.reporting.facts import Connection
from services.reporting.figures import DEFINITIONS, Definition, Member, Scope
from services.reporting.figures.exact import rows_of
from texts import message

_IN_FACILITY = "s.code IN ('compulsory', 'voluntary_facility')"
FLOWS: Mapping[str, tuple[Definition, Definition]] = {
    "methadone.active": (DEFINITIONS["methadone.entered"], DEFINITIONS["methadone.left"]),
    "detox.in_facility": (
        Definition("fact", ("detox_admitted",), "person", "residence", _IN_FACILITY),
        Definition("fact", ("detox_ended",), "person", "residence", _IN_FACILITY),
    ),
}
"""Stock → definitions of the facts that say who entered it and who left it."""


@dataclass(frozen=True, slots=True)
class Flows:
    """The change of a stock, the numbers of persons who entered and left, and the steps between.

    ``repeated_in``/``repeated_out``: entries and exits beyond each person's first (re-entry, transfer between sites).
    ``second``: change in the number of records beyond each person's first among the active (two sites at once).
    """

    change: int
    entered: int
    left: int
    repeated_in: int
    repeated_out: int
    second: int
    strays: tuple[Found, ...]

    @property
    def unexplained(self) -> int:
        """Return the part of the change that no step explains; 0 where facts and stays agree."""
        return self.change - (self.entered - self.left + self.repeated_in - self.repeated_out - self.second)

    def document(self) -> dict[str, Any]:
        """Return the JSON form."""
        steps = {
            "entered": self.entered,
            "left": -self.left,
            "repeated_in": self.repeated_in,
            "repeated_out": -self.repeated_out,
            "second": -self.second,
            "unexplained": self.unexplained,
        }
        return {
            "change": self.change,
            "steps": [
                {"step": name, "count": count, "vi": text.vi, "en": text.en}
                for name, count in steps.items()
                for text in [message(f"check.flow.{name}")]
            ],
        }


async def flows(
    connection: Connection,
    figure: str,
    scope: Scope,
    opening: Mapping[str, Collection[Trace]],
    closing: Mapping[str, Collection[Trace]],
) -> Flows:
    """Compare a stock's members at both ends (person → records) with the entries and exits recorded in between."""
    into, out = FLOWS[figure]
    plain = replace(scope, by=None)
    entered, left = await rows_of(connection, into, plain), await rows_of(connection, out, plain)
    before = {trace.record_id for traces in opening.values() for trace in traces if trace.record_id}
    after = {trace.record_id for traces in closing.values() for trace in traces if trace.record_id}
    came, went = {row.record_id: row for row in entered}, {row.record_id: row for row in left}
    expected = (before | came.keys()) - went.keys()
    # Exits of records that were not in the stock, and entries of records that were in it: they fit no stay.
    impossible = (went.keys() - before - came.keys()) | (came.keys() & before)
    known: dict[UUID, Trace] = {row.record_id: _trace(row) for row in (*entered, *left)}
    known |= {
        trace.record_id: trace
        for side in (opening, closing)
        for traces in side.values()
        for trace in traces
        if trace.record_id
    }
    people_in, people_out = {row.who for row in entered}, {row.who for row in left}
    return Flows(
        len(closing) - len(opening),
        len(people_in),
        len(people_out),
        len(came) - len(people_in),
        len(went) - len(people_out),
        (len(after) - len(closing)) - (len(before) - len(opening)),
        tuple(
            Found(str(record), [known[record]], {"stock": record in after, "flows": record in expected})
            for record in sorted((expected ^ after) | impossible)
        ),
    )


def _trace(row: Member) -> Trace:
    return Trace(row.record_id, row.area, row.unit, row.facility, row.since)
