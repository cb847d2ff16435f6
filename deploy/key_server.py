"""Serves public keys of a token issuer on the loopback address, and whatever else its owner answers there."""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from deploy.ports import LOOPBACK

KEYS_PATH = "/jwks.json"
_OPEN = ("/ready", "/live")
_BODY_LIMIT = 32_768
_LENGTH = re.compile("[0-9]{1,6}")
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its fields are those of the query, or of the form in the body of a POST."""

    method: str
    path: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered to a request."""

    status: int
    body: bytes = b"{}"
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


NOT_FOUND = Reply(404)
Answer = Callable[[Asked], Reply]


class KeyServer:
    """Serves one JSON Web Key Set at `url`; `/ready` and `/live` answer as those of a service do.

    ``answer`` gives the replies to all other requests.
    """

    def __init__(self, keys: Mapping[str, object], port: int, answer: Answer = lambda _: NOT_FOUND) -> None:
        self.url = f"http://{LOOPBACK}:{port}{KEYS_PATH}"
        self._server = ThreadingHTTPServer((LOOPBACK, port), _handler(keys, port, answer))
        self._thread = threading.Thread(target=self.serve, name="keys", daemon=True)

    def serve(self) -> None:
        """Serve until `stop`, in the calling thread."""
        self._server.serve_forever()

    def start(self) -> None:
        """Serve in a thread, which does not keep its process alive."""
        self._thread.start()

    def stop(self) -> None:
        """End what `start` began."""
        self._server.shutdown()
        self._server.server_close()


def _handler(keys: Mapping[str, object], port: int, answer: Answer) -> type[BaseHTTPRequestHandler]:
    fixed = {KEYS_PATH: Reply(200, json.dumps(keys).encode()), **dict.fromkeys(_OPEN, Reply(200))}
    # A name that somebody else's DNS points to this machine must not make us a site of his.
    hosts = {f"{LOOPBACK}:{port}", f"localhost:{port}"}

    class Handler(BaseHTTPRequestHandler):
        # Each connection has a thread: one that says nothing more must not keep its own for ever.
        timeout = _SECONDS

        def do_GET(self) -> None:
            self._reply(self._asked("GET", urlsplit(self.path).query))

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not _LENGTH.fullmatch(length) or int(length) > _BODY_LIMIT:
                self._send(Reply(413))
                return
            self._reply(self._asked("POST", self.rfile.read(int(length)).decode("utf-8", "replace")))

        def _asked(self, method: str, text: str) -> Asked:
            fields = parse_qsl(text, keep_blank_values=True)
            return Asked(method, urlsplit(self.path).path, tuple(fields))

        def _reply(self, asked: Asked) -> None:
            if self.headers.get("Host") not in hosts:
                self._send(Reply(421))
            elif asked.method == "GET" and asked.path in fixed:
                self._send(fixed[asked.path])
            else:
                self._send(answer(asked))

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *args: object) -> None:
            """Say nothing: every service asks every few minutes."""

    return Handler
