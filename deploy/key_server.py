"""Serves public keys of a token issuer on the loopback address, in a thread or as a process of its own.

`python -m deploy.key_server KEYS PORT`, KEYS being a file with a JSON Web Key Set. As a process of its own it outlives
the supervisor that started it: a service that has not fetched the keys yet can still check tokens.
"""

import argparse
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from deploy.ports import LOOPBACK

KEYS_PATH = "/jwks.json"
_OPEN = ("/ready", "/live")


class KeyServer:
    """Serves one JSON Web Key Set at `url`; `/ready` and `/live` answer as those of a service do."""

    def __init__(self, keys: Mapping[str, object], port: int) -> None:
        document = json.dumps(keys).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known = self.path == KEYS_PATH
                self.send_response(200 if known or self.path in _OPEN else 404)
                self.send_header("Content-Type", "application/json")
                body = document if known else b"{}"
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Say nothing: every service asks every few minutes."""

        self.url = f"http://{LOOPBACK}:{port}{KEYS_PATH}"
        self._server = ThreadingHTTPServer((LOOPBACK, port), Handler)
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


def main() -> None:
    """Entry point of the process."""
    parser = argparse.ArgumentParser(prog="deploy.key_server")
    parser.add_argument("keys", type=Path)
    parser.add_argument("port", type=int)
    given = parser.parse_args()
    KeyServer(json.loads(given.keys.read_text(encoding="utf-8")), given.port).serve()


if __name__ == "__main__":
    main()
