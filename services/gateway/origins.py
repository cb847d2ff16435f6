"""Requests that change something come from our own pages only (Fetch Metadata, W3C; RFC 6454)."""

from fastapi import Request

from services.chassis.problems import Problem

_SAFE = ("GET", "HEAD", "OPTIONS")


def require_own_origin(request: Request) -> None:
    """Refuse (403) an unsafe request of another site's page.

    Every browser of today says where a request comes from. One that says neither this nor an origin is refused as well:
    then nothing shows that it is one of our pages.
    """
    if request.method in _SAFE:
        return
    site = request.headers.getlist("sec-fetch-site")
    own = request.headers.getlist("origin") == [request.app.state.settings.public_url]
    if not (site == ["same-origin"] if site else own):
        raise Problem.forbidden("foreign_origin")
