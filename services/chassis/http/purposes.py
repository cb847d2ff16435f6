"""What a caller reads for: a code of the province's list, in the header ``Khopso-Purpose``."""

from fastapi import Request

from contracts.envelope import VIETNAM
from reference import purposes_on
from services.chassis.platform import Platform
from services.chassis.problems import Fault, Problem
from texts import message

PURPOSE = "khopso-purpose"


async def only_listed_purposes(request: Request) -> None:
    """Refuse a purpose that is not on the province's list: 422 that names the list. A dependency of every route.

    Free text would stay in the audit for ever, and could name somebody.
    """
    state_purpose(request, request.headers.get(PURPOSE, ""))


def state_purpose(request: Request, stated: str) -> None:
    """Take this for the request's purpose, as the header or the field of a page states it; 422 where it is not on the list."""
    stated = stated.strip()
    if not stated:
        return
    platform: Platform = request.app.state.platform
    known = purposes_on(platform.clock().astimezone(VIETNAM).date())
    if stated not in known:
        text = message("purpose_unknown", codes=", ".join(known))
        raise Problem.invalid([Fault("Khopso-Purpose", None, "purpose_unknown", text)])
    request.state.purpose = stated


def purpose_of(request: Request) -> str:
    """Return the code of the stated purpose, empty where none is."""
    return str(getattr(request.state, "purpose", ""))
