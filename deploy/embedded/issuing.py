"""`python -m deploy.embedded.issuing KEY PORT CLIENT`: the stack's token issuer, where its invented people sign in.

KEY is the file of its private key, CLIENT the gateway's address. As a process of its own it outlives the supervisor that
started it: a service that has not fetched the keys yet can still check tokens.
"""

import argparse
from pathlib import Path

from deploy.embedded.issuer import Issuer
from deploy.embedded.provider import Provider
from deploy.key_server import KeyServer
from deploy.ports import LOOPBACK


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="deploy.embedded.issuing")
    parser.add_argument("key", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("client")
    given = parser.parse_args()
    issuer = Issuer(given.key)
    provider = Provider(issuer, f"http://{LOOPBACK}:{given.port}", given.client)
    KeyServer(issuer.public_jwks(), given.port, provider.answer).serve()


if __name__ == "__main__":
    main()
