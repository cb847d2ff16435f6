"""A gateway in this process, with the embedded stack's provider and a service that tells what it was asked."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from deploy.embedded.issuer import Issuer
from deploy.embedded.people import people
from deploy.embedded.provider import Provider
from deploy.embedded.state import AUDIENCE, CLIENT_ID, ISSUER
from deploy.key_server import KEYS_PATH, Asked
from services.gateway.app import create_gateway_app
from services.gateway.gateway import Gateway
from services.gateway.settings import GatewaySettings
from tests.support.platform import FIELD_KEYS

PROVIDER, PUBLIC = "http://127.0.0.1:20001", "http://127.0.0.1:20002"
WHO = "official.commune_police"
SESSION = "khopso-session"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class World:
    """A clock, a provider, services and a gateway. Tests move the clock, take the provider away, change its answers."""

    def __init__(self, database_url: str, key: Path, **given: Any) -> None:
        self.now = datetime.now(UTC)
        self.issuer = Issuer(key, lambda: self.now.timestamp())
        self.provider = Provider(self.issuer, PROVIDER, PUBLIC, lambda: self.now.timestamp())
        self.provider_away = False
        self.provider_asked: list[str] = []
        self.change_tokens: Callable[[dict[str, Any]], dict[str, Any]] = lambda document: document
        self.before_token: Callable[[], Any] = lambda: asyncio.sleep(0)
        self.services: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(200, text="page")
        self.asked: list[httpx.Request] = []
        self.settings = GatewaySettings(
            **(
                {
                    "database_url": database_url,
                    "field_keys": FIELD_KEYS,
                    "field_key_current": "k1",
                    "jwks_url": f"{PROVIDER}{KEYS_PATH}",
                    "token_issuer": ISSUER,
                    "token_audience": AUDIENCE,
                    "public_url": PUBLIC,
                    "oidc_issuer": PROVIDER,
                    "oidc_client_id": CLIENT_ID,
                    "registry_url": "http://registry.test:1",
                    "treatment_url": "http://treatment.test:1",
                    "incidents_url": "http://incidents.test:1",
                    "reporting_url": "http://reporting.test:1",
                }
                | given
            )
        )
        self.gateway = Gateway.of(
            self.settings,
            client=httpx.AsyncClient(transport=httpx.MockTransport(self._provider)),
            services=httpx.MockTransport(self._service),
            clock=lambda: self.now,
        )
        self.app = create_gateway_app(self.gateway)

    def later(self, **given: float) -> None:
        """Let time pass."""
        self.now += timedelta(**given)

    async def _provider(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.provider_asked.append(path)
        if self.provider_away:
            raise httpx.ConnectError("away")
        if path == KEYS_PATH:
            return httpx.Response(200, json=self.issuer.public_jwks())
        text = request.content.decode() if request.method == "POST" else request.url.query.decode()
        reply = self.provider.answer(Asked(request.method, path, tuple(parse_qsl(text))))
        if path != "/token":
            return httpx.Response(reply.status, content=reply.body)
        await self.before_token()
        answered = httpx.Response(reply.status, content=reply.body)
        return (
            httpx.Response(200, json=self.change_tokens(answered.json())) if answered.is_success else answered
        )

    async def _service(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.asked.append(request)
        answer = self.services(request)
        # Not read yet, as it comes from a service.
        return httpx.Response(
            answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content)
        )

    def in_flight(self) -> float | None:
        """How many requests the gateway is answering."""
        return self.gateway.metrics.registry.get_sample_value("khopso_http_in_flight_requests")

    def tokens_asked(self) -> int:
        """How often the provider was asked for tokens."""
        return self.provider_asked.count("/token")

    def choose(self, address: str, who: str = WHO) -> str:
        """What a person does at the provider: the address that leads back to the gateway."""
        fields = (*parse_qsl(urlsplit(address).query), ("person", who))
        return self.provider.answer(Asked("GET", "/authorize", fields)).headers["Location"]

    def browser(self, **headers: str) -> "Browser":
        """A browser without cookies."""
        return Browser(self, headers)

    async def close(self) -> None:
        await self.gateway.close()


class Browser:
    """A browser of one person: it keeps cookies and says where its requests come from."""

    def __init__(self, world: World, headers: dict[str, str]) -> None:
        self.world = world
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(world.app),
            base_url=world.settings.public_url,
            headers={"Accept": "text/html", "Accept-Language": "vi", **headers},
        )

    @property
    def session(self) -> str | None:
        """The value of its session's cookie."""
        return self.http.cookies.get(SESSION) or self.http.cookies.get(f"__Host-{SESSION}")

    async def get(self, address: str, **headers: str) -> httpx.Response:
        """The answer to a link."""
        return await self.http.get(address, headers=headers)

    async def post(
        self, address: str, fields: dict[str, str] | None = None, **headers: str
    ) -> httpx.Response:
        """The answer to a form of our own page, unless the headers say otherwise."""
        given = {name.replace("_", "-"): value for name, value in headers.items()} or SAME_ORIGIN
        return await self.http.post(address, data=fields or {}, headers=given)

    async def post_parts(
        self, address: str, fields: dict[str, str], file: str, name: str = "", content: bytes = b""
    ) -> httpx.Response:
        """The answer to a form of our own page with one field of files, which browsers send also where none was chosen."""
        boundary = "----of-parts"
        parts = [f'name="{field}"\r\n\r\n{value}'.encode() for field, value in fields.items()]
        head = f'name="{file}"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        before = f"--{boundary}\r\nContent-Disposition: form-data; ".encode()
        body = b"".join(before + part + b"\r\n" for part in (*parts, head.encode() + content))
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        end = f"--{boundary}--\r\n".encode()
        return await self.http.post(address, content=body + end, headers={**SAME_ORIGIN, **kind})

    async def begin(self, back: str = "/", more: str = "") -> str:
        """Where it is sent to sign in."""
        sent = await self.http.get("/sign-in", params=dict([("return_to", back), *parse_qsl(more)]))
        assert sent.status_code == 303
        return sent.headers["Location"]

    async def sign_in(self, who: str = WHO, back: str = "/", more: str = "") -> httpx.Response:
        """Sign in as one of the invented people; the answer that leads into the pages."""
        return await self.get(self.world.choose(await self.begin(back, more), who))


def subject_of(who: str) -> str:
    """The name in tokens of one of the invented people."""
    return people()[who].subject
