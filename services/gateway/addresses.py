"""Which addresses of its own the gateway takes: strictly, since what it passes on is read again by another program."""

import re
from urllib.parse import unquote_to_bytes

_PATH = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)+")
_QUERY = re.compile(r"[!-~]*")
_LONGEST = 2_000
# A separator that comes out of an escape, or an escape of an escape, would be another path to who reads it next.
_NEVER_ESCAPED = frozenset(b"/\\%")


def is_plain_path(path: str) -> bool:
    """Return whether a path, as it stands in the request line, means the same to everybody who reads it."""
    if not _PATH.fullmatch(path):
        return False
    # An empty part is refused too: to a browser ``//name`` is another host. Only the end may be empty, as in
    # ``/registry/``.
    *segments, last = path.split("/")[1:]
    return all(map(_is_plain_segment, segments)) and (not last or _is_plain_segment(last))


def _is_plain_segment(segment: str) -> bool:
    read = unquote_to_bytes(segment)
    if not read or read in (b".", b"..") or _NEVER_ESCAPED & set(read):
        return False
    try:
        return read.decode().isprintable()
    except UnicodeDecodeError:
        return False


def own_address(given: str | None) -> str:
    """Return a path of ours, with its query, to which a browser may be sent; ``/`` for anything else."""
    path, _, query = (given or "").partition("?")
    # Browsers read a backslash as a slash and cut an address at ``#``: both would lead elsewhere than was looked at.
    fits = len(given or "") <= _LONGEST and is_plain_path(path) and _QUERY.fullmatch(query)
    return given or "/" if fits and "#" not in query and "\\" not in query else "/"
