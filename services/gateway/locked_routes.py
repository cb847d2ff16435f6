"""The routes of a session's PIN: to set it, to lock the session, to open it again."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from services.chassis.security import has_fresh_sign_in
from services.chassis.web import answer, language_of
from services.gateway import pages, pins, visiting
from services.gateway.addresses import own_address
from services.gateway.gateway import Gateway
from services.gateway.locking import Tried
from services.gateway.sessions import Left, Locked, Session

_PATH = "/pin"
_UNKEPT = {"Cache-Control": "no-store"}


def add_locking(router: APIRouter, gateway: Gateway) -> None:
    """Add all of them."""
    _add_pin(router, gateway)
    _add_lock(router, gateway)


def _add_pin(router: APIRouter, gateway: Gateway) -> None:
    @router.get(_PATH)
    async def pin(request: Request) -> Response:
        found = await visiting.found(gateway, request)
        if not isinstance(found, Session):
            return await visiting.must_sign_in(gateway, request, found, _PATH)
        page = pages.pin(pinned=found.pinned, done=request.query_params.get("done", ""))
        return answer(request, page)

    @router.post(_PATH)
    async def set_pin(request: Request) -> Response:
        # A PIN is never kept to be sent again, so of a session that has ended nothing is done with it.
        found = await visiting.found(gateway, request)
        if not isinstance(found, Session):
            asks = pages.locked(_PATH, found.subject) if isinstance(found, Locked) else None
            return visiting.asked(request, asks or pages.sign_in(_PATH, again=found is not None))
        # Whoever comes upon an open page could otherwise set one, and come back later.
        if not await _has_just_signed_in(gateway, found):
            return visiting.asked(request, pages.sign_in(_PATH, anew=True, again=True))
        fields = await visiting.form(request)
        typed = None if fields.get("remove") else fields.get("pin", "")
        fault = None if typed is None else _fault_of(typed, fields.get("again", ""))
        if fault is not None:
            return answer(request, pages.pin(pinned=found.pinned, fault=fault), 422)
        tried = await gateway.locks.set_pin(found.id, typed, fields.get("old", ""))
        if tried.outcome == "ended":
            return visiting.asked(request, pages.sign_in(_PATH, again=True))
        if tried.outcome == "wrong":
            return answer(request, pages.pin(pinned=True, left=tried.left), 403)
        return RedirectResponse(f"{_PATH}?done={'removed' if typed is None else 'set'}", 303)


def _fault_of(pin: str, again: str) -> pages.PinFault | None:
    if not pins.is_pin(pin):
        return "shape"
    if pins.is_easy(pin):
        return "easy"
    return None if pin == again else "twice"


async def _has_just_signed_in(gateway: Gateway, session: Session) -> bool:
    caller = await gateway.sessions.verifier.verify(session.access_token)
    return has_fresh_sign_in(caller, gateway.clock(), gateway.settings.pin_seconds)


def _add_lock(router: APIRouter, gateway: Gateway) -> None:
    @router.post("/lock")
    async def lock(request: Request) -> Response:
        found = await visiting.found(gateway, request)
        if isinstance(found, Session):
            if not found.pinned:
                # Who believes that the pages are locked leaves the machine.
                return RedirectResponse(f"{_PATH}?done=none", 303)
            await gateway.locks.lock(found.id)
        return RedirectResponse(own_address((await visiting.form(request)).get("return_to")), 303)

    @router.post("/unlock")
    async def unlock(request: Request) -> Response:
        fields, cookie = await visiting.form(request), gateway.cookies.session(request)
        tried = await gateway.locks.unlock(cookie, fields.get("pin", ""))
        back = own_address(fields.get("return_to"))
        by_script = "application/json" in request.headers.get("accept", "")
        if tried.outcome == "wrong":
            return _wrong(request, tried.left) if by_script else _page_of_wrong(request, back, tried)
        if not by_script:
            return RedirectResponse(back, 303)
        left = await gateway.sessions.left(cookie) if tried.outcome == "open" else None
        if not isinstance(left, Left):
            return Response(status_code=401, headers={**_UNKEPT, "WWW-Authenticate": visiting.CHALLENGE})
        return JSONResponse({"subject": left.subject, "seconds": left.seconds}, headers=_UNKEPT)


def _wrong(request: Request, left: int) -> Response:
    said = pages.wrong_pin(left)
    text = said.vi if language_of(request) == "vi" else said.en
    return JSONResponse({"text": text}, 403, _UNKEPT)


def _page_of_wrong(request: Request, back: str, tried: Tried) -> Response:
    return answer(request, pages.locked(back, tried.subject, left=tried.left), 403)
