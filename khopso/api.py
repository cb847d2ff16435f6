"""Call the services: find their addresses and tokens, repeat calls while a service does not answer, report failures."""

import time
from collections.abc import Generator, Mapping
from copy import copy
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import quote

import httpx

from deploy.embedded import SERVICES, DamagedStateError, Issuer, Person, person_named, read_stack
from khopso.failure import AnsweredError, Exit, FailureError
from khopso.settings import CliSettings
from reference import province
from texts import Message, message

_TOKEN_SECONDS = 3600
_RENEW_AFTER_SECONDS = 1800
# Statuses of a service that is starting, or of a proxy in front of it: the same call may succeed a little later.
_PASSING = frozenset({502, 503, 504})
_WRONG_USE = frozenset({400, 404, 405, 422})


def of_another_province(held: str) -> FailureError:
    """Return what to say of a stack that holds the data of another province than the one chosen."""
    of = province()
    return FailureError(
        Exit.WRONG_USE, "stack_of_another_province", held=held, name=of.name, chosen=of.area_uid
    )


class Getter(Protocol):
    """The part of the API that reads: a GET that is repeated while the service does not answer."""

    def get(
        self,
        service: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        patience_seconds: float = 1.0,
    ) -> Any: ...


class Poster(Protocol):
    """The part of the API that sends: a POST that returns JSON and may be repeated."""

    def post(
        self,
        service: str,
        path: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        *,
        patience_seconds: float = 1.0,
    ) -> Any: ...


class _Bearer(httpx.Auth):
    """The given token, or one of the local issuer for somebody of the stack, renewed long before it ends."""

    def __init__(
        self, given: str | None, key_file: Path | None, person: str | None, who: Person | None = None
    ) -> None:
        self._given = given
        self._person = person
        self._key_file = key_file
        self._who = who or Person(province().committee_unit, "official")
        self._minted = ""
        self._at = float("-inf")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        token = self._token()
        if token:
            request.headers["Authorization"] = f"Bearer {token}"
        yield request

    def acting(self, who: Person) -> "_Bearer":
        """Return the same for somebody else; itself where a token is given, which stays whose it is."""
        if self._given is not None:
            return self
        return _Bearer(self._given, self._key_file, self._person, who)

    def _token(self) -> str | None:
        if self._given is not None or self._key_file is None:
            return self._given
        if time.monotonic() - self._at > _RENEW_AFTER_SECONDS:
            self._minted = Issuer(self._key_file).mint(
                self._who.unit, self._who.role, ttl_seconds=_TOKEN_SECONDS, subject=self._person
            )
            self._at = time.monotonic()
        return self._minted


class _Trace:
    """Gives each request a ``traceparent`` (W3C Trace Context): the requests of one command belong to one trace.

    With tracing on, the services show it down to the figures; events carry it in any case.
    """

    def __init__(self) -> None:
        self._trace_id = token_hex(16)

    def __call__(self, request: httpx.Request) -> None:
        sampled = "01"  # somebody waits for this command, so its trace is always recorded
        request.headers["traceparent"] = f"00-{self._trace_id}-{token_hex(8)}-{sampled}"


class Api:
    """The services that a data directory (or the environment) names, called by ``who`` on the embedded stack.

    Without ``who`` it is an official of the committee. A token from the environment is used as it is.

    FailureError with exit code 3 where a service is not reachable, 2 where the request makes no sense to it, 1 where
    it refuses. ``person`` is who acts on the embedded stack, where its issuer makes the token; ``approval`` is the id of
    a second person's approval. A ``person`` whom the issuer knows (``official.health_department``, ``clerk@TTYT-290``) acts
    whatever the command would choose; any other name is somebody else of the same office.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        who: Person | None = None,
        timeout_seconds: float = 60.0,
        person: str | None = None,
        approval: str | None = None,
    ) -> None:
        self._data_dir = data_dir
        settings = CliSettings()
        given = settings.urls()
        try:
            stack = read_stack(data_dir)
        except DamagedStateError as damaged:
            raise FailureError(Exit.UNREACHABLE, "stack_failed", reason=damaged.text) from None
        if not given and not stack.serves(province().area_uid):
            raise of_another_province(stack.province)
        # The file of a stopped stack has its old addresses, whose ports another program may use now.
        self._urls = (stack.urls if stack.supervised else {}) | given
        key_file = Path(stack.issuer_key) if stack.issuer_key and Path(stack.issuer_key).exists() else None
        token = settings.token.get_secret_value() if settings.token else None
        self._timeout_seconds = timeout_seconds
        self._chosen = person_named(person) if person else None
        named = person if self._chosen is None else None
        self.bearer = _Bearer(token, key_file, named, self._chosen or who)
        self._people: dict[Person, Api] = {}
        self._client = httpx.Client(
            timeout=timeout_seconds,
            # Header values are ASCII; the services decode it.
            headers=_headers(settings.purpose, approval),
            # Calls to the loopback address must not go through a proxy that the environment names.
            trust_env=bool(given),
            # A redirect could carry the token to an address that nobody has chosen.
            follow_redirects=False,
            event_hooks={"request": [_Trace()]},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def acting(self, who: Person) -> "Api":
        """Return the same services, called by somebody else whom the local issuer knows; always the same object for one person.

        Whoever brings a token of an issuer (``KHOPSO_TOKEN``) stays who he is: rights follow from that token.
        """
        if self._chosen is not None:
            return self
        if who not in self._people:
            self._people[who] = self._called_by(self.bearer.acting(who))
        return self._people[who]

    def _called_by(self, bearer: _Bearer) -> "Api":
        if bearer is self.bearer:
            return self
        other = copy(self)
        other.bearer = bearer
        return other

    def clerk_of(self, unit: str) -> "Api":
        """Return the same services, called by a clerk of the unit."""
        return self.acting(Person(unit, "clerk"))

    def url(self, service: str) -> str:
        """Return the service's address."""
        if service not in SERVICES:
            raise FailureError(Exit.WRONG_USE, "unknown_service", service=service)
        if service not in self._urls:
            raise FailureError(Exit.UNREACHABLE, "stack_not_running", data_dir=self._data_dir)
        return self._urls[service]

    def get(
        self,
        service: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        patience_seconds: float = 1.0,
    ) -> Any:
        """Return the JSON of a GET."""
        return self._call("GET", service, path, patience_seconds, params=dict(params or {}))

    def post(
        self,
        service: str,
        path: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        *,
        patience_seconds: float = 1.0,
    ) -> Any:
        """Return the JSON of a POST that may be repeated: it is sent again while the service does not answer."""
        return self._call("POST", service, path, patience_seconds, json=body, params=dict(params or {}))

    def download(
        self,
        service: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        patience_seconds: float = 5.0,
    ) -> bytes:
        """Return the file that a GET answers with."""
        answer = self._send("GET", service, path, patience_seconds, params=dict(params or {}))
        if not answer.is_success:
            _content(service, answer)  # raises what the answer says
        return answer.content

    def _call(self, method: str, service: str, path: str, patience_seconds: float, **parts: Any) -> Any:
        return _content(service, self._send(method, service, path, patience_seconds, **parts))

    def _send(
        self, method: str, service: str, path: str, patience_seconds: float, **parts: Any
    ) -> httpx.Response:
        url = self.url(service) + path
        deadline = time.monotonic() + patience_seconds
        pause = 0.1
        while True:
            try:
                answer = self._client.request(method, url, auth=self.bearer, **parts)
            except httpx.TransportError as failed:
                if time.monotonic() + pause > deadline:
                    raise self._no_answer(service, failed) from None
            else:
                if answer.status_code not in _PASSING or time.monotonic() + pause > deadline:
                    return answer
            time.sleep(pause)
            pause = min(2.0, pause * 2)

    def _no_answer(self, service: str, failed: httpx.TransportError) -> FailureError:
        # The service works and is only slow; "cannot be reached" would mislead the user.
        if isinstance(failed, httpx.ReadTimeout):
            seconds = f"{self._timeout_seconds:g}"
            return FailureError(Exit.UNREACHABLE, "service_slow", service=service, seconds=seconds)
        return FailureError(Exit.UNREACHABLE, "service_unreachable", service=service, url=self.url(service))


def _headers(purpose: str | None, approval: str | None) -> dict[str, str]:
    stated = {"Khopso-Purpose": purpose, "Khopso-Approval": approval}
    return {name: quote(value) for name, value in stated.items() if value}


def _content(service: str, answer: httpx.Response) -> Any:
    try:
        document = answer.json() if answer.content else None
    except ValueError:
        document = None
    if answer.is_success:
        return document
    code = Exit.REFUSED
    if answer.status_code >= 500:
        code = Exit.UNREACHABLE
    elif answer.status_code in _WRONG_USE:
        code = Exit.WRONG_USE
    # The answer of a proxy has none of our texts, so only its status can be shown.
    if not isinstance(document, dict) or "message" not in document:
        raise FailureError(code, "service_answer", service=service, status=answer.status_code)
    errors = document.get("errors") or []
    details = tuple(f"{_asked(error)}: {text_of(error.get('message'))}" for error in errors)
    raise AnsweredError(
        code,
        text_of(document["message"]),
        str(document.get("rule", "service_answer")),
        details,
        answer.status_code,
    )


def _asked(error: dict[str, Any]) -> str:
    """Return the field that a fault is about, with its value."""
    field, value = error.get("field"), error.get("value")
    return str(field) if value is None or value == "" else f"{field} = {value}"


def text_of(document: Any) -> Message:
    """Return a message from its JSON form."""
    if isinstance(document, dict):
        return Message(str(document.get("vi", "")), str(document.get("en", "")))
    return Message(str(document), str(document)) if document else message("internal")
