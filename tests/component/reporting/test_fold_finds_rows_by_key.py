"""A batch finds its rows by key also while the tables have no statistics: PostgreSQL's own plans say so."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import tuple_row
from sqlalchemy import text

from services.chassis.platform import Platform
from tests.support.reporting import Log, fold, person

_GROWING = frozenset(
    {
        "version",
        "version_replaced",
        "spell",
        "fact",
        "presence",
        "target",
        "declaration",
        "link",
        "link_replaced",
        "person",
    }
)
_ROWS = 40_000
_SINCE, _UNTIL = "'2023-01-01Z'::timestamptz", "'9999-12-31Z'::timestamptz"
_FILL = (
    "INSERT INTO g1.version (record_id, sequence, event_id, form, recorded_at, occurred_on, unit, grp, data)"
    f" SELECT gen_random_uuid(), 1, gen_random_uuid(), 'registry', {_SINCE}, '2023-01-01', 'police:288',"
    " 'registry:' || n / 2, NULL FROM generate_series(1, {rows}) n",
    "INSERT INTO g1.spell (record_id, kind, code, known_from, known_to, person_ref, unit, valid_from, valid_to)"
    f" SELECT gen_random_uuid(), 'status', 'user', {_SINCE}, {_UNTIL}, gen_random_uuid(), 'police:288',"
    " '2023-01-01', '9999-12-31' FROM generate_series(1, {rows}) n",
    "INSERT INTO g1.fact (record_id, kind, code, known_from, known_to, occurred_on, unit)"
    f" SELECT gen_random_uuid(), 'fire', '', {_SINCE}, {_UNTIL}, '2023-01-01', 'police:288'"
    " FROM generate_series(1, {rows}) n",
    "INSERT INTO g1.presence (record_id, rank, known_from, known_to, person_ref, presence, from_on, stated_on)"
    f" SELECT gen_random_uuid(), 0, {_SINCE}, {_UNTIL}, gen_random_uuid(), 'community', '2023-01-01',"
    " '2023-01-01' FROM generate_series(1, {rows}) n",
    "INSERT INTO g1.link (record_id, sequence, event_id, ref, token, basis, known_from, known_to, withdrawn)"
    " SELECT gen_random_uuid(), 1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'national_id',"
    f" {_SINCE}, {_UNTIL}, false FROM generate_series(1, {{rows}}) n",
    "INSERT INTO g1.person (ref, known_from, known_to, person)"
    f" SELECT gen_random_uuid(), {_SINCE}, {_UNTIL}, gen_random_uuid() FROM generate_series(1, {{rows}}) n",
)


@pytest.mark.parametrize("size", [1, 400])
async def test_no_statement_of_a_batch_reads_a_whole_table_that_has_no_statistics(
    platform: Platform, size: int
) -> None:
    # Given: tables of many rows that nobody has analysed, and what a first batch has left in them
    await _fill_without_statistics(platform)
    log = Log()
    _register(log, size, date(2023, 1, 1))
    await fold(platform, log.messages)
    # When: a batch moves timelines, replaces versions of the first one, and links
    news = Log()
    _register(news, size, date(2023, 1, 1), "addict")
    _register(news, size, date(2023, 6, 1), "addict")
    for number in range(size):
        news.link(f"p{number}", f"t{number % 7}", known=date(2023, 1, 1))
    with pytest.MonkeyPatch.context() as patch:
        whole = _note_whole_reads(patch)
        await fold(platform, news.messages)
    # Then: each row was reached through a condition on an index
    assert not whole


def _register(log: Log, size: int, since: date, status: str = "user") -> None:
    for number in range(size):
        given: dict[str, Any] = {
            "person": person(f"p{number}"),
            "commune": "10513@2008",
            "presence": "community",
        }
        log.write("registry", f"p{number} {since}", status=status, status_from=since, **given)


async def _fill_without_statistics(platform: Platform) -> None:
    async with platform.uow() as session:
        for table in sorted(_GROWING):
            await session.execute(text(f"ALTER TABLE g1.{table} SET (autovacuum_enabled = off)"))
        for statement in _FILL:
            await session.execute(text(statement.format(rows=_ROWS)))


def _note_whole_reads(patch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Have every statement planned before it runs; what is returned fills with those that read a table as a whole."""
    found: list[tuple[str, str]] = []
    execute = psycopg.AsyncCursor.execute

    async def planned(self: Any, query: Any, params: Any = None, **named: Any) -> Any:
        words = query.as_string(self) if isinstance(query, sql.Composable) else query
        words = words.decode() if isinstance(words, bytes) else words
        if words.startswith(("SELECT", "DELETE", "INSERT", "WITH")):
            cursor = self.connection.cursor(row_factory=tuple_row)
            await execute(cursor, f"EXPLAIN (FORMAT JSON) {words}".encode(), params)
            ((plans,),) = await cursor.fetchall()
            found.extend((words, node["Node Type"]) for node in _nodes(plans[0]["Plan"]) if _is_whole(node))
        return await execute(self, query, params, **named)

    patch.setattr(psycopg.AsyncCursor, "execute", planned)
    return found


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _is_whole(node: dict[str, Any]) -> bool:
    """Whether this part of a plan reads all rows of a table that grows, or of an index on one."""
    if node["Node Type"] == "Bitmap Index Scan":
        return "Index Cond" not in node
    if node.get("Relation Name") not in _GROWING:
        return False
    if node["Node Type"] in ("Index Scan", "Index Only Scan"):
        return "Index Cond" not in node
    return bool(node["Node Type"] == "Seq Scan")
