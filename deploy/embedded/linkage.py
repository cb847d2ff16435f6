"""The linkage secret of an embedded stack during a rotation: made here, given to the hashing process, never shown."""

import time
from collections.abc import Callable
from pathlib import Path

from deploy.embedded import secrets
from deploy.embedded.children import end_processes
from deploy.embedded.layout import STOP_SECONDS, Layout
from deploy.embedded.state import read_stack

_RESTART_SECONDS = 120.0


class LinkageSecrets:
    """Changes the secrets of a running stack; each change starts its hashing process anew, and is made once however
    often it is asked for."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._path = Layout(data_dir).secrets

    @property
    def epoch(self) -> int:
        """Return the epoch of the secret in force."""
        return secrets.load_secrets(self._path).linkage_epoch

    @property
    def rotating(self) -> bool:
        """Return whether there is a next secret."""
        return secrets.load_secrets(self._path).linkage_secret_next is not None

    def begin(self) -> bool:
        """Make the next secret; return False when the hashing process did not come back in time."""
        return self._changed(secrets.begin_rotation)

    def end(self) -> bool:
        """Put the next secret in force and forget the former one."""
        return self._changed(secrets.end_rotation)

    def give_up(self) -> bool:
        """Forget the next secret."""
        return self._changed(secrets.give_up_rotation)

    def _changed(self, change: Callable[[Path], None]) -> bool:
        change(self._path)
        # Also where nothing was changed: a command that was killed may have changed it and started nothing anew.
        entry = read_stack(self._data_dir).processes.get("hashing")
        process = entry.alive() if entry is not None else None
        if process is not None:
            end_processes([process], STOP_SECONDS)
        deadline = time.monotonic() + _RESTART_SECONDS
        while time.monotonic() < deadline:
            found = read_stack(self._data_dir).processes.get("hashing")
            if found is not None and found.ready and (process is None or found.pid != process.pid):
                return True
            time.sleep(0.1)
        return False
