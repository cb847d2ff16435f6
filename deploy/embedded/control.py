"""Starting, finding and ending a stack from outside its supervisor."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from deploy.embedded.children import end_processes
from deploy.embedded.layout import STOP_SECONDS, Layout, Options, Surroundings
from deploy.embedded.rotation import LogLimits
from deploy.embedded.state import AlreadyLockedError, Broker, Stack, hold_lock, read_stack, write_stack
from deploy.process import ManagedProcess, is_alive
from reference import province
from texts import Message, message

# Services, broker and PostgreSQL stop one after the other, each within its own budget.
_DOWN_SECONDS = STOP_SECONDS + 20.0 + 30.0 + 5.0
_APPEAR_SECONDS = 15.0


class StackFailedError(RuntimeError):
    """The stack did not come up; ``text`` says why and where to look."""

    def __init__(self, text: Message) -> None:
        self.text = text
        super().__init__(str(text))


class OtherProvinceError(RuntimeError):
    """The data directory holds the data of another province than the one chosen. ``held`` is that one's area uid."""

    def __init__(self, held: str) -> None:
        self.held = held
        super().__init__(f"the data directory holds the data of the province {held}")


def ensure_up(data_dir: Path, broker: Broker | None = None) -> tuple[Stack, bool]:
    """Return the stack of `data_dir`, started when it did not run. Second value: whether this call started it.

    Returns once a supervisor runs it (its ports are known); `wait_running` waits for the rest.

    Raises:
        OtherProvinceError: nothing was started, since records of two provinces must not meet in one database.
        StackFailedError: it did not start.
    """
    data_dir = data_dir.absolute()
    found = read_stack(data_dir)
    if not found.serves(province().area_uid):
        raise OtherProvinceError(found.province)
    if found.supervised and found.phase in ("starting", "running"):
        return found, False
    # The old supervisor is ending and still holds the lock: a new one would end at once.
    if found.supervised:
        _await(data_dir, lambda stack: not stack.supervised, _DOWN_SECONDS)
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        limits = LogLimits()
    except ValidationError as invalid:
        faults = "; ".join(
            f"KHOPSO_{str(error['loc'][0]).upper()}: {error['msg']}" for error in invalid.errors()
        )
        raise StackFailedError(message("stack.log_limits", faults=faults)) from None
    layout = Layout(data_dir)
    layout.logs.mkdir(mode=0o700, exist_ok=True)
    command = [sys.executable, "-m", "deploy.embedded.supervisor", "--data-dir", str(data_dir)]
    daemon = ManagedProcess(
        "supervisor",
        [*command, *(("--broker", broker) if broker else ())],
        log=layout.log("supervisor"),
        env=Surroundings().as_environment() | limits.as_environment() | Options().as_environment(),
        cwd=data_dir,
    )
    daemon.start()
    stack = _await(
        data_dir,
        lambda stack: stack.supervised or (not daemon.running and stack.phase == "failed"),
        _APPEAR_SECONDS,
    )
    if not stack.supervised:
        raise StackFailedError(_ended(stack, "stack.no_start", layout))
    return stack, True


def _ended(stack: Stack, code: str, layout: Layout) -> Message:
    """Return the supervisor's last error; without one, a message that it ended and where its log is."""
    if stack.error:
        return Message(stack.error, stack.error)
    return message(code, log=layout.log("supervisor"))


def wait_running(data_dir: Path, deadline_seconds: float, progress: Callable[[str], None]) -> Stack:
    """Return when every process is ready; `progress` is called with each new step. StackFailedError otherwise."""
    deadline = time.monotonic() + deadline_seconds
    said = ""
    while True:
        stack = read_stack(data_dir)
        if stack.phase == "running" and stack.supervised:
            return stack
        if stack.phase in ("failed", "stopped") or not stack.supervised:
            raise StackFailedError(_ended(stack, "stack.ended", Layout(data_dir)))
        if stack.step and stack.step != said:
            said = stack.step
            progress(said)
        if time.monotonic() > deadline:
            slow = [name for name, entry in stack.processes.items() if not entry.ready]
            waiting = ", ".join(slow) or stack.step
            seconds = f"{deadline_seconds:.0f}"
            raise StackFailedError(message("stack.slow", seconds=seconds, waiting=waiting, logs=stack.logs))
        time.sleep(0.1)


def bring_down(data_dir: Path) -> bool:
    """Stop the stack and all that a killed supervisor left running. Return False when nothing ran."""
    data_dir = data_dir.absolute()
    if not data_dir.exists():
        return False
    stack = read_stack(data_dir)
    supervisor = stack.supervisor.alive() if stack.supervisor else None
    if supervisor is not None:
        supervisor.terminate()
        deadline = time.monotonic() + _DOWN_SECONDS
        while is_alive(supervisor) and time.monotonic() < deadline:
            time.sleep(0.05)
        if is_alive(supervisor):
            supervisor.kill()
        stack = read_stack(data_dir)
    left = [process for entry in stack.processes.values() if (process := entry.alive()) is not None]
    # PostgreSQL is left out: it needs its own signal for a fast shutdown, and it stops last.
    end_processes([process for process in left if process.name() != "postgres"], seconds=STOP_SECONDS)
    from deploy.embedded.postgres import (
        end_server_of,  # loads a database client, which nothing else here needs
    )

    orphan = end_server_of(Layout(data_dir).postgres)
    stack.phase, stack.step, stack.supervisor, stack.processes = "stopped", "", None, {}
    try:
        # Without the lock, this could overwrite the state of a supervisor that was started in the meantime.
        with hold_lock(data_dir):
            write_stack(data_dir, stack)
    except AlreadyLockedError:
        raise StackFailedError(message("stack.taken")) from None
    return supervisor is not None or bool(left) or orphan


def _await(data_dir: Path, condition: Callable[[Stack], bool], seconds: float) -> Stack:
    deadline = time.monotonic() + seconds
    stack = read_stack(data_dir)
    while not condition(stack) and time.monotonic() < deadline:
        time.sleep(0.05)
        stack = read_stack(data_dir)
    return stack
