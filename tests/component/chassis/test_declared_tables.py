"""Each table is declared once: what the migrations of a service make is what its code declares."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from services.chassis.persistence import migrations
from services.chassis.platform import Platform
from tests.support.platform import settings_for
from tools.generators.openapi import COMPOSE


@pytest.fixture(params=COMPOSE)
def migrated(
    request: pytest.FixtureRequest, new_database: Callable[[str], str]
) -> Iterator[tuple[sa.Connection, sa.MetaData]]:
    """A database at the service's newest revision, and the tables that the service declares."""
    database_url = new_database(request.param)
    settings = settings_for(database_url, service=request.param)
    app = COMPOSE[request.param](Platform.of(settings))
    migrations.upgrade(settings, app.package)
    engine = sa.create_engine(database_url.replace("postgresql:", "postgresql+psycopg:", 1))
    with engine.connect() as connection:
        yield connection, app.tables
    engine.dispose()


def test_migrations_make_what_the_code_declares(migrated: tuple[sa.Connection, sa.MetaData]) -> None:
    connection, declared = migrated
    assert declared.tables, "nothing is declared"
    assert migrations.differences(connection, declared) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE outbox ALTER COLUMN topic TYPE varchar(20)",
        "ALTER TABLE outbox ALTER COLUMN topic DROP NOT NULL",
        "ALTER TABLE record ADD COLUMN more text",
        "ALTER TABLE position ALTER COLUMN moved_at DROP DEFAULT",
        "ALTER TABLE record DROP CONSTRAINT record_key",
        "DROP INDEX outbox_unsent",
        "CREATE TABLE stray (id int)",
        "DROP TABLE inbox",
    ],
)
def test_a_planted_difference_is_seen(migrated: tuple[sa.Connection, sa.MetaData], change: str) -> None:
    connection, declared = migrated
    connection.execute(sa.text(change))
    assert migrations.differences(connection, declared) != []
