"""Charts as SVG text, drawn by the server: classes instead of styles, a title on every mark; the table beneath is the page's.

Functions of their data alone: the same data is drawn the same. Numbers come with the text that people read (``shown``),
because how it is written depends on the language.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, log10

from markupsafe import Markup

_WIDTH = 640
_LABELS = 250
_NUMBERS = 80
_ROW = 34
_HEIGHT, _LEFT, _TOP, _FOOT = 240, 56, 16, 30
_LEAST_SPANS = 2

_FRAME = Markup(
    '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}</svg>'
)
_RECT = Markup(
    '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
)
_TEXT = Markup('<text class="{}" x="{:.1f}" y="{:.1f}"{}>{}</text>')
_LINE = Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>')
_PATH = Markup('<polyline class="mark" fill="none" points="{}"/>')
_BAND = Markup('<polygon class="band" points="{}"/>')
_DOT = Markup('<circle class="mark" cx="{:.1f}" cy="{:.1f}" r="3.5"><title>{}</title></circle>')
_AT_END = Markup(' text-anchor="end"')


@dataclass(frozen=True, slots=True)
class Datum:
    """One number of a chart: what it is of, and how it is written. None is drawn as a gap."""

    label: str
    value: float | None
    shown: str


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a waterfall: a total that stands by itself, or what is added to (or taken from) what was before."""

    label: str
    value: float
    shown: str
    total: bool = False


def bars(title: str, data: Sequence[Datum]) -> Markup:
    """Return bars from nought, one line each; of numbers below nought they go to the left."""
    return _spans(title, [(each.label, each.shown, 0.0, each.value or 0.0, "mark") for each in data])


def waterfall(title: str, steps: Sequence[Step], base: float = 0.0) -> Markup:
    """Return the way from one total to another; each step begins where the one before ended.

    Totals are drawn from ``base``: between large totals small steps are seen only where the axis is cut, which the page says.
    """
    spans, at = [], base
    for step in steps:
        before, at = (base, step.value) if step.total else (at, at + step.value)
        kind = "mark" if step.total else "more" if step.value >= 0 else "less"
        spans.append((step.label, step.shown, before, at, kind))
    return _spans(title, spans, base)


def cut_of(steps: Sequence[Step]) -> float:
    """Return where the axis of a waterfall is cut: 0 where its steps are seen anyway, else a round number below all of them.

    Example: from 601 over -9 to 592 the axis begins at 580.
    """
    ends, at = [], 0.0
    for step in steps:
        at = step.value if step.total else at + step.value
        ends.append(at)
    least, most = min(ends, default=0.0), max(ends, default=0.0)
    spread = most - least
    # Steps that take a third of the axis are seen well without cutting it.
    if least <= 0 or spread == 0 or spread * 3 >= most:
        return 0.0
    size = 10.0 ** floor(log10(spread))
    return max(floor((least - spread) / size) * size, 0.0)


def _spans(title: str, spans: Sequence[tuple[str, str, float, float, str]], base: float = 0.0) -> Markup:
    ends = [base, *(end for _, _, first, last, _ in spans for end in (first, last))]
    least, most = min(ends), max(ends)
    scale = (_WIDTH - _LABELS - _NUMBERS) / ((most - least) or 1)
    parts = [_LINE.format("axis", *_upright(_LABELS + (base - least) * scale, len(spans) * _ROW))]
    for number, (label, shown, first, last, kind) in enumerate(spans):
        y = number * _ROW
        left, width = _LABELS + (min(first, last) - least) * scale, abs(last - first) * scale
        parts.append(_TEXT.format("label", _LABELS - 10, y + 21, _AT_END, label))
        parts.append(_RECT.format(kind, left, y + 6, width, _ROW - 12, f"{label}: {shown}"))
        parts.append(_TEXT.format("value", left + width + 6, y + 21, "", shown))
    return _FRAME.format(_WIDTH, len(spans) * _ROW, title, Markup("").join(parts))


def _upright(x: float, height: float) -> tuple[float, float, float, float]:
    return x, 0, x, height


def line(title: str, data: Sequence[Datum], band: Sequence[tuple[float, float] | None] = ()) -> Markup:
    """Return a line over time, from nought to the greatest number; a gap where there is no number.

    ``band`` is between which two numbers each of them may lie; the page says in its table what it means.
    """
    known = [each for each in data if each.value is not None]
    ends = [end for span in band if span is not None for end in span]
    most = max([*(each.value or 0.0 for each in known), *ends], default=0.0) or 1.0
    across = (_WIDTH - _LEFT - _TOP) / max(len(data) - 1, 1)
    ground = _HEIGHT - _FOOT
    places = [
        None
        if each.value is None
        else (_LEFT + number * across, ground - each.value / most * (ground - _TOP))
        for number, each in enumerate(data)
    ]
    parts = _band(
        [(number, span) for number, span in enumerate(band) if span is not None], across, ground, most
    )
    parts += [_LINE.format("axis", _LEFT, ground, _WIDTH - _TOP, ground)]
    parts += [
        _PATH.format(" ".join(f"{x:.1f},{y:.1f}" for x, y in run)) for run in _runs(places) if len(run) > 1
    ]
    for each, place in zip(data, places, strict=True):
        if place is not None:
            parts.append(_DOT.format(*place, f"{each.label}: {each.shown}"))
    parts += _scale(data, max(known, key=lambda each: each.value or 0.0, default=None), ground, most)
    return _FRAME.format(_WIDTH, _HEIGHT, title, Markup("").join(parts))


def _band(
    spans: Sequence[tuple[int, tuple[float, float]]], across: float, ground: float, most: float
) -> list[Markup]:
    """Return the band as one shape: along its upper ends, and back along the lower ones."""
    if len(spans) < _LEAST_SPANS:
        return []
    corners = [(number, upper) for number, (_, upper) in spans] + [
        (number, lower) for number, (lower, _) in spans[::-1]
    ]
    places = (
        f"{_LEFT + number * across:.1f},{ground - value / most * (ground - _TOP):.1f}"
        for number, value in corners
    )
    return [_BAND.format(" ".join(places))]


def _runs(places: Sequence[tuple[float, float] | None]) -> Iterator[list[tuple[float, float]]]:
    """Yield the stretches without a gap."""
    run: list[tuple[float, float]] = []
    for place in [*places, None]:
        if place is not None:
            run.append(place)
        elif run:
            yield run
            run = []


def _scale(data: Sequence[Datum], top: Datum | None, ground: float, most: float) -> list[Markup]:
    """Return what the axes say: nought and the greatest number, the first and the last label."""
    parts = [_TEXT.format("value", _LEFT - 8, ground + 5, _AT_END, "0")]
    if top is not None and top.value:
        parts.append(
            _TEXT.format(
                "value", _LEFT - 8, ground - top.value / most * (ground - _TOP) + 5, _AT_END, top.shown
            )
        )
    if data:
        parts.append(_TEXT.format("label", _LEFT, _HEIGHT - 6, "", data[0].label))
    if len(data) > 1:
        parts.append(_TEXT.format("label", _WIDTH - _TOP, _HEIGHT - 6, _AT_END, data[-1].label))
    return parts
