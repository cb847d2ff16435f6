"""Loopback TCP ports that nobody listens on."""

import random
import socket

LOOPBACK = "127.0.0.1"
# Below Linux's ephemeral range (32768 and up), so that an outgoing connection cannot take a port between
# choosing it and listening on it; above the registered ports that common servers use.
_LOW, _HIGH = 20_000, 32_000


def is_free(port: int) -> bool:
    """Return True when a listener on the loopback address can bind `port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        # Without this, a port just left by our own server counts as taken until the kernel's wait is over.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_ports(count: int, taken: frozenset[int] = frozenset()) -> list[int]:
    """`count` different free loopback ports outside `taken`; OSError when the range is exhausted."""
    chosen: list[int] = []
    # Random order: two stacks that start at the same time seldom choose the same port.
    for port in random.SystemRandom().sample(range(_LOW, _HIGH), _HIGH - _LOW):
        if len(chosen) == count:
            return chosen
        if port not in taken and is_free(port):
            chosen.append(port)
    raise OSError(f"fewer than {count} free loopback ports between {_LOW} and {_HIGH}")
