"""Cells at work in a test: filled, kept current, compared with the rows."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from services.chassis.persistence.session import raw
from services.chassis.platform import Platform
from services.reporting.facts import generations
from services.reporting.facts.repository import use_generation
from services.reporting.figures import communes, snapshot
from services.reporting.figures.aggregates import maintenance
from services.reporting.figures.aggregates.answers import try_answer
from services.reporting.figures.aggregates.series import SERIES
from services.reporting.figures.definitions import DEFINITIONS
from services.reporting.figures.evaluate import count_rows
from services.reporting.figures.scope import Result, Scope

CELL_TABLES = ("cell", "repeated", "counted", "part")
_REPEATABLE = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


async def fill(platform: Platform, generation: int = 1) -> None:
    async with platform.uow() as session:
        connection = await raw(session)
        await generations.freeze(connection, generation)
        await use_generation(connection, generation)
        await maintenance.announce(connection)
    async with platform.uow() as session:
        await session.execute(_REPEATABLE)
        connection = await raw(session)
        await use_generation(connection, generation)
        await maintenance.fill(connection)


async def keep(platform: Platform, generation: int = 1, most: int = 1_000) -> int:
    """One step; how many references it took."""
    async with platform.uow() as session:
        await session.execute(_REPEATABLE)
        connection = await raw(session)
        await use_generation(connection, generation)
        return (await maintenance.keep(connection, most)).taken


async def stored(platform: Platform) -> dict[str, list[str]]:
    """What is in the tables of cells. A sum is the same number however many noughts its parts left after the point."""
    found: dict[str, list[str]] = {}
    async with platform.uow() as session:
        for table in CELL_TABLES:
            row = "ROW(t.series, t.block, t.area_set, t.bucket, trim_scale(t.n))" if table == "cell" else "t"
            statement = text(f"SELECT ({row})::text FROM g1.{table} t ORDER BY 1")
            found[table] = list((await session.execute(statement)).scalars())
    return found


async def marked(platform: Platform) -> int:
    async with platform.uow() as session:
        return int((await session.execute(text("SELECT count(*) FROM g1.dirty"))).scalar_one())


@dataclass(frozen=True)
class Both:
    """An answer from cells (None: they passed) and the one from the rows."""

    code: str
    scope: Scope
    cells: Result | None
    rows: Result


async def both(
    platform: Platform, uid: str, by: str | None, first: date, day: date, codes: Any = None
) -> list[Both]:
    """Every figure that counts rows, asked both ways in one state."""
    found = []
    async with snapshot.reading(platform.uow) as (connection, _):
        for code in codes or sorted(DEFINITIONS):
            definition = DEFINITIONS[code]
            scope = Scope(uid, day, None if definition.source == "spell" else first, None, by)
            exact = await count_rows(connection, definition, scope)
            found.append(Both(code, scope, await try_answer(connection, code, scope), exact))
    return found


async def drug_problem_both(platform: Platform, uid: str, by: str | None, day: date) -> tuple[Result, Result]:
    """The figure about communes whose property is made of other figures, from cells where they know and from rows."""

    async def never(*_given: object) -> None:
        return None

    scope = Scope(uid, day, None, None, by)
    async with snapshot.reading(platform.uow) as (connection, _):
        cells = await communes.count_communes(connection, "areas.with_drug_problem", scope)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(communes, "communes_having", never)
            return cells, await communes.count_communes(connection, "areas.with_drug_problem", scope)


def differing(found: list[Both]) -> list[str]:
    """The answers from cells that are not those from the rows, row order included."""
    return [
        f"{it.code} {it.scope}: cells {it.cells}, rows {it.rows}"
        for it in found
        if it.cells is not None and (it.cells.value != it.rows.value or _listed(it.cells) != _listed(it.rows))
    ]


def _listed(result: Result) -> list[tuple[str, Any]] | None:
    return None if result.rows is None else list(result.rows.items())


def passed(found: list[Both]) -> set[str]:
    """Figures that cells keep but did not answer here."""
    return {it.code for it in found if it.cells is None and it.code in SERIES}
