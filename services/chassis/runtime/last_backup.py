"""The last back-up, as the command that made it noted in a file: when, which one, whether it was read again."""

from pathlib import Path

from pydantic import ValidationError

from contracts.backup_note import BackupNote


def last_backup(note: Path | None) -> BackupNote | None:
    """Return the last back-up; None where no file is named, none was noted, or the note cannot be read."""
    try:
        return None if note is None else BackupNote.model_validate_json(note.read_bytes())
    except (OSError, ValidationError):
        return None
