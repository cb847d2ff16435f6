"""Persons of a release are linked to those of today: the hashing process makes the keys that are on the log already."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest

from contracts.forms import FORMS
from deploy.embedded.secrets import load_secrets
from deploy.embedded.state import PERSON_SERVICES
from services.linkage import LinkageSecret, normalise_name
from services.registers.hashing import hash_persons
from services.registers.record_keys import key_of, renew
from services.registers.row import Row
from services.registers.secrets import Vault
from tests.support.hashing import hashing_client, hashing_settings
from tests.support.platform import platform_for
from tests.upgrade.conftest import RELEASES, Released
from tests.upgrade.databases import restore

_STORED = (
    "SELECT form, record_id, sequence, content::text, identity FROM record WHERE identity IS NOT NULL"
    " UNION ALL SELECT record.form, old.record_id, old.sequence, old.content::text, old.identity"
    " FROM record_version AS old JOIN record USING (record_id) WHERE old.identity IS NOT NULL"
)
_ONE_SECRET = ("v0.1.0", "v0.2.0")
"""Releases that hashed parts of record keys under the linkage secret; later ones have a key of its own for them."""
_TOLD = "SELECT subject, sequence, payload FROM outbox WHERE convert_from(payload, 'UTF8')::jsonb #> '{data,person,keys}' IS NOT NULL"


@pytest.mark.parametrize("service", PERSON_SERVICES)
@pytest.mark.parametrize("tag", RELEASES)
async def test_persons_on_the_log_have_the_keys_that_the_hashing_process_makes(
    new_database: Callable[[str], str], tmp_path: Path, tag: str, service: str
) -> None:
    # Given the database of a release, its secrets, and a hashing process that got its linkage secret
    release, url = Released(tag), new_database(f"keys_{service}")
    restore(url, release.sql(service))
    release.give_keys(tmp_path)
    secrets = load_secrets(tmp_path / "secrets.json")
    client = hashing_client(hashing_settings(linkage_secret=secrets.linkage_secret))
    own = secrets.services[service]
    platform = platform_for(
        url,
        service=service,
        field_keys=orjson.dumps(own.field_keys).decode(),
        field_key_current=own.field_key_current,
    )
    vault = Vault(platform.cipher, platform.digest_key)
    with psycopg.connect(url) as connection:
        stored = connection.execute(_STORED).fetchall()
        told = {(UUID(str(subject)), sequence): keys_of(payload)
                for subject, sequence, payload in connection.execute(_TOLD).fetchall()}  # fmt: skip
    # When every person that it stored is hashed today
    rows = {
        (record, sequence): row_of(form, orjson.loads(content), vault.unseal(record, sealed))
        for form, record, sequence, content, sealed in stored
    }
    await hash_persons(list(rows.values()), client.hash)
    # Then each event has the linkage keys that it had
    known = rows.keys() & told.keys()
    assert known
    # (events of today have more: what is compared beside a number, names without signs).
    assert [place for place in known if not told[place].items() <= rows[place].linkage.items()] == []


def keys_of(payload: bytes) -> dict[str, str]:
    """The linkage keys of an event, by kind."""
    found: dict[str, str | None] = orjson.loads(bytes(payload))["data"]["person"]["keys"]
    return {kind: value for kind, value in found.items() if value is not None}


def row_of(form: str, content: dict[str, Any], identity: dict[str, Any]) -> Row:
    """The row that was stored."""
    row = Row.stored(FORMS[form], content)
    row.values |= identity
    born = identity.get("birth_date")
    if isinstance(born, str):
        row.values["birth_date"] = date.fromisoformat(born)
    return row


@pytest.mark.parametrize("tag", _ONE_SECRET)
async def test_the_hashed_parts_of_stored_keys_leave_the_linkage_secret_once(
    new_database: Callable[[str], str], tmp_path: Path, tag: str
) -> None:
    # Given the arrests of a release, whose keys have a part that is hashed under its linkage secret
    release, url = Released(tag), new_database("record_keys")
    restore(url, release.sql("incidents"))
    release.give_keys(tmp_path)
    secrets = load_secrets(tmp_path / "secrets.json")
    secret, own = LinkageSecret(secrets.linkage_secret.encode()), secrets.services["incidents"]
    platform = platform_for(
        url,
        service="incidents",
        digest_key=own.digest_key,
        field_keys=orjson.dumps(own.field_keys).decode(),
        field_key_current=own.field_key_current,
    )
    vault = Vault(platform.cipher, platform.digest_key)

    def stored() -> list[tuple[str, Row]]:
        with psycopg.connect(url) as connection:
            found = connection.execute(
                "SELECT key, record_id, content::text, identity FROM record WHERE form = 'arrests'"
            ).fetchall()
        return [
            (key, row_of("arrests", orjson.loads(content), vault.unseal(record, sealed)))
            for key, record, content, sealed in found
        ]

    before = stored()
    assert before
    assert {key for key, _ in before} == {key_of_before(row, secret) for _, row in before}
    # When they are renewed, twice
    async with platform.uow() as session:
        first = await renew(session, FORMS["arrests"], vault)
    async with platform.uow() as session:
        second = await renew(session, FORMS["arrests"], vault)
    # Then each has the key under which the same row is looked for today, and nothing was left the second time
    after = stored()
    assert (first, second) == (len(before), 0)
    assert [key for key, row in after if key != key_of(row, vault)] == []
    assert len({key for key, _ in after}) == len({key for key, _ in before})
    await platform.close()


def key_of_before(row: Row, secret: LinkageSecret) -> str:
    """The key of an arrest as 0.1.0 and 0.2.0 made it."""
    born = row.birth()
    day = str(born) if isinstance(born, int) else born.isoformat()
    name = ("full_name", "birth_date", normalise_name(row.text("full_name")), day)
    who = ("national_id", row.text("national_id")) if row.has("national_id") else name
    return f"{row.values['case_no']}\x1f{secret.hash('key', 'arrests', *who)}"
