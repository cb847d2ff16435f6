"""The guards of the authority table that a request itself can meet: a purpose of the list, a fresh sign-in."""

from collections.abc import Callable

from fastapi import Request

from contracts.envelope import VIETNAM
from services.chassis.http.app import Caller, platform_of, require_fresh_sign_in
from services.chassis.http.purposes import purpose_of
from services.chassis.problems import Problem
from services.chassis.security import Principal, guards_of, has_fresh_sign_in

PURPOSE, STEP_UP = "purpose", "step_up"


def guards_met(request: Request, caller: Principal) -> frozenset[str]:
    """Return the guards that the request meets, in the words of ``authority/*.csv``: ``purpose``, ``step_up``."""
    platform = platform_of(request)
    met = {PURPOSE} if purpose_of(request) else set()
    if has_fresh_sign_in(caller, platform.clock(), platform.settings.step_up_seconds):
        met.add(STEP_UP)
    return frozenset(met)


def require_purpose(request: Request, guards: frozenset[str]) -> None:
    """Refuse (400) a request that states no purpose where the guards ask for one."""
    if PURPOSE in guards and not purpose_of(request):
        raise Problem(400, "purpose_missing")


def require_step_up(request: Request, caller: Principal, guards: frozenset[str]) -> None:
    """Refuse (401) a caller who has not just signed in where the guards ask for it."""
    if STEP_UP in guards:
        require_fresh_sign_in(request, caller)


def require_step_up_for(action: str) -> Callable[[Request, Principal], Principal]:
    """Return a dependency that asks for a fresh sign-in (401) where the authority table has that guard for the action."""

    def checked(request: Request, caller: Caller) -> Principal:
        today = platform_of(request).clock().astimezone(VIETNAM).date()
        return require_fresh_sign_in(request, caller) if STEP_UP in guards_of(action, today) else caller

    return checked
