"""What both restore drills need: a machine that is run by the command line alone, an office with keys, units that hand in."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from deploy.embedded import Broker, Issuer, read_stack
from khopso.api import Api
from tests.support.stack.harness import owner_of
from tests.support.stack.keeping import unit_of
from tests.support.stack.truth import Values


class Machines:
    """The machine that is lost, the empty one that takes its place, and the back-up between them, in one folder."""

    folder: Path

    @property
    def old(self) -> Path:
        """The machine that is lost."""
        return self.folder / "old"

    @property
    def new(self) -> Path:
        """The empty machine."""
        return self.folder / "new"

    @property
    def saved(self) -> Path:
        """The back-up."""
        return self.folder / "saved"

    @property
    def signer(self) -> Path:
        """The public half of the key that signs the old machine's back-ups, kept apart from both."""
        return self.folder / "signer.pub.pem"

    def keep_signer(self) -> None:
        """Copy it while the old machine is there."""
        shutil.copy(self.old / "closing-key.pub.pem", self.signer)


def khopso(*arguments: str | Path, code: int = 0) -> Any:
    """One command with --json, as a program of its own; its document. The exit code must be `code`."""
    command = [sys.executable, "-m", "khopso", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout)


def hand_in(machine: Path, form: str, *rows: Mapping[str, object]) -> dict[str, Any]:
    """Hand in rows of one unit as its clerk; the answer."""
    numbered = [{"row": number, "values": values} for number, values in enumerate(rows, 2)]
    with Api(machine) as api:
        clerk = api.clerk_of(unit_of(form, rows[0]))
        answer: dict[str, Any] = clerk.post(owner_of(form), f"/v1/forms/{form}/records", {"rows": numbered})
    assert answer["refused"] == []
    return answer


def replay(machine: Path, closing: str) -> bool:
    """Whether the closing computed anew equals what was sealed."""
    with Api(machine, timeout_seconds=300) as api:
        return bool(api.get("reporting", f"/v1/closings/{closing}/replay")["equal"])


def write_keys(folder: Path) -> None:
    """The office's pair, as `openssl genpkey` makes one."""
    private = ec.generate_private_key(ec.SECP256R1())
    (folder / "office.pem").write_bytes(
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "office.pub.pem").write_bytes(public)


def lose(machine: Path) -> None:
    """The machine burns: every process ends at once, and nothing of its disk is left."""
    supervisor = read_stack(machine).supervisor
    process = supervisor.alive() if supervisor else None
    assert process is not None, "nothing runs there"
    # The supervisor first, so that it starts nothing again.
    doomed = [process, *process.children(recursive=True)]
    for one in doomed:
        one.kill()
    psutil.wait_procs(doomed, timeout=30)
    shutil.rmtree(machine)


@dataclass(frozen=True, slots=True)
class Reachable:
    """A machine as the software of a unit reaches it, for submissions over Kafka."""

    machine: Path

    @property
    def issuer(self) -> Issuer:
        key = read_stack(self.machine).issuer_key
        assert key is not None
        return Issuer(Path(key))

    @property
    def bootstrap(self) -> str:
        address = read_stack(self.machine).kafka_bootstrap
        assert address is not None
        return address

    @property
    def flavour(self) -> Broker:
        broker = read_stack(self.machine).broker
        assert broker is not None
        return broker

    def get(self, service: str, path: str) -> Any:
        with Api(self.machine) as api:
            return api.get(service, path, patience_seconds=20.0)


@dataclass
class Writer:
    """A unit that hands in one row after another without pause, until it is told to stop.

    ``send`` hands in a row and returns when it is acknowledged (or, over Kafka, sent); ``done`` are these rows in order.
    """

    form: str
    make: Callable[[int], Values]
    send: Callable[[str, Sequence[Values]], object]
    done: list[Values] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def write(self) -> None:
        """Hand in until the end is told."""
        while not self.over.is_set():
            row = self.make(len(self.done))
            self.send(self.form, [row])
            self.done.append(row)
