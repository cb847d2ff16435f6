"""What a browser carries while somebody signs in: one sealed cookie for each attempt, so that nothing is stored for strangers."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

from pydantic import BaseModel, ValidationError

from services.chassis.security import DecryptionFailedError, FieldCipher

SECONDS = 600
_SECRET_BYTES = 32
_AAD = b"sign-in"
_NAME_LENGTH = 12


class Attempt(BaseModel):
    """One attempt to sign in. ``back`` is the page of ours that follows it; ``anew``: he must prove who he is after ``at``."""

    state: str
    nonce: str
    verifier: str
    back: str
    at: datetime
    anew: bool

    @classmethod
    def begin(cls, back: str, at: datetime, *, anew: bool) -> "Attempt":
        """Return a new attempt with secrets of its own."""
        state, nonce, verifier = (secrets.token_urlsafe(_SECRET_BYTES) for _ in range(3))
        return cls(state=state, nonce=nonce, verifier=verifier, back=back, at=at, anew=anew)

    @property
    def name(self) -> str:
        """Return the name by which its cookie is told from that of an attempt in another tab."""
        return name_of(self.state)

    def sealed(self, cipher: FieldCipher) -> str:
        """Return the value of its cookie."""
        return urlsafe_b64encode(cipher.encrypt(self.model_dump_json().encode(), _AAD)).decode()


def name_of(state: str) -> str:
    """Return the name of the attempt with that state."""
    return hashlib.sha256(state.encode()).hexdigest()[:_NAME_LENGTH]


def opened(value: str | None, state: str, cipher: FieldCipher, now: datetime) -> Attempt | None:
    """Return the attempt in a cookie; None where it is none of ours, is over, or has another state."""
    try:
        text = cipher.decrypt(urlsafe_b64decode(value or ""), _AAD)
        attempt = Attempt.model_validate_json(text)
    except (DecryptionFailedError, ValidationError, ValueError):
        return None
    in_time = (now - attempt.at).total_seconds() < SECONDS
    return attempt if in_time and hmac.compare_digest(attempt.state.encode(), state.encode()) else None
