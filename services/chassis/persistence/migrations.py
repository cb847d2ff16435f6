"""Run migrations (Alembic) from code, and compare a database with the tables that the code declares."""

import time
from importlib import import_module
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncEngine

from services.chassis.runtime import StoringSettings

_LOCK = 7_138_000_001  # one migration at a time per database
_ENVIRONMENT = Path(__file__).with_name("alembic")


def upgrade(settings: StoringSettings, package: str, *, revision: str = "head") -> None:
    """Bring the service's database to ``revision``; waits for another migration that runs at the same time.

    ``package`` is the service's package ("services.registry"); its revisions are the files of its ``migrations``
    folder. Blocking: called by the ``migrate`` role and by tests, never inside the event loop.
    """
    engine = sa.create_engine(
        settings.database_url.get_secret_value().replace("postgresql:", "postgresql+psycopg:", 1)
    )
    try:
        with engine.connect() as connection:
            while not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_LOCK))):
                connection.rollback()
                time.sleep(0.2)
            connection.commit()
            config = _config(package)
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK)))
            connection.commit()
    finally:
        engine.dispose()


def head(package: str) -> str | None:
    """Return the newest revision in the service's code."""
    return ScriptDirectory.from_config(_config(package)).get_current_head()


async def at_head(engine: AsyncEngine, package: str) -> bool:
    """Return whether the database has the newest revision of the code."""
    async with engine.connect() as connection:
        if await connection.scalar(sa.text("SELECT to_regclass('alembic_version')")) is None:
            return False
        current = await connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return bool(current == head(package))


def differences(connection: sa.Connection, declared: sa.MetaData) -> list[str]:
    """Return the differences between a database at the newest revision and the tables of the code, one line each.

    Tables, columns with type, default and whether they may be null, keys and indexes are compared as far as Alembic
    can; check constraints, triggers, functions and views are not.
    """
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": True}
    )
    return [str(found) for found in compare_metadata(context, declared)]


async def reachable(engine: AsyncEngine) -> bool:
    """Return whether the database answers; its errors pass through."""
    async with engine.connect() as connection:
        return bool(await connection.scalar(sa.text("SELECT true")))


def _config(package: str) -> Config:
    found = import_module(package).__file__
    if found is None:
        raise ValueError(f"{package} is not a package with files")
    folder = Path(found).parent / "migrations"
    versions = folder / "versions" if (folder / "versions").is_dir() else folder
    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "os")
    return config
