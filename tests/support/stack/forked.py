"""Processes of services, forked from one that has loaded their modules already.

Tests start services by the hundred, and three quarters of the processor's time of a start are spent on loading the same modules.
A forked service is a process of its own: it has its own session, environment, log and number, runs the same module as
``python -m`` does, and is killed, frozen and started again like any other. How users start services, with all that is loaded then,
is tried by ``tests/integration/test_local_stack.py``.
"""

import gc
import math
import multiprocessing
import os
import runpy
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import BinaryIO

from deploy.embedded.state import SERVICES
from deploy.process import Child, ManagedProcess

_LOADED = [
    "services.chassis.service",
    "services.registry.hashing",
    *(f"services.{name}.app" for name in SERVICES),
]
_LOOK_SECONDS = 0.01
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(_LOADED)
# Starting a process looks at all others, and what tells that one has ended can be read once only.
_guard = threading.RLock()


class ForkedProcess(ManagedProcess):
    """A managed process ``python -m MODULE ARGUMENT…``, forked with its modules loaded."""

    def _launched(self, output: BinaryIO, environment: Mapping[str, str] | None) -> Child:
        _, _, module, *arguments = self.argv
        surroundings = dict(os.environ if environment is None else environment)
        process = _forks.Process(
            target=_become,
            args=(module, arguments, surroundings, self.cwd, self.log.absolute()),
            name=self.name,
            # Ended with the run where a test has forgotten it.
            daemon=True,
        )
        with _guard:
            process.start()
        return _Forked(process)


class _Forked:
    """What `subprocess.Popen` is for a process that it has started."""

    def __init__(self, process: ForkServerProcess) -> None:
        assert process.pid is not None
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        with _guard:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
            time.sleep(_LOOK_SECONDS)
        return status

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)


def _become(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], folder: Path | None, log: Path
) -> None:
    """Become the service: what `ManagedProcess` gives a program, and then what ``python -m`` does."""
    # The collector need not look again at what was loaded before the fork.
    gc.freeze()
    multiprocessing.current_process().daemon = False
    os.setsid()
    with log.open("ab") as output:
        for descriptor in (1, 2):
            os.dup2(output.fileno(), descriptor)
    os.environ.clear()
    os.environ.update(environment)
    if folder is not None:
        os.chdir(folder)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
