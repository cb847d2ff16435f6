"""The embedded stack: PostgreSQL, a broker, a token issuer and the services, supervised by one process."""

from deploy.embedded.control import OtherProvinceError, StackFailedError, bring_down, ensure_up, wait_running
from deploy.embedded.databases import (
    database_urls,
    end_servers,
    fill_data_dir,
    postgres_program,
    read_secrets,
)
from deploy.embedded.files import write_private, write_readable
from deploy.embedded.issuer import Issuer
from deploy.embedded.layout import Layout
from deploy.embedded.linkage import LinkageSecrets
from deploy.embedded.observing import observe
from deploy.embedded.people import Person, people, person_named
from deploy.embedded.secrets import StackSecrets, digest_key_of_before, fresh_signing_key
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
    "LinkageSecrets",
    "OtherProvinceError",
    "Person",
    "ProcessEntry",
    "Stack",
    "StackFailedError",
    "StackSecrets",
    "bring_down",
    "database_urls",
    "default_data_dir",
    "digest_key_of_before",
    "end_servers",
    "ensure_up",
    "fill_data_dir",
    "fresh_signing_key",
    "observe",
    "people",
    "person_named",
    "postgres_program",
    "read_secrets",
    "read_stack",
    "wait_running",
    "write_private",
    "write_readable",
]
