"""A back-up of the four databases and the secrets: files, order, manifest, and the way back."""

from deploy.backup.dumps import ORDER, Contents, dump, is_empty, load
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
from deploy.backup.sealing import OfficeKeyError, open_files, seal_files, thumbprint

__all__ = [
    "CHAIN_FILE",
    "ORDER",
    "SECRETS_FILE",
    "Contents",
    "DamagedBackupError",
    "Evidence",
    "Manifest",
    "OfficeKeyError",
    "ServiceDump",
    "digest",
    "dump",
    "dump_file",
    "is_empty",
    "load",
    "open_files",
    "read_manifest",
    "seal_files",
    "thumbprint",
    "write_manifest",
]
