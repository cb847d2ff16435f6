"""Questions at growing sizes: milliseconds per answer, beside the best plain query on intervals in the same run.

The histories are made in the database: persons with successive statuses who move, treatment and detox episodes with
their entries and exits, register numbers that turn out to be one human being, rows that were corrected later, doses.
"""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import text

from deploy.embedded.postgres import PostgresServer
from reference import area_book, province
from reference.figures import FIGURES, time_kind
from services.chassis.persistence import migrations
from services.chassis.persistence.session import raw
from services.chassis.platform import Platform
from services.reporting.facts.repository import use_generation
from services.reporting.facts.tables import AGGREGATES, MARKS
from services.reporting.figures import snapshot
from services.reporting.figures.aggregates import maintenance
from services.reporting.figures.aggregates.maintainer import fill_cells
from services.reporting.figures.answering import compute
from services.reporting.figures.scope import Scope
from tests.bench.table import Table, percentile
from tests.support.reporting import reporting_settings

NOW = datetime(2024, 11, 20, 2, tzinfo=UTC)
_FOREVER = "timestamptz '9999-12-31+00'"
_BEGIN = date(2015, 1, 1)
_SPAN = 3_500  # days in which something begins
# Ids as the services make them: time-ordered, so that indexes grow at their ends.
_UUID = (
    "(lpad(to_hex(1600000000000 + ({n})::bigint), 12, '0') || '7' || substr(md5(({n})::text), 1, 3) || '8' ||"
    " substr(md5(({n})::text), 4, 15))::uuid"
)
_HASH = "(hashint8({n}) & 2147483647)"


def _uuid(n: str) -> str:
    return _UUID.format(n=n)


def _hash(n: str) -> str:
    return _HASH.format(n=n)


def _start(person: str) -> str:
    return f"(date '{_BEGIN}' + {_hash(person)} %% {_SPAN})"


def history(first: int, last: int) -> list[str]:
    """The statements that add persons ``first`` to ``last`` to the live generation: five spells each, and ten facts."""
    persons = f"generate_series({first}, {last}) p"
    known = f"{_start('p')}::timestamptz + make_interval(days => k * 30 + {_hash('p + k')} %% 60)"
    commune = f"(%(communes)s::text[])[1 + ({_hash('p')} + CASE WHEN k = 2 THEN 1 ELSE 0 END) %% %(count)s]"
    common = "known_from, known_to, kind, code, person_ref, area, facility, unit, sex, age30_on, attrs"
    age = "date '1975-01-01' + (p %% 9000)::int"
    facility = f"'F' || {_hash('p')} %% 20"
    sex = "CASE WHEN p %% 9 = 0 THEN 'female' ELSE 'male' END"

    def spells(kind: str, code: str, ks: int, offset: int, since: str, until: str, place: str) -> str:
        return (
            f"INSERT INTO spell (record_id, {common}, valid_from, valid_to)"
            f" SELECT {_uuid(f'p * 16 + k + {offset}')}, {known}, {_FOREVER}, '{kind}', {code}, {_uuid('p')}, {commune},"
            f" {place}, 'CS', {sex}, {age}, NULL, {since}, {until} FROM {persons}, generate_series(0, {ks - 1}) k"
        )

    def facts(kind: str, code: str, ks: int, offset: int, day: str, place: str, who: str) -> str:
        return (
            f"INSERT INTO fact (record_id, {common}, occurred_on) SELECT {_uuid(f'p * 16 + k + {offset}')}, {known},"
            f" {_FOREVER}, '{kind}', {code}, {who}, {commune}, {place}, 'CS', {sex}, {age}, NULL, {day}"
            f" FROM {persons}, generate_series(0, {ks - 1}) k"
        )

    start = _start("p")
    codes = "(ARRAY['user', 'addict', 'post_detox', 'addict', 'suspected_user'])[1 + (p + k) %% 5]"
    status_until = f"CASE WHEN k = 2 AND p %% 2 = 0 THEN date '9999-12-31' ELSE {start} + (k + 1) * 300 END"
    stay_until = (
        f"CASE WHEN p %% 4 = 0 THEN date '9999-12-31' ELSE {start} + 90 + {_hash('p + 7')} %% 900 END"
    )
    entered = f"{start} + 60 + k * 200"
    nobody = "NULL::uuid"
    return [
        spells("status", codes, 3, 0, f"{start} + k * 300", status_until, "NULL"),
        spells("methadone", "''", 1, 3, f"{start} + 60", stay_until, facility),
        spells("detox", "'compulsory'", 1, 4, f"{start} + 20", f"{start} + 50 + {_hash('p')} %% 300", "NULL"),
        facts("methadone_entered", "''", 2, 5, entered, facility, _uuid("p")),
        facts("methadone_left", "''", 1, 7, f"{start} + 250", facility, _uuid("p")),
        facts("slip", "'addicted'", 1, 8, f"{start} + 10", facility, _uuid("p")),
        facts("detox_admitted", "'compulsory'", 1, 9, f"{start} + 20", "NULL", _uuid("p")),
        facts("case_detected", "'trade'", 1, 10, f"{start} + 5", "NULL", nobody),
        facts("dose", "'observed'", 4, 11, f"{start} + 61 + k", facility, nobody),
        # Every tenth register row said something else before it was corrected.
        f"INSERT INTO spell (record_id, {common}, valid_from, valid_to) SELECT record_id, known_from - interval '1 day',"
        f" known_from, kind, 'user', person_ref, area, facility, unit, sex, age30_on, attrs, valid_from, valid_to"
        f" FROM spell s JOIN (SELECT {_uuid('p * 16')} AS id FROM {persons} WHERE p %% 3 = 0) c ON c.id = s.record_id",
        "INSERT INTO presence (record_id, rank, known_from, known_to, person_ref, presence, from_on, stated_on)"
        f" SELECT {_uuid('p * 16')}, 0, {known}, {_FOREVER}, {_uuid('p')},"
        f" (ARRAY['community', 'detained', 'absent'])[1 + p %% 3], {start}, {start} FROM {persons},"
        " generate_series(0, 0) k",
        # Every twentieth number is found to be the human being of the number before, some months later.
        "INSERT INTO person (ref, person, known_from, known_to)"
        f" SELECT {_uuid('p')}, {_uuid('p - 1')}, {start}::timestamptz + interval '100 days', {_FOREVER} FROM {persons}"
        " WHERE p %% 20 = 0",
    ]


@dataclass
class Times:
    """Milliseconds per question at one size."""

    asked: dict[str, list[float]] = field(default_factory=dict)

    def p50(self, name: str) -> float:
        return median(self.asked[name])

    def p95(self, name: str) -> float:
        return percentile(self.asked[name], 0.95)


Question = tuple[str, str, dict[str, Any]]
_QUESTIONS: dict[str, Question] = {
    "as of, one area": ("registry.addicts_with_file", "stock", {}),
    "as of, by commune": ("methadone.active", "stock", {"by": "commune"}),
    "as of, present, by commune": ("registry.addicts_in_community", "stock", {"by": "commune"}),
    "period (persons), one area": ("methadone.entered", "flow", {}),
    "period (persons), by commune": ("methadone.entered", "flow", {"by": "commune"}),
    "period (records), by commune": ("drug_cases.detected", "flow", {"by": "commune"}),
    "doses by facility's commune": ("methadone.doses", "flow", {"by": "commune"}),
}
_KNOWN: dict[str, Question] = {
    "known_at, one area": ("methadone.active", "stock", {}),
    "known_at, by commune": ("methadone.active", "stock", {"by": "commune"}),
    "known_at, addicts by commune": ("registry.addicts_with_file", "stock", {"by": "commune"}),
    "known_at, period by commune": ("methadone.entered", "flow", {"by": "commune"}),
}
_PLAIN = (
    "SELECT area, count(DISTINCT coalesce(p.person, s.person_ref)) FROM spell s"
    " LEFT JOIN person p ON p.ref = s.person_ref AND p.known_to = '9999-12-31+00'"
    " WHERE s.kind = 'methadone' AND s.code = '' AND s.valid_from <= %s AND s.valid_to > %s"
    " AND s.known_to = '9999-12-31+00' GROUP BY area"
)


def measure(folder: Path, sizes: list[int], table: Table) -> None:
    """Q1, Q2, Q5 and `known_at` at these numbers of spells (five a person); the tables go with the folder."""
    with PostgresServer(folder / "flat") as server:
        settings = reporting_settings(server.ensure_service("reporting", "a-password"))
        migrations.upgrade(settings, "services.reporting")
        found = {}
        present = 0
        for size in sizes:
            with psycopg.connect(server.admin_url("reporting"), autocommit=True) as connection:
                _grow(connection, present // 5 + 1, size // 5)
            present = size
            asyncio.run(_fill(settings, size, table))
            with psycopg.connect(server.admin_url("reporting"), autocommit=True) as connection:
                _settle(connection)
            found[size] = asyncio.run(_at(settings))
            with psycopg.connect(server.admin_url("reporting"), autocommit=True) as connection:
                plain = [_timed_query(connection, day) for day in _days(10)]
            found[size].asked["plain"] = plain
            _tell(found[size], size, table)
        _compare(found, table)


def _grow(connection: psycopg.Connection[tuple[object, ...]], first: int, last: int) -> None:
    day = date(2023, 1, 1)
    book = area_book()
    top = book.resolve(province().code, day)
    assert top is not None
    communes = [area.uid for area in book.communes(top.uid, day)]
    connection.execute("SET search_path TO g1, public")
    connection.execute("SET maintenance_work_mem TO '512MB'")
    for statement in history(first, last):
        connection.execute(statement.encode(), {"communes": communes, "count": len(communes)})
    if first == 1:
        connection.execute(
            "INSERT INTO spell (record_id, known_from, known_to, kind, code, area, facility, unit, valid_from, valid_to)"
            f" SELECT gen_random_uuid(), '2015-01-01+00', {_FOREVER}, 'facility', '', (%s::text[])[1 + n * 11], 'F' || n,"
            " 'CS', '2015-01-01', '9999-12-31' FROM generate_series(0, 18) n",
            [communes],
        )
        connection.execute("INSERT INTO watermark VALUES (true, '2015-01-01+00', '2024-11-01+00', 1, 1)")
    for name in ("spell", "fact", "presence", "person"):
        connection.execute(f"VACUUM ANALYZE {name}".encode())


def _settle(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """What the server does by itself some minutes after a filling: clean up after it and write its pages out."""
    for cells in (*AGGREGATES, *MARKS):
        connection.execute(f"VACUUM ANALYZE g1.{cells.name}".encode())
    connection.execute("CHECKPOINT")


async def _fill(settings: Any, size: int, table: Table) -> None:
    platform = Platform.of(settings)
    try:
        async with platform.uow() as session:
            await session.execute(text("DELETE FROM g1.covered"))
        begun = time.perf_counter()
        await fill_cells(platform, 1, "bench")
        table.add(
            "–",
            f"cells filled from {size:,} spells and {2 * size:,} facts, s",
            f"{time.perf_counter() - begun:.1f}",
        )
        async with platform.uow() as session:
            rows = {
                name: await session.scalar(text(f"SELECT count(*) FROM g1.{name}"))
                for name in ("cell", "repeated", "counted")
            }
        table.add(
            "–", f"rows of cells at {size:,} spells", ", ".join(f"{name} {n:,}" for name, n in rows.items())
        )
    finally:
        await platform.close()


async def _at(settings: Any) -> Times:
    platform, times = Platform.of(settings), Times()
    try:
        for name, question in {**_QUESTIONS, **_KNOWN}.items():
            known = datetime(2022, 12, 20, tzinfo=UTC) if name in _KNOWN else None
            times.asked[name] = [
                await _ask(platform, question, day, known) for day in _days(4 if known else 20)
            ]
        times.asked["report"] = [await _report(platform)]
        await _late(platform, times)
    finally:
        await platform.close()
    return times


def _scope(question: Question, day: date, known: datetime | None) -> Scope:
    _, kind, extra = question
    first = None if kind == "stock" else date(day.year - 1, 12, 15)
    return Scope("30@2008", day, first, known, **extra)


async def _ask(platform: Platform, question: Question, day: date, known: datetime | None) -> float:
    begun = time.perf_counter()
    async with snapshot.reading(platform.uow) as (connection, _):
        await compute(connection, question[0], _scope(question, day, known))
    return (time.perf_counter() - begun) * 1000


async def _report(platform: Platform) -> float:
    """All figures by commune, for one year and its last day, from one state."""
    begun = time.perf_counter()
    async with snapshot.reading(platform.uow) as (connection, _):
        for code, figure in FIGURES.items():
            if figure.kind != "ratio":
                kind = time_kind(figure)
                await compute(
                    connection, code, _scope((code, kind, {"by": "commune"}), date(2023, 12, 14), None)
                )
    return (time.perf_counter() - begun) * 1000


async def _late(platform: Platform, times: Times) -> None:
    """What working in one event costs, one of now and one of a year ago; and per reference in a batch."""
    for name, day, count in (
        ("an event of today", date(2024, 10, 1), 1),
        ("an event of a year ago", date(2023, 10, 1), 1),
        ("of a batch of 5,000", date(2023, 10, 1), 5_000),
    ):
        times.asked[name] = []
        for number in range(12 if count == 1 else 2):
            async with platform.uow() as session:
                await session.execute(
                    text(
                        "INSERT INTO g1.spell (record_id, known_from, known_to, kind, code, person_ref, area, unit,"
                        " valid_from, valid_to) SELECT gen_random_uuid(), now(), '9999-12-31+00', 'methadone', '',"
                        " gen_random_uuid(), '10513@2008', 'LATE', :day, '9999-12-31' FROM generate_series(1, :count)"
                    ),
                    {"day": day + timedelta(days=number), "count": count},
                )
                await session.execute(
                    text(
                        "INSERT INTO g1.dirty (ref) SELECT person_ref FROM g1.spell WHERE unit = 'LATE'"
                        " AND kind = 'methadone' AND known_from = (SELECT max(known_from) FROM g1.spell WHERE unit = 'LATE'"
                        " AND kind = 'methadone')"
                    )
                )
            begun = time.perf_counter()
            async with platform.uow() as session:
                await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
                connection = await raw(session)
                await use_generation(connection, 1)
                worked = await maintenance.keep(connection, 10_000)
            assert worked.taken == count
            times.asked[name].append((time.perf_counter() - begun) * 1000 / count)


def _days(count: int) -> list[date]:
    return [date(2019, 1, 15) + timedelta(days=97 * n) for n in range(count)]


def _timed_query(connection: psycopg.Connection[tuple[object, ...]], day: date) -> float:
    connection.execute("SET search_path TO g1, public")
    begun = time.perf_counter()
    connection.execute(_PLAIN, (day, day)).fetchall()
    return (time.perf_counter() - begun) * 1000


def _tell(times: Times, size: int, table: Table) -> None:
    for name in (*_QUESTIONS, *_KNOWN, "plain"):
        goal = "" if name == "plain" else "p95 ≤ 500" if name in _KNOWN else "p95 < 10"
        shown = "best plain query on intervals (B-tree)" if name == "plain" else name
        table.add(
            "Q",
            f"{shown}, {size:,} spells, ms",
            f"p50 {times.p50(name):.1f}, p95 {times.p95(name):.1f}",
            goal,
        )
    table.add("Q", f"all figures by commune, {size:,} spells, ms", f"{times.p50('report'):.0f}", "< 2000")
    table.add("Q5", f"late / in order, {size:,} spells",
              f"{times.p50('an event of a year ago') / times.p50('an event of today'):.2f}"
              f" ({times.p50('an event of a year ago'):.1f} ms; {times.p50('of a batch of 5,000'):.3f} ms in a batch)",
              "≤ 5")  # fmt: skip


def _compare(found: dict[int, Times], table: Table) -> None:
    small, large = found[min(found)], found[max(found)]
    for name in _QUESTIONS:
        table.add("Q1", f"{name}: {max(found):,} / {min(found):,} spells", f"{large.p50(name) / small.p50(name):.2f}",
                  "≤ 2 for ×100")  # fmt: skip
    ratio = large.p50("as of, by commune") / large.p50("plain")
    table.add(
        "Q2", f"as of by commune / best plain query, {max(found):,} spells", f"1/{1 / ratio:.0f}", "≤ 1/25"
    )
