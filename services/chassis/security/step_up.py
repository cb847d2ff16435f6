"""A fresh sign-in for what is hard to undo: closing, publishing, reading many names (RFC 9470, OpenID Connect ``auth_time``)."""

from datetime import datetime

from services.chassis.security.auth import Principal


class StepUpRequiredError(Exception):
    """The caller's sign-in is older than what it asks for allows; ``max_age`` is the age that is allowed, in seconds."""

    def __init__(self, max_age: int) -> None:
        super().__init__(f"a sign-in of the last {max_age} s is needed")
        self.max_age = max_age


_AHEAD_SECONDS = 10  # clocks differ a little


def has_fresh_sign_in(caller: Principal, now: datetime, max_age_seconds: float) -> bool:
    """Return whether the person signed in within the time; False where the token does not say when, or says later."""
    if caller.signed_in_at is None:
        return False
    age = now.timestamp() - caller.signed_in_at
    return -_AHEAD_SECONDS <= age <= max_age_seconds


def check_fresh_sign_in(caller: Principal, now: datetime, max_age_seconds: float) -> None:
    """Raise StepUpRequiredError where the person did not sign in within the time."""
    if not has_fresh_sign_in(caller, now, max_age_seconds):
        raise StepUpRequiredError(round(max_age_seconds))
