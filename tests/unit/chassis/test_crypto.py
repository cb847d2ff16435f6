"""Field encryption: reversible by its own key and place only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.security.crypto import DecryptionFailedError, FieldCipher

_OLD, _NEW = b"o" * 32, b"n" * 32


@given(st.binary(max_size=500), st.binary(max_size=50))
def test_what_is_encrypted_decrypts_at_its_place_only(plaintext: bytes, aad: bytes) -> None:
    cipher = FieldCipher({"k": _NEW}, "k")
    sealed = cipher.encrypt(plaintext, aad)
    assert cipher.decrypt(sealed, aad) == plaintext
    with pytest.raises(DecryptionFailedError):
        cipher.decrypt(sealed, aad + b"x")


def test_every_changed_byte_is_noticed() -> None:
    cipher = FieldCipher({"k": _NEW}, "k")
    sealed = cipher.encrypt(b"Nguy\xe1\xbb\x85n", b"a")
    for index in range(len(sealed)):
        broken = bytearray(sealed)
        broken[index] ^= 1
        with pytest.raises(DecryptionFailedError):
            cipher.decrypt(bytes(broken), b"a")


def test_two_ciphertexts_of_one_value_differ() -> None:
    cipher = FieldCipher({"k": _NEW}, "k")
    assert cipher.encrypt(b"same", b"a") != cipher.encrypt(b"same", b"a")


def test_old_keys_still_read_and_are_known_as_old() -> None:
    sealed = FieldCipher({"2023": _OLD}, "2023").encrypt(b"v", b"a")
    rotated = FieldCipher({"2023": _OLD, "2024": _NEW}, "2024")
    assert rotated.decrypt(sealed, b"a") == b"v"
    assert FieldCipher.key_id(sealed) == "2023"
    assert FieldCipher.key_id(rotated.encrypt(b"v", b"a")) == "2024"
    with pytest.raises(DecryptionFailedError, match="2023"):
        FieldCipher({"2024": _NEW}, "2024").decrypt(sealed, b"a")


@pytest.mark.parametrize("junk", [b"", b"\x01", b"\x02" + b"x" * 40, b"\x01\xff" + b"\xff" * 40])
def test_junk_is_refused(junk: bytes) -> None:
    with pytest.raises(DecryptionFailedError):
        FieldCipher({"k": _NEW}, "k").decrypt(junk, b"a")
