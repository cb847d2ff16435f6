"""A PIN of six digits for one session: whether it is fit to be one, how it is stored, whether another one is the same. Pure.

There are only a million of them, so no hash alone would hide one: the hash (Argon2id, with a salt) is encrypted with the
gateway's field key, which is not in the database, and tied to its session.
"""

import hmac
import os
import re

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from services.chassis.security import FieldCipher

TRIES = 5
"""Wrong PINs one after the other by which a session ends."""
_PIN = re.compile(r"[0-9]{6}", re.ASCII)
_SALT, _LENGTH = 16, 32
# The least that OWASP names for Argon2id: 19 MiB, two passes, one lane; an eighth of a second here.
_PASSES, _LANES, _KIB = 2, 1, 19_456
_RUN = "01234567890123456789"


def is_pin(text: str) -> bool:
    """Return whether a text is six digits."""
    return _PIN.fullmatch(text) is not None


def is_easy(pin: str) -> bool:
    """Return whether everybody would try the PIN first: one digit, two digits in turn, a run up or down."""
    return len(set(pin)) == 1 or pin in _RUN or pin[::-1] in _RUN or pin == pin[:2] * 3 or pin == pin[:3] * 2


def sealed(pin: str, cipher: FieldCipher, session: bytes) -> bytes:
    """Return a PIN as it is stored in a session. It takes an eighth of a second of a core."""
    salt = os.urandom(_SALT)
    return cipher.encrypt(salt + _hash(pin, salt), _aad(session))


def is_same(pin: str, stored: bytes, cipher: FieldCipher, session: bytes) -> bool:
    """Return whether the PIN is the stored one of the session, in a time that does not tell how near it is."""
    opened = cipher.decrypt(stored, _aad(session))
    return hmac.compare_digest(_hash(pin, opened[:_SALT]), opened[_SALT:])


def moved(stored: bytes, cipher: FieldCipher, session: bytes, to: bytes) -> bytes:
    """Return the stored PIN of a session as that of another one, into which it goes over."""
    return cipher.encrypt(cipher.decrypt(stored, _aad(session)), _aad(to))


def _hash(pin: str, salt: bytes) -> bytes:
    made = Argon2id(salt=salt, length=_LENGTH, iterations=_PASSES, lanes=_LANES, memory_cost=_KIB)
    return made.derive(pin.encode())


def _aad(session: bytes) -> bytes:
    return b"pin:" + session
