"""PostgreSQL itself accepts every statement that reporting can build, and the routes that show them show these."""

import re

import psycopg
import pytest

from services.chassis.persistence import raw
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.reporting.app import compose
from services.reporting.facts import Connection, use_generation
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import NOW
from tests.support.statements import every_statement

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def _numbered(text: str) -> str:
    """The text with the placeholders of PREPARE, which plans without values and runs nothing."""
    numbers: dict[str, int] = {}
    return _PLACEHOLDER.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", text).replace(
        "%%", "%"
    )


async def test_postgresql_accepts_every_statement(empty: Platform) -> None:
    texts = {statement.text: about for about, statement in every_statement()}
    async with empty.uow() as session:
        connection = await raw(session)
        await use_generation(connection, 1)
        await _make_tables_of_a_closing(connection)
        for text, about in texts.items():
            try:
                await connection.execute(f"PREPARE one AS {_numbered(text)}".encode())
            except psycopg.Error as error:
                pytest.fail(f"{about}: {error}\n{text}")
            await connection.execute("DEALLOCATE one")
        await session.rollback()
    assert len(texts) > 700


async def _make_tables_of_a_closing(connection: Connection) -> None:
    await connection.execute("CREATE TEMP VIEW every_version AS SELECT * FROM version")
    await connection.execute("CREATE TEMP TABLE late_record (record_id uuid PRIMARY KEY)")


CALLERS = {
    role: Principal("police:288", "288", role, role) for role in ("admin", "official", "analyst", "clerk")
}


async def test_the_statements_of_a_figure_are_shown_with_every_set_and_value(empty: Platform) -> None:
    async with client_of(known_to(empty, CALLERS, NOW), compose) as client:
        asked = {"as_of": "2023-12-14", "by": "commune"}
        path = "/v1/figures/registry.addicts_in_community/sql"
        answer = (await client.get(path, params=asked, headers=bearer("analyst"))).json()
        assert answer["figure"] == "registry.addicts_in_community"
        assert {one["reads"] for one in answer["statements"]} == {"cells", "rows"}
        (rows,) = [one for one in answer["statements"] if one["reads"] == "rows"]
        assert "presence_on_day AS (" in rows["sql"]
        assert "-- The presence of each human being on the day" in rows["sql"]
        assert rows["parameters"]["day"] == "2023-12-14"
        assert rows["parameters"]["presence"] == "community"
        ratio = "/v1/figures/registry.addicts_with_slip_pct/sql"
        both = (await client.get(ratio, params=asked, headers=bearer("official"))).json()["statements"]
        assert {one["figure"] for one in both} == {"registry.addicts_with_slip", "registry.addicts_with_file"}


@pytest.mark.parametrize(
    "code",
    [
        "methadone.not_listed",
        "recompute",
        "declared.contradiction",
        "balance.registry.users",
        "overlap.fires.cases",
    ],
)
async def test_the_statements_of_every_kind_of_check_are_shown(empty: Platform, code: str) -> None:
    async with client_of(known_to(empty, CALLERS, NOW), compose) as client:
        answer = await client.get(f"/v1/checks/{code}/sql", headers=bearer("admin"))
        assert answer.status_code == 200, answer.text
        assert all(one["sql"].startswith("-- ") for one in answer.json()["statements"])
        assert answer.json()["statements"]


async def test_clerks_bad_questions_and_unknown_codes_are_refused(empty: Platform) -> None:
    async with client_of(known_to(empty, CALLERS, NOW), compose) as client:
        for path in ("/v1/figures/registry.users/sql", "/v1/checks/methadone.not_listed/sql"):
            assert (await client.get(path, headers=bearer("clerk"))).status_code == 403
            wrong = await client.get(path, params={"as_of": "14-12-2023"}, headers=bearer("admin"))
            assert wrong.status_code == 422
        for path in ("/v1/figures/registry.nobody/sql", "/v1/checks/nothing/sql"):
            assert (await client.get(path, headers=bearer("admin"))).status_code == 404
