"""Styles, script and fonts of the pages, served under names with their hash, so that browsers may keep them for ever."""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import FastAPI, Request, Response

from services.chassis.problems import Problem

FOLDER = Path(__file__).parent / "assets"
PREFIX = "/assets/"
_SERVED = {".css", ".js", ".svg", ".woff2"}
_PACKED = {".css", ".js", ".svg"}  # fonts are packed already
_YEAR = "public, max-age=31536000, immutable"
_URL = re.compile(r'url\("([^"]+)"\)')


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it goes out: its name with the hash, its bytes, and the same packed where that saves something."""

    name: str
    content: bytes
    packed: bytes | None
    media_type: str


@lru_cache(maxsize=1)
def _assets() -> Mapping[str, Asset]:
    """Return the files by their plain names. Style sheets come last, because they name fonts with their hashes."""
    paths = sorted(FOLDER.iterdir(), key=lambda path: (path.suffix == ".css", path.name))
    found: dict[str, Asset] = {}
    for path in paths:
        if path.suffix in _SERVED:
            found[path.name] = _asset(path, found)
    return found


def _asset(path: Path, known: Mapping[str, Asset]) -> Asset:
    content = path.read_bytes()
    if path.suffix == ".css":
        named = _URL.sub(lambda found: f'url("{PREFIX}{known[found[1]].name}")', content.decode())
        content = named.encode()
    digest = hashlib.sha256(content).hexdigest()[:16]
    media_type = mimetypes.guess_type(path.name)[0] or "font/woff2"
    # No time in its head: every process packs the same bytes.
    packed = gzip.compress(content, 9, mtime=0) if path.suffix in _PACKED else None
    return Asset(f"{path.stem}.{digest}{path.suffix}", content, packed, media_type)


def asset(name: str) -> str:
    """Return the address of a file: ``asset("style.css")`` → ``/assets/style.3f….css``.

    Raises:
        KeyError: there is no such file.
    """
    return PREFIX + _assets()[name].name


def add_assets(app: FastAPI) -> None:
    """Add the route of the files to an application: open to everybody, because they say nothing of anybody."""

    @app.get(PREFIX + "{name}", include_in_schema=False, operation_id="get_asset")
    async def get_asset(name: str, request: Request) -> Response:
        found = next((each for each in _assets().values() if each.name == name), None)
        if found is None:
            raise Problem.not_found()
        # Vary also where nothing is packed: a cache on the way must not give packed bytes to who cannot open them.
        headers = {"Cache-Control": _YEAR, "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
        if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(
                found.packed, media_type=found.media_type, headers={**headers, "Content-Encoding": "gzip"}
            )
        return Response(found.content, media_type=found.media_type, headers=headers)
