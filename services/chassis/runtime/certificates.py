"""Until when the certificates of a file are valid: the age of what a service trusts, never what is in it."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from cryptography import x509

from services.chassis.runtime.metrics import Metrics


def certificates_end(path: Path) -> datetime | None:
    """Return when the first of the file's certificates (PEM) ends; None where the file cannot be read as such."""
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        return None
    return min((each.not_valid_after_utc for each in found), default=None)


def watch_certificates(metrics: Metrics, files: Mapping[str, Path]) -> None:
    """Have the metrics say when the certificates of each file end, by the setting that names it.

    The files are read whenever the metrics are, since one may be replaced while the process runs.
    """
    for setting, path in files.items():
        metrics.certificate_ends.labels(setting).set_function(partial(_timestamp, path))


def _timestamp(path: Path) -> float:
    ends = certificates_end(path)
    return 0.0 if ends is None else ends.timestamp()
