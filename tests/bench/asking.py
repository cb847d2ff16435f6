"""Questions at growing sizes: milliseconds per answer over HTTP, and against the plain query on intervals."""

import time
from datetime import date, timedelta
from statistics import median

import psycopg

from reference import area_book, province
from tests.bench.table import Table
from tests.support.stack.harness import Province
from tests.support.stack.parts import wait_for

_PLAIN = (
    "SELECT area, count(*) FROM spell WHERE kind = 'methadone' AND valid_from <= %s AND valid_to > %s"
    " AND known_to = '9999-12-31+00' GROUP BY area"
)


def fill(connection: psycopg.Connection[tuple[object, ...]], count: int) -> None:
    """So many methadone episodes in the live generation, each of a person of its own."""
    day = date(2023, 1, 1)
    book = area_book()
    top = book.resolve(province().code, day)
    assert top is not None
    communes = [area.uid for area in book.communes(top.uid, day)]
    connection.execute(
        "INSERT INTO spell (record_id, known_from, known_to, kind, code, person_ref, area, unit, sex, valid_from, valid_to)"
        " SELECT gen_random_uuid(), '2020-01-01+00', '9999-12-31+00', 'methadone', '', gen_random_uuid(),"
        " (%s::text[])[1 + n %% %s], 'CS', 'male', date '2019-01-01' + n %% 1800,"
        " date '2019-01-01' + n %% 1800 + 30 + n %% 900 FROM generate_series(1, %s) n",
        (communes, len(communes), count),
    )
    connection.execute("INSERT INTO dirty (ref) SELECT person_ref FROM spell WHERE unit = 'CS'")
    connection.execute("ANALYZE spell")


def settled(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Whether everything is in the cells."""
    return connection.execute("SELECT EXISTS (SELECT FROM dirty)").fetchone() == (False,)


def measure(province: Province, sizes: list[int], table: Table) -> None:
    """Q1 and Q2 at these numbers of intervals."""
    ((live,),) = province.sql("reporting", "SELECT number FROM generation WHERE state = 'live'")
    asked: dict[int, float] = {}
    with psycopg.connect(province.postgres.admin_url("reporting"), autocommit=True) as connection:
        connection.execute(f"SET search_path TO g{int(live)}, public".encode())
        present = 0
        for size in sizes:
            fill(connection, size - present)
            present = size
            wait_for(lambda: settled(connection), 600, "cells worked in")
            asked[size] = _ask(province)
            plain = _query(connection)
            table.add("Q2", f"methadone.active by commune at {size:,} intervals / plain query on them ({plain:.0f} ms)",
                      f"{asked[size] / plain:.2f} ({asked[size]:.0f} ms)", "≤ 1/25 at 5 M (see flat)")  # fmt: skip
        connection.execute("INSERT INTO dirty (ref) SELECT person_ref FROM spell WHERE unit = 'CS'")
        connection.execute("DELETE FROM spell WHERE unit = 'CS'")
        wait_for(lambda: settled(connection), 600, "cells worked in")
    small, large = min(asked), max(asked)
    table.add("Q1", f"as of a day by commune: {large:,} / {small:,} intervals", f"{asked[large] / asked[small]:.1f}",
              "≤ 2 for ×100 (see flat)")  # fmt: skip


def _days() -> list[date]:
    return [date(2023, 1, 15) + timedelta(days=23 * n) for n in range(15)]


def _ask(province: Province) -> float:
    times = []
    for day in _days():
        begun = time.perf_counter()
        province.get("reporting", "/v1/figures/methadone.active", {"as_of": day.isoformat(), "by": "commune"})
        times.append((time.perf_counter() - begun) * 1000)
    return median(times)


def _query(connection: psycopg.Connection[tuple[object, ...]]) -> float:
    times = []
    for day in _days():
        begun = time.perf_counter()
        connection.execute(_PLAIN, (day, day)).fetchall()
        times.append((time.perf_counter() - begun) * 1000)
    return median(times)
