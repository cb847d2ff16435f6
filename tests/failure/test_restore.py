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

from deploy.backup import SIGNATURE_FILE, read_manifest, signing_by, write_manifest, write_signed
from deploy.embedded import bring_down, fresh_signing_key, read_stack
from tests.failure.drill import Machines, hand_in, khopso, replay, write_keys
from tests.support.closings import WITHOUT_REGISTERS
from tests.support.stack.rows import clinician, fire, person, site, slip
from tests.support.wait import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.embedded, pytest.mark.timeout(900)]

SLIP = slip(
    "P-1",
    person("Nguyễn Văn Mẫu", number="030090000001"),
    "CS-01",
    "BS-01",
)


@dataclass(frozen=True)
class Office(Machines):
    """Everything of the drill: two machines, the back-up between them, the office's pair of keys."""

    folder: Path
    closing: str

    def restore_command(self) -> list[str]:
        """The arguments of a restore onto the empty machine."""
        keys = ["--key", str(self.folder / "office.pem"), "--signed-by", str(self.signer)]
        return ["restore", str(self.saved), *keys, "--broker", "embedded", "--data-dir", str(self.new)]

    def compare(self, code: int = 0) -> Any:
        """Compare the restored machine with the back-up once more."""
        signed = ("--signed-by", self.signer)
        return khopso("restore", self.saved, "--compare", *signed, "--data-dir", self.new, code=code)


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
        closed = khopso(
            "close", "--calendar", "civil", "--period", "2023", "--data-dir", made.old, *WITHOUT_REGISTERS
        )["id"]
        # After the closing: a correction, a withdrawal, and a fire that comes late.
        hand_in(made.old, "fires", fire("V-2", deaths="3"), {**fire("V-3"), "void": "yes"}, fire("V-4"))
        # As somebody who is told no counts of events, only until which instant everything was applied.
        khopso("wait", "--as", "clerk.commune_police", "--data-dir", made.old)
        assert replay(made.old, closed)
        khopso("audit", "head", folder / "heads.json", "--data-dir", made.old)
        key = folder / "office.pub.pem"
        khopso("backup", made.saved, "--key", key, "--as", "operator@committee:30", "--data-dir", made.old)
        made.keep_signer()
        khopso("audit", "export", folder / "reads.json", "--data-dir", made.old)
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


def reads(file: Path) -> set[tuple[str, str]]:
    """Who has read what, by the audit: subject and route."""
    return {(row["subject"], row["route"]) for row in json.loads(file.read_text())["rows"]}


def test_the_audit_says_who_backed_up_and_who_was_asked_for_figures(office: Office) -> None:
    found = reads(office.folder / "reads.json")
    assert ("operator@committee:30", "/v1/rebuild") in found
    # Whoever runs the machine sees no figures, so an official was asked for them.
    assert ("official@committee:30", "/v1/figures/{code}") in found
    assert not [route for subject, route in found if subject.startswith("operator") and "figures" in route]


def test_nobody_else_backs_up_or_restores(office: Office) -> None:
    again = office.folder / "again"
    arguments = ["backup", str(again), "--key", str(office.folder / "office.pub.pem")]
    for other in ("official.health_department", "clerk@TTYT-290"):
        refused = khopso(*arguments, "--as", other, "--data-dir", office.old, code=1)["error"]
        assert refused["rule"] == "operator_only"
        assert not again.exists()
        assert khopso(*office.restore_command(), "--as", other, code=1)["error"]["rule"] == "operator_only"
        assert not office.new.exists()


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


def test_a_back_up_that_its_machine_did_not_sign_is_refused_and_nothing_is_begun(office: Office) -> None:
    # Given copies whose manifest was written anew, whose signature is another key's, and that has none
    changed, foreign, unsigned = (office.folder / name for name in ("changed", "foreign", "unsigned"))
    for copy in (changed, foreign, unsigned):
        shutil.copytree(office.saved, copy)
    manifest = read_manifest(changed)
    write_manifest(changed, manifest.model_copy(update={"version": "9.9.9"}))
    write_signed(foreign, manifest, signing_by(fresh_signing_key().encode())[0])
    (unsigned / SIGNATURE_FILE).unlink()
    # When they are restored, then the first two are refused whatever is said, the third without a word on it
    arguments = office.restore_command()
    for folder, rule in (
        (changed, "backup_signature"),
        (foreign, "backup_signature"),
        (unsigned, "backup_unsigned"),
    ):
        arguments[1] = str(folder)
        assert khopso(*arguments, code=1)["error"]["rule"] == rule
    for folder in (changed, foreign):
        arguments[1] = str(folder)
        forced = khopso(*arguments, "--accept-unsigned", "copy of our own", code=1)["error"]
        assert forced["rule"] == "backup_signature"
    assert not office.new.exists()
    # And without the public key nothing signed is taken either
    keyless = [each for each in office.restore_command() if each not in ("--signed-by", str(office.signer))]
    assert khopso(*keyless, code=2)["error"]["rule"] == "restore_no_signer"


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
    document = office.compare()
    assert document["equal"]
    assert document["figures_equal"]
    assert replay(office.new, office.closing)
    hand_in(office.new, "fires", fire("V-5"))
    changed = office.compare(1)
    assert not changed["figures_equal"]
    khopso("audit", "export", office.folder / "compared.json", "--data-dir", office.new)
    assert ("operator@committee:30", "/v1/rebuild") in reads(office.folder / "compared.json")
