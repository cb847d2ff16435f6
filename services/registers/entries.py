"""Valid rows as they are decided; another spelling of their record's number is no correction."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts.forms import Column
from contracts.substances import substance_of
from reference import fold
from services.registers.decisions import Entry
from services.registers.plan import plan_of
from services.registers.row import Row
from services.registers.secrets import Vault
from services.registers.store import Head, Place


def entry_of(row: Row, vault: Vault) -> Entry:
    """Return a valid row as `decide` sees it."""
    given = row.recorded.at if row.recorded is not None else None
    if row.void:
        # Of a withdrawal only key, unit and record time are read, so that its other cells cannot change anything.
        return Entry(None, {}, vault.digest({}, {}), given, None)
    content = row.content()
    return Entry(row, content, vault.digest(content, row.identity()), given, row.own_day)


def first_spellings(
    entries: Sequence[tuple[Row, Entry]], heads: Mapping[Place, Head], vault: Vault
) -> Iterator[tuple[Row, Entry]]:
    """Yield the rows with the numbers of their records as these were first spelt, by the store or by their batch.

    Example: the record of case ``VA-01`` on heroin stays as it is when the row of case ``va – 01`` on Heroin comes.
    """
    first: dict[Place, Mapping[str, Any]] = {}
    for row, entry in entries:
        head = heads.get(row.place)
        known = first.setdefault(row.place, row.values if head is None else head.state.content)
        if known is not row.values and not row.void and _respelt(row, known):
            entry = entry_of(row, vault)
        yield row, entry


def _respelt(row: Row, known: Mapping[str, Any]) -> bool:
    """Give the row the spellings that are known; return whether any of its own was another one."""
    found = False
    for name in plan_of(row.form).spelt:
        said, before = row.values.get(name), known.get(name)
        if said is None or before is None or said == before:
            continue
        before = tuple(before) if isinstance(said, tuple) else before
        if said != before and _meant(row.form.by_id[name], said) == _meant(row.form.by_id[name], before):
            row.values[name], found = before, True
    return found


def _meant(column: Column, said: str | tuple[str, ...]) -> Any:
    if not column.substance:
        return fold(str(said))
    return substance_of(said) if isinstance(said, str) else [substance_of(word) for word in said]
