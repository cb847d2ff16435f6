"""Every service signs the heads of its audit by one mechanism: a key of its own, from its settings."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from proof import PublicKey
from proof.audit import head_of, is_signed
from services.chassis.platform import Platform
from services.chassis.runtime.settings import ServiceSettings, SettingsError, load_settings
from services.chassis.service import ServiceApp
from services.incidents.app import compose as incidents
from services.registry.app import compose as registry
from services.reporting.app import compose as reporting
from services.reporting.settings import ReportingSettings
from services.treatment.app import compose as treatment
from tests.support.closings import KEY, private_pem

COMPOSED: dict[str, Callable[[Platform], ServiceApp]] = {
    "registry": registry,
    "treatment": treatment,
    "incidents": incidents,
    "reporting": reporting,
}


def composed(service: str, **given: Any) -> ServiceApp:
    kind = ReportingSettings if service == "reporting" else ServiceSettings
    field_keys = f'{{"k1": "{b64encode(bytes(range(32))).decode()}"}}'
    settings = load_settings(
        kind,
        service=service,
        database_url="postgresql://x:y@127.0.0.1:9/x",
        kafka_bootstrap="127.0.0.1:9",
        jwks_url="http://127.0.0.1:9/jwks",
        token_issuer="tests",
        token_audience="khopso",
        digest_key="0123456789abcdef0123456789abcdef",
        **({} if service == "reporting" else {"hashing_url": "http://127.0.0.1:9", "hashing_key": "k" * 32}),
        field_keys=field_keys,
        field_key_current="k1",
        **given,
    )
    return COMPOSED[service](Platform.of(settings))


@pytest.mark.parametrize("service", list(COMPOSED))
def test_every_service_signs_its_heads_with_its_own_key(service: str) -> None:
    key = composed(service, audit_signing_key=private_pem()).audit_key
    assert key is not None
    head = head_of(service, "2026-01-01", [], *key)
    assert head["key_id"] == f"audit-{service}-1"
    assert is_signed(head, PublicKey((KEY.public_key(),)))


@pytest.mark.parametrize("service", list(COMPOSED))
def test_without_a_key_heads_are_unsigned_whatever_other_keys_there_are(service: str) -> None:
    given = {"signing_key": private_pem()} if service == "reporting" else {}
    assert composed(service, **given).audit_key is None
    assert head_of(service, "2026-01-01", [], None, None)["signature"] is None


def test_a_key_that_is_none_is_refused_at_the_start_and_not_shown() -> None:
    with pytest.raises(SettingsError, match="KHOPSO_AUDIT_SIGNING_KEY") as refused:
        composed("registry", audit_signing_key="no-key-but-secret")
    assert "no-key-but-secret" not in str(refused.value)
