"""The guards of the authority table that a request itself can meet: a purpose of the list, a fresh sign-in."""

from fastapi import Request

from services.chassis.http.app import platform_of
from services.chassis.http.purposes import purpose_of
from services.chassis.security import Principal, has_fresh_sign_in


def guards_met(request: Request, caller: Principal) -> frozenset[str]:
    """Return the guards that the request meets, in the words of ``authority/*.csv``: ``purpose``, ``step_up``."""
    platform = platform_of(request)
    met = {"purpose"} if purpose_of(request) else set()
    if has_fresh_sign_in(caller, platform.clock(), platform.settings.step_up_seconds):
        met.add("step_up")
    return frozenset(met)
