"""Encryption of personal data at rest: AES-256-GCM, the key's id kept with the ciphertext."""

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.chassis.runtime import StoringSettings, parse_field_keys

_VERSION = 1
# Bytes. Random nonces of this length are safe for 2^32 values under one key (NIST SP 800-38D, 8.3).
_NONCE = 12


class DecryptionFailedError(Exception):
    """The ciphertext was changed, belongs to another record (associated data) or its key is not configured."""


class FieldCipher:
    """Encrypts and decrypts small values. Layout: version, length of key id, key id, nonce, ciphertext with tag.

    ``aad`` (associated data) ties a ciphertext to its place, for example ``b"record:" + id``: moved elsewhere it
    does not decrypt. Old keys stay configured for reading until everything is re-encrypted.
    """

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        if current not in keys:
            raise ValueError("the current key is not among the keys")
        self._keys = dict(keys)
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._current = current
        self._head = bytes((_VERSION, len(current.encode()))) + current.encode()

    @classmethod
    def of(cls, settings: StoringSettings) -> "FieldCipher":
        """Return the cipher that the settings describe."""
        return cls(parse_field_keys(settings.field_keys), settings.field_key_current)

    @property
    def current(self) -> str:
        """Return the id of the key for new values."""
        return self._current

    @property
    def head(self) -> bytes:
        """Return the first bytes of every ciphertext under the current key."""
        return self._head

    def keys_for(self, purpose: str) -> Mapping[str, bytes]:
        """Return a key of its own for another purpose beside each field key, by the field key's id (HKDF, RFC 5869).

        Neither tells the other; it needs no keeping of its own, and changes with the field key.
        """
        info = purpose.encode()
        return {
            name: HKDF(SHA256(), length=32, salt=None, info=info).derive(key)
            for name, key in self._keys.items()
        }

    def encrypt(self, plaintext: bytes, aad: bytes) -> bytes:
        """Return a ciphertext under the current key, different at each call."""
        nonce = os.urandom(_NONCE)
        # The head is protected by the tag as well: nobody can change which key a ciphertext names.
        return self._head + nonce + self._ciphers[self._current].encrypt(nonce, plaintext, self._head + aad)

    def decrypt(self, ciphertext: bytes, aad: bytes) -> bytes:
        """Return the plaintext; raise DecryptionFailedError, which says nothing about the content."""
        key_id = self.key_id(ciphertext)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise DecryptionFailedError(f"no key {key_id!r} is configured")
        start = 2 + ciphertext[1]
        nonce, body = ciphertext[start : start + _NONCE], ciphertext[start + _NONCE :]
        try:
            return cipher.decrypt(nonce, body, ciphertext[:start] + aad)
        except (InvalidTag, ValueError):
            raise DecryptionFailedError("the ciphertext does not fit its key and place") from None

    @staticmethod
    def key_id(ciphertext: bytes) -> str:
        """Return the id of the ciphertext's key; raise DecryptionFailedError for bytes that are no such ciphertext."""
        if len(ciphertext) < 2 + _NONCE or ciphertext[0] != _VERSION:
            raise DecryptionFailedError("not a ciphertext of this system")
        try:
            return ciphertext[2 : 2 + ciphertext[1]].decode()
        except UnicodeDecodeError:
            raise DecryptionFailedError("not a ciphertext of this system") from None
