"""Words for substances that the list has not: accepted as they are, and told with what may be meant."""

from collections.abc import Iterator, Sequence

from contracts.substances import is_listed_substance, nearest_substances
from services.registers.plan import plan_of
from services.registers.row import CellFault, Row


def unlisted_substances(rows: Sequence[Row]) -> Iterator[CellFault]:
    """Yield a note, at the first of its rows, for each word for a substance that the list has not.

    The column is open: a new substance is recorded before any list has it. Such a word is a row of its own in breakdowns.
    """
    seen: set[str] = set()
    for row in rows:
        for column in plan_of(row.form).substances:
            if not row.has(column):
                continue
            said = row.values[column]
            for word in (said,) if isinstance(said, str) else said:
                if word in seen or is_listed_substance(word):
                    continue
                seen.add(word)
                yield row.fault(column, "substance_unlisted", word=word, near=nearest_substances(word))
