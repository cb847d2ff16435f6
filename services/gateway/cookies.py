"""The cookies of the gateway. No script can read them, and no other site's form sends them."""

from fastapi import Request, Response

from services.gateway import signing_in
from services.gateway.language import COOKIE as LANGUAGE
from services.gateway.settings import GatewaySettings

_YEAR_SECONDS = 365 * 86_400


class Cookies:
    """Reads and writes the cookies of one gateway.

    Over https their names begin with ``__Host-``: a browser takes such a cookie from this host alone. On the loopback
    address over http no browser takes it at all, so there they are called plainly.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        self._secure = settings.secure
        self._prefix = "__Host-" if settings.secure else ""
        self.session_name = f"{self._prefix}khopso-session"

    def session(self, request: Request) -> str | None:
        """Return the value of the session's cookie."""
        return request.cookies.get(self.session_name)

    def begin_session(self, response: Response, value: str) -> None:
        """Give the browser its session; it forgets it when it is closed."""
        self._set(response, self.session_name, value, None)

    def end_session(self, response: Response) -> None:
        """Have the browser forget its session."""
        self._forget(response, self.session_name)

    def attempt(self, request: Request, name: str) -> str | None:
        """Return the sealed attempt to sign in of that name."""
        return request.cookies.get(self._attempt_name(name))

    def begin_attempt(self, response: Response, name: str, value: str) -> None:
        """Give the browser an attempt to sign in, for as long as it may take."""
        self._set(response, self._attempt_name(name), value, signing_in.SECONDS)

    def end_attempt(self, response: Response, name: str) -> None:
        """Have the browser forget the attempt."""
        self._forget(response, self._attempt_name(name))

    def speak(self, response: Response, language: str) -> None:
        """Have the browser remember the language of its pages."""
        self._set(response, LANGUAGE, language, _YEAR_SECONDS)

    def _attempt_name(self, name: str) -> str:
        return f"{self._prefix}khopso-sign-in-{name}"

    def _set(self, response: Response, name: str, value: str, seconds: int | None) -> None:
        # Lax and not strict: the provider's way back to ``/callback`` begins on another site, and the attempt must come
        # along.
        response.set_cookie(
            name, value, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="lax"
        )

    def _forget(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self._secure, httponly=True, samesite="lax")
