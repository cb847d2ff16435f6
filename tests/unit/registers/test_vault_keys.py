"""Digests have a key of their own, and who has no persons asks for no hashes."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import replace

import orjson
import pytest

from deploy.embedded import digest_key_of_before
from services.chassis.platform import Platform
from services.chassis.runtime.settings import SettingsError, load_settings
from services.chassis.security.crypto import FieldCipher
from services.registers import Intake, collect
from services.registers.hashing import hash_persons
from services.registers.secrets import Vault
from services.reporting import declarations
from services.reporting.settings import ReportingSettings
from services.treatment.registers import REGISTERS
from tests.support.platform import platform_for, settings_for
from tests.support.register_rows import FULL
from tests.support.reporting import reporting_settings
from tests.unit.registers.building import good

CIPHER = FieldCipher({"k": bytes(range(32))}, "k")
ROW = {"b": "2", "a": "1"}


def test_rows_of_before_have_the_digests_that_they_had() -> None:
    # Given the digests of 0.2.0: HMAC-SHA-256 under a key that was itself hashed under the linkage secret
    secret = "l" * 48
    key = urlsafe_b64encode(hmac.digest(secret.encode(), b"intake.digest", "sha256")).rstrip(b"=")
    then = hmac.digest(key, orjson.dumps({"a": "1", "b": "2"}), "sha256")[:16]
    # When the same row comes to a service with the digest key that the upgrade has made
    now = Vault(CIPHER, digest_key_of_before(secret).encode()).digest(ROW, {})
    # Then it is known
    assert now.content == then


def test_another_digest_key_gives_another_digest() -> None:
    one, other = (Vault(CIPHER, key).digest(ROW, ROW) for key in (b"a" * 40, b"b" * 40))
    assert one.content != other.content
    assert one.identity != other.identity


async def test_a_service_without_persons_works_without_the_hashing_process() -> None:
    platform = Platform.of(settings_for("postgresql://u:p@h/db", hashing_url=None, hashing_key=None))
    assert platform.hashing is None
    intake = Intake.of(platform, collect(declarations.REGISTER))
    assert intake.vault.digest(ROW, {}) == Vault(CIPHER, platform.digest_key).digest(ROW, {})
    with pytest.raises(RuntimeError, match="no hashing process"):
        await hash_persons([good("arrests", FULL["arrests"])], None)


def test_a_service_with_persons_does_not_start_without_it() -> None:
    platform = replace(platform_for("postgresql://u:p@h/db"), hashing=None)
    with pytest.raises(ValueError, match="hashing_url"):
        Intake.of(platform, REGISTERS)


def test_reporting_refuses_the_secret_and_the_key_by_which_others_ask_for_hashes() -> None:
    settings = reporting_settings("postgresql://u:p@h/db")
    good = {name: value for name, value in settings if value is not None}
    assert load_settings(ReportingSettings, **good).hashing_key is None
    for refused, text in (
        ({"hashing_key": "z" * 40, "hashing_url": "http://h"}, "links nobody"),
        ({"linkage_secret": "z" * 40}, "hashing process alone"),
    ):
        with pytest.raises(SettingsError, match=text) as said:
            load_settings(ReportingSettings, **good, **refused)
        assert "zzz" not in str(said.value)
