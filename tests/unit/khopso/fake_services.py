"""One small HTTP server that plays all four services, as far as the command line asks them."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Any]


class FakeServices:
    """`routes` maps "METHOD /path" to a function of (query, body); `calls` has every request in order."""

    def __init__(self) -> None:
        self.routes: dict[str, Callable[[dict[str, str], Any], Answer]] = {}
        self.calls: list[tuple[str, dict[str, str], Any]] = []
        self.tokens: list[str] = []
        self.purposes: list[str] = []
        self.approvals: list[str] = []
        self.traceparents: list[str] = []
        self.url = ""

    def accept_rows(self, form: str) -> None:
        """Accept every row of a form, but refuse those whose `level` is 9."""

        def take(_query: dict[str, str], body: Any) -> Answer:
            refused = [
                {
                    "row": row["row"],
                    "field": "level",
                    "value": "9",
                    "rule": "maximum",
                    "message": {"vi": "Không được lớn hơn 3", "en": "must be at most 3"},
                }
                for row in body["rows"]
                if str(row["values"].get("level")) == "9"
            ]
            return 200, {
                "form": form,
                "accepted": len(body["rows"]) - len(refused),
                "unchanged": 0,
                "corrected": 0,
                "withdrawn": 0,
                "restored": 0,
                "refused_rows": len(refused),
                "refused": refused,
                "notes": [],
            }

        self.routes[f"POST /v1/forms/{form}/records"] = take

    def problem(self, route: str, status: int, rule: str) -> None:
        """Answer a route with a problem document."""
        document = {
            "type": f"urn:khopso:problem:{rule}",
            "status": status,
            "rule": rule,
            "message": {"vi": "Không được", "en": "not so"},
            "errors": [
                {"field": "as_of", "value": "?", "rule": rule, "message": {"vi": "ngày", "en": "day"}}
            ],
        }
        self.routes[route] = lambda _query, _body: (status, document)


@contextmanager
def serving(fake: FakeServices) -> Iterator[FakeServices]:
    """Serve on a loopback port while the context is open."""

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            split = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(split.query).items()}
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            route = f"{self.command} {split.path}"
            fake.calls.append((route, query, body))
            fake.tokens.append(self.headers.get("Authorization", ""))
            fake.purposes.append(self.headers.get("Khopso-Purpose", ""))
            fake.approvals.append(self.headers.get("Khopso-Approval", ""))
            fake.traceparents.append(self.headers.get("traceparent", ""))
            known = fake.routes.get(route)
            status, document = known(query, body) if known else (404, {"detail": "unknown"})
            payload = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            with suppress(ConnectionError):  # who asked may have given up waiting
                self.end_headers()
                self.wfile.write(payload)

        do_GET = do_POST = _handle  # noqa: N815

        def log_message(self, *args: object) -> None:
            """Tests stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
