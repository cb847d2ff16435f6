"""Until when the certificates of a file are valid: the first that ends counts, and a file may be replaced meanwhile."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.chassis.runtime import Metrics, certificates_end, watch_certificates

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def pem(days: Sequence[int]) -> bytes:
    """Certificates that end so many days from now, one after the other."""
    name, key = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "throw-away authority")]),
        ec.generate_private_key(ec.SECP256R1()),
    )
    return b"".join(
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=number))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        for number in days
    )


@pytest.mark.parametrize("days", [[40], [40, 20], [20, 40, 400]])
def test_the_first_certificate_that_ends_counts(tmp_path: Path, days: list[int]) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(pem(days))
    assert certificates_end(file) == NOW + timedelta(days=min(days))


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAA"])
def test_of_a_file_that_is_none_nothing_is_said(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    assert certificates_end(file) is None


def test_the_metric_is_read_anew_from_the_file(tmp_path: Path) -> None:
    file, metrics = tmp_path / "ca.pem", Metrics("registry")
    watch_certificates(metrics, {"kafka_ca_file": file})

    def told() -> float | None:
        return metrics.registry.get_sample_value(
            "khopso_certificate_ends_timestamp_seconds", {"setting": "kafka_ca_file"}
        )

    file.write_bytes(pem([20]))
    assert told() == (NOW + timedelta(days=20)).timestamp()
    file.write_bytes(pem([400]))
    assert told() == (NOW + timedelta(days=400)).timestamp()
    file.unlink()
    assert told() == 0
