"""Compare the stored rows with a full recomputation from all versions, and list the records that differ.

The tables are filled batch by batch; they must hold exactly the rows that the whole log gives, no more and no fewer.
"""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from services.reporting.checks import log_statements
from services.reporting.checks.history import projected
from services.reporting.checks.queries import Found, Trace
from services.reporting.facts import (
    Connection,
    DeclarationRow,
    Edge,
    Fact,
    Known,
    ProjectedRow,
    Spell,
    Statement,
    TargetRow,
    fetch,
    histories,
)

_TABLES: dict[type[ProjectedRow], str] = {
    Spell: "spell",
    Fact: "fact",
    Statement: "presence",
    TargetRow: "target",
    DeclarationRow: "declaration",
}
_CHUNK = 20_000
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
Line = tuple[Any, ...]


async def differences(connection: Connection, sample: int | None = None) -> list[Found]:
    """Return records whose stored rows are not those of their versions, by record id; ``sample``: of so many records only.

    Also stored rows of records that the log does not have, and persons that are not those of the links.
    """
    ids = [record for record, _ in await fetch(connection, log_statements.RECORDS)]
    if sample is not None:
        # Every n-th record: spread over all of them, and the same ones at the next run.
        ids = ids[:: max(1, len(ids) // max(1, sample))][:sample]
    found: list[Found] = []
    seen: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        chunk = [record for record in ids[start : start + _CHUNK] if record not in seen]
        # With some records of a timeline missing, its rows would be computed wrongly, so whole timelines are read.
        checked = await _whole_groups(connection, chunk)
        found += [finding for finding in await _compare(connection, checked) if finding.subject not in seen]
        seen |= checked
    # The comparison above goes through records of the log, so it cannot find rows whose record has no version.
    found += await _orphans(connection)
    found += await _persons(connection)
    return sorted(found, key=lambda finding: finding.subject)


async def _whole_groups(connection: Connection, ids: Sequence[str]) -> set[str]:
    found = set(ids)
    new = found
    while new:
        beside = await fetch(connection, log_statements.records_beside(new))
        new = {record for (record,) in beside} - found
        found |= new
    return found


async def _compare(connection: Connection, ids: Collection[str]) -> list[Found]:
    stored: dict[str, set[Line]] = defaultdict(set)
    versions = await fetch(connection, log_statements.versions_of_records(ids))
    for kind, table in _TABLES.items():
        for record, since, until, *cells in await fetch(
            connection, log_statements.stored_rows(table, kind._fields, ids)
        ):
            stored[record].add(_line(table, since, until, cells))
    made = await asyncio.to_thread(_made, versions)
    return [
        _finding(record, stored[record], made[record])
        for record in sorted(stored.keys() | made.keys())
        if stored[record] != made[record]
    ]


def _made(versions: Sequence[tuple[Any, ...]]) -> dict[str, set[Line]]:
    found: dict[str, set[Line]] = defaultdict(set)
    for known in projected(versions):
        found[known.record_id].add(_of(known))
    return found


def _of(known: Known) -> Line:
    return _line(_TABLES[type(known.row)], known.known_from, known.known_to, known.row)


def _line(table: str, since: datetime, until: datetime, cells: Iterable[Any]) -> Line:
    """Return a row in a form in which a computed row and a stored row can be compared."""
    amounts = table in ("target", "declaration")
    return (table, since.timestamp(), until.timestamp(), *(_plain(cell, amounts=amounts) for cell in cells))


def _plain(cell: Any, *, amounts: bool) -> Any:
    if isinstance(cell, UUID):
        return str(cell)
    if isinstance(cell, dict):
        return orjson.dumps(cell, option=orjson.OPT_SORT_KEYS).decode()
    if isinstance(cell, Decimal):
        # "1.0" and "1" are the same amount written in two ways, which is no difference.
        return f"{cell.normalize():f}"
    if amounts and isinstance(cell, str) and _NUMBER.fullmatch(cell):
        return f"{Decimal(cell).normalize():f}"
    return cell


def by_table(found: Iterable[Found]) -> dict[str, int]:
    """Return how many of the findings are in each table: what somebody who may see no record needs to know of them."""
    tables = ({row["table"] for rows in (finding.about or {}).values() for row in rows} for finding in found)
    return dict(sorted(Counter(table for named in tables for table in named).items()))


def _finding(record: str, stored: set[Line], made: set[Line]) -> Found:
    about = {
        "stored_only": [_shown(line) for line in sorted(stored - made, key=repr)],
        "log_only": [_shown(line) for line in sorted(made - stored, key=repr)],
    }
    return Found(record, [Trace(UUID(record), None, None, None, None)], about)


def _shown(line: Line) -> dict[str, Any]:
    """Return the table, the kind and the days of a row for the list of differences, without its other values."""
    days = [str(cell) for cell in line[3:] if hasattr(cell, "isoformat")]
    return {"table": line[0], "kind": str(line[3]), "days": days}


async def _orphans(connection: Connection) -> list[Found]:
    found = []
    for table in _TABLES.values():
        for (record,) in await fetch(connection, log_statements.orphans(table)):
            trace = Trace(UUID(record), None, None, None, None)
            found.append(Found(record, [trace], {"stored_only": [{"table": table}], "log_only": []}))
    return found


async def _persons(connection: Connection) -> list[Found]:
    """Compare the table of persons with the names that follow from the links; return the references that differ."""
    edges = [Edge(*row) for row in await fetch(connection, log_statements.LINKS)]
    stored: set[Line] = set(await fetch(connection, log_statements.PERSONS))
    made: set[Line] = {tuple(row) for row in await asyncio.to_thread(histories, edges)}
    found = []
    for ref in sorted({str(row[0]) for row in stored ^ made}):
        about = {
            "stored_only": [{"table": "person"} for row in stored - made if row[0] == ref],
            "log_only": [{"table": "person"} for row in made - stored if row[0] == ref],
        }
        found.append(Found(ref, [], about))
    return found
