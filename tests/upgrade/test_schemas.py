"""Frozen revisions make what the releases made, and lead databases of every age to one schema."""

import re
import tomllib
from collections.abc import Callable

import psycopg
import pytest

from deploy.embedded.state import SERVICES
from services.chassis.persistence import migrations
from tests.support.platform import settings_for
from tests.upgrade.conftest import DATA, RELEASES, Released
from tests.upgrade.databases import dumped, restore
from tools.files import ROOT


def schema_of(url: str) -> str:
    """The tables that all generations share, with indexes, constraints, triggers and functions, as SQL."""
    return dumped(url, "--schema-only", "--schema=public").decode()


def revision_of(url: str) -> str:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert found is not None
    return str(found[0])


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("tag", RELEASES)
def test_revisions_make_what_the_release_made(
    tag: str, service: str, new_database: Callable[[str], str]
) -> None:
    old, new = new_database("old"), new_database("new")
    restore(old, Released(tag).sql(service))
    migrations.upgrade(settings_for(new, service=service), f"services.{service}", revision=revision_of(old))
    assert schema_of(new) == schema_of(old)


@pytest.mark.parametrize("service", SERVICES)
def test_databases_of_every_age_end_with_one_schema(service: str, new_database: Callable[[str], str]) -> None:
    urls = [new_database("new")]
    for tag in RELEASES:
        urls.append(new_database("old"))
        restore(urls[-1], Released(tag).sql(service))
    for url in urls:
        migrations.upgrade(settings_for(url, service=service), f"services.{service}")
    first, *others = map(schema_of, urls)
    assert "CREATE TABLE public.outbox" in first
    assert [other == first for other in others] == [True] * len(RELEASES)


def test_every_release_has_left_its_data() -> None:
    """`tests.upgrade.make` makes it once the tag is there, so of the newest release it may still be missing."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = {f"v{number}" for number in re.findall(r"^## (\d+\.\d+\.\d+) \(", changelog, re.MULTILINE)}
    assert released - {f"v{version}"} <= set(RELEASES) <= released
    for tag in RELEASES:
        kept = {path.name for path in (DATA / tag).iterdir()}
        assert {f"{service}.sql.gz" for service in SERVICES} | {"answers.json.gz", "secrets.json"} <= kept
