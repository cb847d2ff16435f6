"""Rows that a release stored are known when they come again: today's keys make the digests that it made."""

from collections.abc import Callable
from pathlib import Path

import orjson
import psycopg
import pytest

from deploy.embedded.secrets import load_secrets
from deploy.embedded.state import SERVICES
from services.registers.secrets import Vault
from tests.support.platform import platform_for
from tests.upgrade.conftest import RELEASES, Released
from tests.upgrade.databases import restore

_STORED = (
    "SELECT record_id, content::text, identity, digest FROM record"
    " UNION ALL SELECT record_id, content::text, identity, digest FROM record_version"
)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("tag", RELEASES)
def test_stored_rows_have_the_digests_that_todays_keys_make(
    new_database: Callable[[str], str], tmp_path: Path, tag: str, service: str
) -> None:
    # Given the database and the secrets of a release
    release, url = Released(tag), new_database(f"digests_{service}")
    restore(url, release.sql(service))
    release.give_keys(tmp_path)
    own = load_secrets(tmp_path / "secrets.json").services[service]
    # When a service of today starts with them
    platform = platform_for(
        url,
        service=service,
        digest_key=own.digest_key,
        field_keys=orjson.dumps(own.field_keys).decode(),
        field_key_current=own.field_key_current,
    )
    vault = Vault(platform.cipher, platform.digest_key)
    # Then each row that it stored has the digest of the same row handed in again
    with psycopg.connect(url) as connection:
        rows = connection.execute(_STORED).fetchall()
    assert rows
    different = [
        record
        for record, content, sealed, digest in rows
        if vault.digest(orjson.loads(content), vault.unseal(record, sealed) if sealed else {}).joined
        != digest
    ]
    assert different == []
