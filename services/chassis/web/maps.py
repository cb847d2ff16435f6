"""Maps as SVG text, drawn by the server: one shape for each area, shaded by a class; the list beside it is the page's.

Functions of their data alone. The map repeats what the list says, so it is hidden from readers of screens, and its links
are none that the keyboard stops at; whoever points at a shape reads its title.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from services.chassis.web.outlines import Outline

_MARGIN = 8
_FRAME = Markup(
    '<svg class="map" viewBox="{} {} {} {}" role="presentation" aria-hidden="true" focusable="false">{}</svg>'
)
_SHAPE = Markup('<path class="{}" d="{}"><title>{}</title></path>')
_LINKED = Markup('<a href="{}" tabindex="-1">{}</a>')
_SIGN = Markup(
    '<svg class="map sign" viewBox="0 0 24 16" aria-hidden="true" focusable="false">'
    '<path class="{}" d="M1 1h22v14h-22z"/></svg>'
)


@dataclass(frozen=True, slots=True)
class Land:
    """One area of a map: its outline, its class (``shade-0`` … ``shade-4``, ``hidden``, ``none``), title and address."""

    outline: Outline
    shade: str
    title: str
    href: str = ""


def shaded(lands: Sequence[Land]) -> Markup:
    """Return the map of these areas, as large as they are; an empty text where there are none."""
    if not lands:
        return Markup("")
    boxes = list(zip(*(land.outline.box for land in lands), strict=True))
    left, top = min(boxes[0]) - _MARGIN, min(boxes[1]) - _MARGIN
    width, height = max(boxes[2]) + _MARGIN - left, max(boxes[3]) + _MARGIN - top
    return _FRAME.format(left, top, width, height, Markup("").join(map(_shape, lands)))


def _shape(land: Land) -> Markup:
    # The path is digits and letters that were made here, so nothing of it is to be escaped.
    drawn = _SHAPE.format(land.shade, Markup(land.outline.path), land.title)
    return _LINKED.format(land.href, drawn) if land.href else drawn


def sign(shade: str) -> Markup:
    """Return what a class looks like, for the legend."""
    return _SIGN.format(shade)
