"""A Kafka broker's readiness, asked on the wire by the two oldest requests of the protocol."""

import socket
import struct

from deploy.ports import LOOPBACK

_METADATA = 3
_METADATA_VERSION = 1
_CLIENT = b"khopso-probe"
_CORRELATION = 138
_MAX_ANSWER_BYTES = 10_000_000


def _exchange(port: int, api_key: int, api_version: int, body: bytes, timeout_seconds: float) -> bytes:
    header = struct.pack(">hhih", api_key, api_version, _CORRELATION, len(_CLIENT)) + _CLIENT
    request = header + body
    with socket.create_connection((LOOPBACK, port), timeout=timeout_seconds) as sock:
        sock.sendall(struct.pack(">i", len(request)) + request)
        size = struct.unpack(">i", _read(sock, 4))[0]
        # Another program may listen on this port: its first bytes must not make us wait for gigabytes.
        if not 4 <= size <= _MAX_ANSWER_BYTES:
            raise ConnectionError("no Kafka broker listens here")
        answer = _read(sock, size)
    if struct.unpack(">i", answer[:4])[0] != _CORRELATION:
        raise ConnectionError("no Kafka broker listens here")
    return answer[4:]


def _read(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = sock.recv(size - len(data))
        if not part:
            raise ConnectionError("the broker closed the connection")
        data += part
    return data


def known_brokers(port: int, timeout_seconds: float = 2.0) -> int:
    """Return the number of brokers that the broker on loopback `port` lists; 0 while none answers there."""
    no_topics = struct.pack(">i", 0)
    try:
        body = _exchange(port, _METADATA, _METADATA_VERSION, no_topics, timeout_seconds)
        return int(struct.unpack(">i", body[:4])[0])
    except (OSError, struct.error):
        return 0
