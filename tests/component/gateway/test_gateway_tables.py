"""Each table is declared once: what the migrations of the gateway make is what its code declares."""

from collections.abc import Callable

import sqlalchemy as sa

from services.chassis.persistence import migrations
from services.gateway.tables import TABLES


def test_migrations_make_what_the_code_declares(migrated_database: Callable[[str], str]) -> None:
    url = migrated_database("gateway").replace("postgresql:", "postgresql+psycopg:", 1)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert migrations.differences(connection, TABLES) == []
    engine.dispose()
