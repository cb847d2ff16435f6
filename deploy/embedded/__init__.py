"""The embedded stack: PostgreSQL, a broker, a token issuer and the services, supervised by one process."""

from deploy.embedded.control import OtherProvinceError, StackFailedError, bring_down, ensure_up, wait_running
from deploy.embedded.files import write_private
from deploy.embedded.issuer import Issuer
from deploy.embedded.layout import Layout
from deploy.embedded.observing import observe
from deploy.embedded.secrets import StackSecrets, fresh_signing_key
from deploy.embedded.state import (
    SERVICES,
    Broker,
    DamagedStateError,
    ProcessEntry,
    Stack,
    default_data_dir,
    read_stack,
)

__all__ = [
    "SERVICES",
    "Broker",
    "DamagedStateError",
    "Issuer",
    "Layout",
    "OtherProvinceError",
    "ProcessEntry",
    "Stack",
    "StackFailedError",
    "StackSecrets",
    "bring_down",
    "default_data_dir",
    "ensure_up",
    "fresh_signing_key",
    "observe",
    "read_stack",
    "wait_running",
    "write_private",
]
