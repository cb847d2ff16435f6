"""The gateway's routes: home, operations, signing in and out, and everything that is passed on to a service."""

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from contracts.envelope import VIETNAM
from reference import unit_name
from services.chassis.problems import Problem
from services.chassis.runtime import get_logger
from services.chassis.web import answer, language_of
from services.gateway import pages, visiting
from services.gateway.addresses import is_plain_path, own_address
from services.gateway.forwarding import ServiceAwayError
from services.gateway.gateway import Gateway
from services.gateway.locked_routes import add_locking
from services.gateway.operating import overview
from services.gateway.origins import require_own_origin
from services.gateway.provider import ProviderUnreachableError, SignInRefusedError
from services.gateway.sessions import Ended, Locked, Session
from services.gateway.settings import SERVICES
from services.gateway.signing_in import Attempt, name_of, opened
from texts import LANGUAGES

log = get_logger(__name__)
_UNKEPT = {"Cache-Control": "no-store"}


def pages_router(gateway: Gateway) -> APIRouter:
    """Return the routes that browsers ask. None of them takes an unsafe request of another site."""
    router = APIRouter(dependencies=[Depends(require_own_origin)])
    _add_home(router, gateway)
    _add_sign_in(router, gateway)
    _add_session(router, gateway)
    add_locking(router, gateway)
    _add_sign_out(router, gateway)
    _add_forwarding(router, gateway)
    return router


def provider_router(gateway: Gateway) -> APIRouter:
    """Return the route that the provider itself asks, from machine to machine: what it sends is signed."""
    router = APIRouter()

    @router.post("/back-channel-logout")
    async def back_channel_logout(request: Request) -> Response:
        fields = await visiting.form(request)
        try:
            subject, session = await gateway.provider.logged_out(fields.get("logout_token", ""))
        except SignInRefusedError as refused:
            log.warning("log-out token refused", reason=str(refused))
            raise Problem(400, "bad_request") from None
        except ProviderUnreachableError:
            raise Problem(503, "issuer_unreachable") from None
        await gateway.sessions.end_all(subject, session)
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    return router


def _add_home(router: APIRouter, gateway: Gateway) -> None:
    @router.get("/")
    async def home(request: Request) -> Response:
        found = await visiting.found(gateway, request)
        if not isinstance(found, Session):
            return await visiting.must_sign_in(gateway, request, found, "/")
        return answer(
            request, pages.home(found, unit_name(found.unit), gateway.clock().astimezone(VIETNAM).date())
        )

    @router.get("/operations/")
    async def operations(request: Request) -> Response:
        found = await visiting.found(gateway, request)
        if not isinstance(found, Session):
            return await visiting.must_sign_in(gateway, request, found, "/operations/")
        heard = await gateway.asker.ask_all(found)
        if any(each.code == 401 for each in heard):
            return visiting.asked(request, pages.sign_in("/operations/", again=True))
        return overview(request, heard)

    @router.post("/language")
    async def language(request: Request) -> Response:
        fields = await visiting.form(request)
        back = RedirectResponse(own_address(fields.get("return_to")), 303)
        if fields.get("language") in LANGUAGES:
            gateway.cookies.speak(back, fields["language"])
        return back


def _add_sign_in(router: APIRouter, gateway: Gateway) -> None:
    cookies = gateway.cookies

    @router.get("/sign-in")
    async def sign_in(request: Request) -> Response:
        back = own_address(request.query_params.get("return_to"))
        anew = request.query_params.get("anew") == "1"
        found = await visiting.found(gateway, request)
        if isinstance(found, Session) and not anew:
            return RedirectResponse(back, 303)
        # After an idle lock a session that still goes on at the provider must not open the pages by itself; and a browser
        # that has forgotten its session here looks like one that never had any.
        anew = anew or gateway.settings.sign_in_anew or isinstance(found, Ended | Locked)
        attempt = Attempt.begin(back, gateway.clock(), anew=anew)
        address = await gateway.provider.sign_in_address(
            state=attempt.state,
            nonce=attempt.nonce,
            verifier=attempt.verifier,
            language=language_of(request),
            anew=anew,
        )
        sent = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        cookies.begin_attempt(sent, attempt.name, attempt.sealed(gateway.cipher))
        return sent

    @router.get("/callback")
    async def callback(request: Request) -> Response:
        state = request.query_params.get("state", "")
        attempt = opened(cookies.attempt(request, name_of(state)), state, gateway.cipher, gateway.clock())
        try:
            # No parameter may come twice (RFC 6749, 3.1): two programs could each read another of the values.
            if attempt is None or len(request.query_params.multi_items()) > len(request.query_params):
                raise SignInRefusedError("state")
            sent = await _signed_in(gateway, request, attempt)
        except SignInRefusedError as refused:
            log.warning("sign-in refused", reason=str(refused))
            gateway.metrics.gateway_sign_ins.labels("refused").inc()
            # Away from an address with a code in it.
            sent = RedirectResponse("/not-signed-in", 303, {"Cache-Control": "no-store"})
        cookies.end_attempt(sent, name_of(state))
        return sent

    @router.get("/not-signed-in")
    async def not_signed_in(request: Request) -> Response:
        return answer(request, pages.sign_in_failed(), 403)


async def _signed_in(gateway: Gateway, request: Request, attempt: Attempt) -> Response:
    """Return the way back of a browser whose code is good, with a session that is new in any case."""
    fields = request.query_params
    # RFC 9207: the answer of another provider must not be taken for this one's.
    if fields.get("iss", gateway.settings.oidc_issuer).rstrip("/") != gateway.settings.oidc_issuer:
        raise SignInRefusedError("iss")
    if "code" not in fields:
        raise SignInRefusedError("no code")
    tokens, identity = await gateway.provider.redeem(fields["code"], attempt.verifier, attempt.nonce)
    value = await gateway.sessions.begin(
        tokens, identity, gateway.cookies.session(request), since=attempt.at if attempt.anew else None
    )
    gateway.metrics.gateway_sign_ins.labels("signed_in").inc()
    sent = RedirectResponse(attempt.back, 303, {"Cache-Control": "no-store"})
    gateway.cookies.begin_session(sent, value)
    return sent


def _add_session(router: APIRouter, gateway: Gateway) -> None:
    """Add what the script of a page asks: how long the session goes on, and that somebody is at work on the page."""

    async def told(request: Request) -> Response:
        found = await gateway.sessions.left(gateway.cookies.session(request))
        headers = {**_UNKEPT, "WWW-Authenticate": visiting.CHALLENGE}
        if isinstance(found, Locked):
            return JSONResponse({"pin": True}, 401, headers)
        if found is None:
            return Response(status_code=401, headers=headers)
        return JSONResponse({"subject": found.subject, "seconds": found.seconds}, headers=_UNKEPT)

    @router.get("/session")
    async def left(request: Request) -> Response:
        return await told(request)

    @router.post("/session")
    async def at_work(request: Request) -> Response:
        await gateway.sessions.find(gateway.cookies.session(request))
        return await told(request)

    @router.get("/unlocked")
    async def unlocked(request: Request) -> Response:
        found = await visiting.found(gateway, request)
        if not isinstance(found, Session):
            return await visiting.must_sign_in(gateway, request, found, "/unlocked")
        return answer(request, pages.unlocked())


def _add_sign_out(router: APIRouter, gateway: Gateway) -> None:
    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        identity = await gateway.sessions.end(gateway.cookies.session(request))
        try:
            onwards = await gateway.provider.end_address(identity)
        except ProviderUnreachableError:
            onwards = None
        # A page's own policy lets its forms lead to no other site, also by a redirect; so the page leads there itself.
        sent = answer(
            request, pages.signed_out(), headers={"Refresh": f"0; url={onwards}"} if onwards else None
        )
        gateway.cookies.end_session(sent)
        return sent

    @router.get("/signed-out")
    async def signed_out(request: Request) -> Response:
        return answer(request, pages.signed_out())


def _add_forwarding(router: APIRouter, gateway: Gateway) -> None:
    @router.api_route("/{service}/{rest:path}", methods=["GET", "POST"])
    async def forward(service: str, request: Request) -> Response:
        raw = request.scope["raw_path"].split(b"?")[0].decode("latin-1")
        # What the service reads must be what was looked at here.
        if service not in SERVICES or not raw.startswith(f"/{service}/") or not is_plain_path(raw):
            raise Problem.not_found()
        found = await visiting.found(gateway, request)
        if not isinstance(found, Session):
            return await visiting.must_sign_in(gateway, request, found, visiting.address(request, raw))
        sent = await visiting.typed(request)
        try:
            passed = await gateway.forwarder.forward(service, request, found)
        except ServiceAwayError:
            log.warning("service away", service=service)
            gateway.metrics.gateway_away.labels(service).inc()
            return answer(request, pages.service_away(service), 503, {"Retry-After": "5"})
        if passed.status != 401:
            if sent is not None and passed.status < 400:
                await gateway.kept.forget(found.subject, raw, sent.fields)
            return passed.response()
        await passed.close()
        anew = "insufficient_user_authentication" in passed.headers.get("www-authenticate", "")
        back, became = await visiting.keep(gateway, request, found.subject)
        return visiting.asked(request, pages.sign_in(back, anew=anew, again=True, sent=became))

    @router.get("/resume")
    async def resume(request: Request) -> Response:
        found = await visiting.found(gateway, request)
        if not isinstance(found, Session):
            return await visiting.must_sign_in(gateway, request, found, "/resume")
        return answer(request, pages.resume(await gateway.kept.of(found.subject)))
