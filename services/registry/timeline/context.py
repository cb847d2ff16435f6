"""What the entries of a batch report, worked out once per batch from the rows around them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date

from services.chassis.persistence import AsyncSession
from services.registers import Row
from services.registry.timeline import repository
from services.registry.timeline.domain.timeline import EntryKind, Statement, entry_kind
from services.registry.timeline.repository import Number

_Key = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Entries:
    """What entries report, by unit, record_no and first day. Rows that are known already are not in it.

    ``repeated`` has those that stand more than once in the batch: the second meets the first as a stored row,
    which does not tell its unit.
    """

    fresh: Mapping[tuple[str, str, date], EntryKind] = field(default_factory=dict)
    repeated: Mapping[_Key, EntryKind] = field(default_factory=dict)

    def kind(self, row: Row) -> EntryKind:
        """What the entry of the row reports; of a row that is known already, that it was registered."""
        key = (row.text("record_no"), row.date("status_from"))
        return self.fresh.get((row.unit, *key)) or self.repeated.get(key) or "registered"


_NONE = Entries()
_current: ContextVar[Entries | None] = ContextVar("registry_entries", default=None)


def current_entries() -> Entries:
    """The entries of the batch that this task works on."""
    return _current.get() or _NONE


async def prepare(session: AsyncSession, rows: Sequence[Row]) -> None:
    """Find out what each new row of the batch reports, for `current_entries`."""
    batch: dict[Number, dict[date, Statement]] = {}
    seen: Counter[tuple[str, str, date]] = Counter()
    for row in rows:
        if not row.void and row.has("record_no", "status", "status_from"):
            number, statement = (row.unit, row.text("record_no")), _statement(row)
            batch.setdefault(number, {})[statement.status_from] = statement
            seen[*number, statement.status_from] += 1
    known = await repository.known_statements(session, list(batch)) if batch else {}
    _current.set(_entries(batch, known, seen))


def _entries(
    batch: Mapping[Number, Mapping[date, Statement]],
    known: Mapping[Number, Mapping[date, Statement]],
    seen: Mapping[tuple[str, str, date], int],
) -> Entries:
    fresh: dict[tuple[str, str, date], EntryKind] = {}
    repeated: dict[_Key, EntryKind] = {}
    for number, statements in batch.items():
        before = known.get(number, {})
        around = ({**before, **statements}).values()
        for day, statement in statements.items():
            if day not in before:
                kind = fresh[*number, day] = entry_kind(statement, around)
                if seen[*number, day] > 1:
                    repeated[number[1], day] = kind
    return Entries(fresh, repeated)


def _statement(row: Row) -> Statement:
    return Statement(
        status=row.code("status"),
        status_from=row.date("status_from"),
        presence=row.opt_code("presence"),
        removed_on=row.opt_date("removed_on"),
    )
