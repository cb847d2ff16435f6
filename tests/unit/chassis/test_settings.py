"""Settings: all faults at once, no secret shown, no start without them."""

import os
import subprocess
import sys
from typing import Any

import pytest

from services.chassis.runtime.settings import EXIT_BAD_SETTINGS, ServiceSettings, SettingsError, load_settings
from tests.support.platform import settings_for

_SECRET = "tiny-secret-value"


def test_every_fault_is_listed_at_once_and_no_value_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("KHOPSO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KHOPSO_DATABASE_URL", "mysql://u:hunter2@h/db")
    monkeypatch.setenv("KHOPSO_LINKAGE_SECRET", _SECRET)
    monkeypatch.setenv("KHOPSO_HTTP_PORT", "70000")
    monkeypatch.setenv("KHOPSO_FIELD_KEYS", '{"k1": "c2hvcnQ="}')
    with pytest.raises(SettingsError) as caught:
        load_settings(ServiceSettings, service="sample")
    text = str(caught.value)
    for variable in (
        "KHOPSO_DATABASE_URL",
        "KHOPSO_LINKAGE_SECRET",
        "KHOPSO_DIGEST_KEY",
        "KHOPSO_HTTP_PORT",
        "KHOPSO_FIELD_KEYS",
        "KHOPSO_KAFKA_BOOTSTRAP",
        "KHOPSO_JWKS_URL",
        "KHOPSO_TOKEN_ISSUER",
        "KHOPSO_TOKEN_AUDIENCE",
        "KHOPSO_FIELD_KEY_CURRENT",
    ):
        assert variable in text
    for value in ("hunter2", _SECRET, "c2hvcnQ=", "70000"):
        assert value not in text


def test_a_process_with_faulty_settings_ends_with_a_status_and_says_why() -> None:
    code = (
        "from services.chassis.service import main;"
        "from services.chassis.service import ServiceApp;"
        "main('sample', lambda platform: ServiceApp('tests.support.sample'), argv=['api'])"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KHOPSO_")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == EXIT_BAD_SETTINGS
    assert "KHOPSO_DATABASE_URL" in done.stderr
    assert "KHOPSO_JWKS_URL" in done.stderr


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"field_key_current": "other"}, "field_key_current"),
        ({"drain_seconds": 12, "graceful_seconds": 12}, "drain_seconds < graceful_seconds"),
        ({"graceful_seconds": 20, "stop_grace_seconds": 20}, "graceful_seconds < stop_grace_seconds"),
        ({"submission_private_key": "{}"}, "private EC key"),
        ({"hashing_key": None}, "hashing_url and hashing_key belong together"),
        ({"hashing_url": None}, "hashing_url and hashing_key belong together"),
        ({"linkage_secret": "l" * 40}, "hashing process alone"),
        ({"kafka_bootstrap": "no port"}, "pattern"),
        ({"kafka_security_protocol": "SASL_SSL"}, "kafka_username and kafka_password"),
        ({"kafka_security_protocol": "SASL_SSL", "kafka_username": "u"}, "kafka_username and kafka_password"),
        ({"kafka_username": "u", "kafka_password": "p"}, "belong to SASL_PLAINTEXT and SASL_SSL"),
        ({"kafka_security_protocol": "SSL", "kafka_ca_file": __file__}, "CA certificates in PEM"),
        ({"kafka_security_protocol": "SSL", "kafka_ca_file": "/no/such/file"}, "kafka_ca_file"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        settings_for("postgresql://u:p@h/db", **changes)


def test_the_budgets_of_a_shutdown_add_up_by_default() -> None:
    fields = ServiceSettings.model_fields
    drain, graceful, grace = (fields[f"{n}_seconds"].default for n in ("drain", "graceful", "stop_grace"))
    assert drain < graceful < grace


def test_secrets_do_not_appear_when_settings_are_printed() -> None:
    broker = {
        "kafka_security_protocol": "SASL_SSL",
        "kafka_username": "khopso",
        "kafka_password": "hunter3",
    }
    settings = settings_for("postgresql://u:hunter2@h/db", hashing_key="l" * 40, **broker)
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "hunter2" not in shown
        assert "hunter3" not in shown
        assert "l" * 40 not in shown
