"""Digests have a key of their own, and who has no persons has no linkage secret."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import replace

import orjson
import pytest

from deploy.embedded import digest_key_of_before
from services.chassis.runtime.settings import SettingsError, load_settings
from services.chassis.security.crypto import FieldCipher
from services.registers import Intake, collect
from services.registers.secrets import Vault
from services.reporting import declarations
from services.reporting.settings import ReportingSettings
from services.treatment.registers import REGISTERS
from tests.support.platform import platform_for
from tests.support.reporting import reporting_settings

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


def test_a_service_without_persons_works_without_the_linkage_secret() -> None:
    platform = platform_for("postgresql://u:p@h/db", linkage_secret=None)
    assert platform.linkage is None
    vault = Intake.of(platform, collect(declarations.REGISTER)).vault
    assert vault.digest(ROW, {}) == Vault(CIPHER, platform.digest_key).digest(ROW, {})
    with pytest.raises(RuntimeError, match="no linkage secret"):
        _ = vault.linkage


def test_a_service_with_persons_does_not_start_without_it() -> None:
    platform = replace(platform_for("postgresql://u:p@h/db"), linkage=None)
    with pytest.raises(ValueError, match="linkage_secret"):
        Intake.of(platform, REGISTERS)


def test_reporting_refuses_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    good = {name: value for name, value in reporting_settings("postgresql://u:p@h/db") if value is not None}
    assert load_settings(ReportingSettings, **good).linkage_secret is None
    with pytest.raises(SettingsError, match="links nobody") as refused:
        load_settings(ReportingSettings, **good, linkage_secret="z" * 40)
    assert "zzz" not in str(refused.value)
