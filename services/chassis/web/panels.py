"""Small multiples as SVG text: the same line over time for many areas, all on one scale, so that they can be compared."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from services.chassis.web.charts import Datum

_ACROSS = 4
_WIDTH, _HEIGHT, _GAP, _HEAD, _FOOT = 150, 96, 14, 20, 6
_FRAME = Markup(
    '<svg class="chart panels" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}</svg>'
)
_PANEL = Markup('<g transform="translate({} {})"><title>{}</title>{}</g>')
_NAME = Markup('<text class="label" x="0" y="13">{}</text>')
_LAST = Markup('<text class="value" x="{}" y="13" text-anchor="end">{}</text>')
_AXIS = Markup('<line class="axis" x1="0" y1="{0}" x2="{1}" y2="{0}"/>')
_PATH = Markup('<polyline class="mark" fill="none" points="{}"/>')


@dataclass(frozen=True, slots=True)
class Panel:
    """One of the small charts: what it is of, and its numbers over time, at least one; what the last is written as stands above."""

    name: str
    data: Sequence[Datum]


def multiples(title: str, panels: Sequence[Panel]) -> Markup:
    """Return the panels, four in a row, each from nought to the greatest number of all; a gap where there is no number."""
    most = max((one.value or 0.0 for panel in panels for one in panel.data), default=0.0) or 1.0
    rows = -(-len(panels) // _ACROSS)
    drawn = [
        _PANEL.format(
            number % _ACROSS * (_WIDTH + _GAP), number // _ACROSS * (_HEIGHT + _GAP), *_panel(panel, most)
        )
        for number, panel in enumerate(panels)
    ]
    width, height = _ACROSS * (_WIDTH + _GAP) - _GAP, max(rows, 1) * (_HEIGHT + _GAP) - _GAP
    return _FRAME.format(width, height, title, Markup("").join(drawn))


def _panel(panel: Panel, most: float) -> tuple[str, Markup]:
    floor = _HEIGHT - _FOOT
    across, high = _WIDTH / max(len(panel.data) - 1, 1), floor - _HEAD
    runs: list[list[str]] = [[]]
    for number, one in enumerate(panel.data):
        if one.value is None:
            runs.append([])
        else:
            runs[-1].append(f"{number * across:.1f},{floor - one.value / most * high:.1f}")
    lines = [_PATH.format(" ".join(run)) for run in runs if len(run) > 1]
    parts = [
        _NAME.format(panel.name),
        _LAST.format(_WIDTH, panel.data[-1].shown),
        _AXIS.format(floor, _WIDTH),
        *lines,
    ]
    said = "; ".join(f"{one.label}: {one.shown}" for one in panel.data)
    return f"{panel.name}. {said}", Markup("").join(parts)
