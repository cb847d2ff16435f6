"""`khopso restore` and the signature: what is refused before anything is begun, and the word by which an old back-up is taken."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from deploy.backup import signing_by, write_signed
from tests.unit.deploy.test_backup_files import pair, whole
from tests.unit.khopso.conftest import Khopso


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder for the back-up, and an office's private key beside it."""
    (tmp_path / "saved").mkdir()
    (tmp_path / "office.pem").write_bytes(pair()[0])
    return tmp_path


def refused(khopso: Khopso, place: Path, *more: object) -> dict[str, Any]:
    """The error of a restore that is refused; nothing is begun."""
    given = ("restore", place / "saved", "--key", place / "office.pem", "--data-dir", place / "data", *more)
    ran = khopso(*given, "--json")
    assert ran.code != 0
    assert not (place / "data").exists()
    error: dict[str, Any] = ran.document["error"]
    return error


def keys(place: Path) -> tuple[bytes, Path]:
    """A key that signs, and the file of its public half."""
    private = Ed25519PrivateKey.generate()
    file = place / "signer.pub.pem"
    file.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), file


def test_a_back_up_of_before_signatures_is_taken_with_a_word_alone(khopso: Khopso, place: Path) -> None:
    whole(place / "saved")
    assert refused(khopso, place)["rule"] == "backup_unsigned"
    for word in ("", "  ", "ok"):
        assert refused(khopso, place, "--accept-unsigned", word)["rule"] == "backup_unsigned"
    # With one it goes on, here to the secrets, which this key does not open.
    assert refused(khopso, place, "--accept-unsigned", "of 0.2.0, from our safe")["rule"] == "restore_key"


def test_a_signed_back_up_needs_the_public_key_of_its_signer_and_no_word_replaces_it(
    khopso: Khopso, place: Path
) -> None:
    private, public = keys(place)
    write_signed(place / "saved", whole(place / "saved"), signing_by(private)[0])
    assert refused(khopso, place)["rule"] == "restore_no_signer"
    assert refused(khopso, place, "--signed-by", place / "office.pem")["rule"] == "restore_signer"
    assert refused(khopso, place, "--signed-by", public)["rule"] == "restore_key"
    keys(place)  # another pair in its place
    for word in ([], ["--accept-unsigned", "our own copy"]):
        assert refused(khopso, place, "--signed-by", public, *word)["rule"] == "backup_signature"
