"""Bounds the log files of a running stack: a file that is full becomes number 1 of the older ones, the oldest goes."""

import itertools
import os
import shutil
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_COPY_BYTES = 1 << 20


class LogLimits(BaseSettings):
    """`KHOPSO_LOG_FILE_BYTES`: how large a file may grow; `KHOPSO_LOG_FILES`: how many older ones are kept of each."""

    model_config = SettingsConfigDict(env_prefix="KHOPSO_", extra="ignore", frozen=True)

    log_file_bytes: int = Field(default=20_000_000, ge=1_000)
    log_files: int = Field(default=4, ge=1, le=100)

    def as_environment(self) -> dict[str, str]:
        """Return the variables that make the same limits."""
        return {f"KHOPSO_{name.upper()}": str(value) for name, value in self.model_dump().items()}


def rotate(folder: Path, limits: LogLimits) -> None:
    """Rotate every file that is larger than its limit.

    A process goes on writing to the file that it has open, so its content is copied and the file made empty: it was
    opened for appending, and the next line comes at its new end. No process needs a signal, and none writes to a
    pipe that ends with the supervisor. Lines written between the last read and the truncation (microseconds) are lost.
    """
    for log in folder.glob("*.log"):
        if log.stat().st_size > limits.log_file_bytes:
            _rotate_one(log, limits.log_files)


def _rotate_one(log: Path, kept: int) -> None:
    older = [log.with_name(f"{log.name}.{number}") for number in range(1, kept + 1)]
    for place, target in reversed(list(itertools.pairwise(older))):
        if place.exists():
            place.replace(target)
    with log.open("rb") as source, older[0].open("wb") as copy:
        shutil.copyfileobj(source, copy, _COPY_BYTES)
        os.truncate(log, 0)
