"""The restore drill: a stack with data, corrections and a closing is backed up, lost, and comes back the same on another machine.

Real embedded stacks through the command line alone. What the back-up must carry: figures, the chain of closings and their
replay, the audit of reads, the secrets (a row that is handed in again is known again).
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from deploy.backup import read_manifest
from deploy.embedded import bring_down, read_stack
from khopso.api import Api
from tests.support.stack.keeping import unit_of
from tests.support.stack.rows import clinician, fire, person, site, slip
from tests.support.wait import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.embedded, pytest.mark.timeout(900)]

SLIP = slip(
    "P-1",
    person("Nguyễn Văn Mẫu", number="030190000001"),
    "CS-01",
    "BS-01",
)


@dataclass(frozen=True)
class Office:
    """Everything of the drill: two machines, the back-up between them, the office's pair of keys."""

    folder: Path
    closing: str

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

    def restore_command(self) -> list[str]:
        """The arguments of a restore onto the empty machine."""
        key = str(self.folder / "office.pem")
        return ["restore", str(self.saved), "--key", key, "--broker", "embedded", "--data-dir", str(self.new)]


def khopso(*arguments: str | Path, code: int = 0) -> Any:
    """One command with --json, as a program of its own; its document. The exit code must be `code`."""
    command = [sys.executable, "-m", "khopso", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout)


def hand_in(machine: Path, form: str, *rows: dict[str, str]) -> dict[str, Any]:
    """Hand in rows of one unit as its clerk; the answer."""
    service = {"fires": "incidents"}.get(form, "treatment")
    numbered = [{"row": number, "values": values} for number, values in enumerate(rows, 2)]
    with Api(machine) as api:
        clerk = api.clerk_of(unit_of(form, rows[0]))
        answer: dict[str, Any] = clerk.post(service, f"/v1/forms/{form}/records", {"rows": numbered})
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


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    # Not under pytest's own directory: its path is too long for a socket, and it is closed to PostgreSQL's user.
    folder = Path(tempfile.mkdtemp(prefix="khopso-drill-"))
    made = Office(folder, "")
    write_keys(folder)
    try:
        khopso("up", "--broker", "embedded", "--data-dir", made.old)
        hand_in(made.old, "facilities", site("CS-01"))
        hand_in(made.old, "clinicians", clinician("BS-01", "CS-01"))
        hand_in(made.old, "determination", SLIP)
        hand_in(made.old, "fires", fire("V-1"), fire("V-2", deaths="2"), fire("V-3"))
        closed = khopso("close", "--calendar", "civil", "--period", "2023", "--data-dir", made.old)["id"]
        # After the closing: a correction, a withdrawal, and a fire that comes late.
        hand_in(made.old, "fires", fire("V-2", deaths="3"), {**fire("V-3"), "void": "yes"}, fire("V-4"))
        khopso("wait", "--data-dir", made.old)
        assert replay(made.old, closed)
        khopso("audit", "head", folder / "heads.json", "--data-dir", made.old)
        khopso("backup", made.saved, "--key", folder / "office.pub.pem", "--data-dir", made.old)
        khopso("down", "--data-dir", made.old)
        yield Office(folder, closed)
    finally:
        for machine in (made.old, made.new):
            bring_down(machine)
        shutil.rmtree(folder, ignore_errors=True)


def test_a_back_up_says_what_it_holds_and_shows_no_secret(office: Office) -> None:
    manifest = read_manifest(office.saved)
    assert manifest.evidence.quiet
    assert {one["figure"]: one["value"] for one in manifest.evidence.figures}["fires.cases"] == 3
    assert manifest.evidence.closings == 1
    assert manifest.evidence.chain_head is not None
    assert list(manifest.services) == ["reporting", "registry", "treatment", "incidents"]
    moments = [one.at for one in manifest.services.values()]
    assert moments == sorted(moments)
    assert manifest.services["incidents"].rows["public.outbox"] >= 6
    secrets = json.loads((office.old / "secrets.json").read_text())
    told = b"".join(path.read_bytes() for path in office.saved.iterdir())
    assert secrets["linkage_secret"].encode() not in told
    assert all(path.stat().st_mode & 0o077 == 0 for path in office.saved.iterdir())


def test_a_damaged_file_is_refused_by_name_and_nothing_is_begun(office: Office) -> None:
    damaged = office.saved / "incidents.dump"
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    try:
        error = khopso(*office.restore_command(), code=1)["error"]
    finally:
        damaged.write_bytes(whole)
    assert error["rule"] == "backup_file_changed"
    assert "incidents.dump" in error["message"]["en"]
    assert not office.new.exists()


def test_a_back_up_that_was_interrupted_is_none(office: Office) -> None:
    partial = office.folder / "partial"
    shutil.copytree(office.saved, partial)
    (partial / "manifest.json").unlink()
    arguments = office.restore_command()
    arguments[1] = str(partial)
    assert khopso(*arguments, code=1)["error"]["rule"] == "backup_file_missing"


def test_another_key_opens_nothing(office: Office) -> None:
    other = office.folder / "other"
    other.mkdir()
    write_keys(other)
    arguments = office.restore_command()
    arguments[3] = str(other / "office.pem")
    assert khopso(*arguments, code=1)["error"]["rule"] == "restore_key"
    assert not office.new.exists()


def test_a_machine_with_data_is_left_alone(office: Office) -> None:
    arguments = office.restore_command()
    arguments[-1] = str(office.old)
    assert khopso(*arguments, code=2)["error"]["rule"] == "restore_not_empty"
    assert (office.old / "secrets.json").exists()


def kill_when(office: Office, there: Path) -> None:
    """Begin a restore as a program and `kill -9` it as soon as that file is there."""
    begun = subprocess.Popen(
        [sys.executable, "-m", "khopso", *office.restore_command()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(there.exists, deadline=180, message=str(there))
    finally:
        os.kill(begun.pid, signal.SIGKILL)
        begun.wait()


def test_an_interrupted_restore_begins_again_or_goes_on_and_ends_with_the_same_stack(office: Office) -> None:
    unfinished = office.new.with_name("new.restoring")
    kill_when(office, unfinished / "postgres" / "postmaster.pid")
    assert not office.new.exists()
    # This one finds the remains, a running PostgreSQL among them, and begins again.
    kill_when(office, office.new / "stack.json")
    assert not unfinished.exists()
    # This one finds a whole data directory that has not been compared, and goes on from there.
    document = khopso(*office.restore_command())
    assert document["equal"]
    assert document["figures_equal"]
    assert document["chain_equal"]
    values = {one["figure"]: (one["then"], one["now"]) for one in document["figures"]}
    assert values["fires.cases"] == (3, 3)
    assert values["determination.concluded"] == (1, 1)
    # Restored and compared, it is a stack with data like any other.
    assert khopso(*office.restore_command(), code=2)["error"]["rule"] == "restore_not_empty"


def test_the_restored_stack_is_the_old_one_in_what_figures_do_not_show(office: Office) -> None:
    assert replay(office.new, office.closing)
    heads = office.folder / "heads.json"
    assert khopso("audit", "verify", "--head", heads, "--data-dir", office.new)["holds"]
    # The same secrets: the row is known again, and what it says is recognised.
    assert hand_in(office.new, "determination", SLIP)["unchanged"] == 1
    assert read_stack(office.new).province == read_stack(office.old).province


def test_a_rebuild_of_the_restored_stack_gives_the_same_again(office: Office) -> None:
    khopso("rebuild", "reporting", "--data-dir", office.new)
    document = khopso("restore", office.saved, "--compare", "--data-dir", office.new)
    assert document["equal"]
    assert document["figures_equal"]
    assert replay(office.new, office.closing)
    hand_in(office.new, "fires", fire("V-5"))
    changed = khopso("restore", office.saved, "--compare", "--data-dir", office.new, code=1)
    assert not changed["figures_equal"]
