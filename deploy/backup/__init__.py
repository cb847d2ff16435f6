"""A back-up of the four databases and the secrets: files, order, manifest, the way back, and what came of it."""

from deploy.backup.dumps import KEPT_TABLES, ORDER, Contents, dump, is_empty, load
from deploy.backup.events import LINK_TOPIC, Events, Outbox, folded_in, live_generation, outbox_of
from deploy.backup.manifest import (
    CHAIN_FILE,
    SECRETS_FILE,
    DamagedBackupError,
    Evidence,
    Manifest,
    ServiceDump,
    digest,
    dump_file,
    read_manifest,
    write_manifest,
)
from deploy.backup.restored import Databases, Folded, read_databases
from deploy.backup.sealing import OfficeKeyError, open_files, seal_files, thumbprint
from deploy.backup.signature import (
    SIGNATURE_FILE,
    SignatureError,
    check_signature,
    signing_by,
    write_signed,
)

__all__ = [
    "CHAIN_FILE",
    "KEPT_TABLES",
    "LINK_TOPIC",
    "ORDER",
    "SECRETS_FILE",
    "SIGNATURE_FILE",
    "Contents",
    "DamagedBackupError",
    "Databases",
    "Events",
    "Evidence",
    "Folded",
    "Manifest",
    "OfficeKeyError",
    "Outbox",
    "ServiceDump",
    "SignatureError",
    "check_signature",
    "digest",
    "dump",
    "dump_file",
    "folded_in",
    "is_empty",
    "live_generation",
    "load",
    "open_files",
    "outbox_of",
    "read_databases",
    "read_manifest",
    "seal_files",
    "signing_by",
    "thumbprint",
    "write_manifest",
    "write_signed",
]
