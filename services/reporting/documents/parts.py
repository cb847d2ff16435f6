"""The vocabulary in which reports are written down as data (``catalogue``). Pure.

Prose holds numbers as placeholders, never as text:

- ``{figure}``: the figure's number, as ``{registry.users}``;
- ``{figure|of=figure}``: its share of another (or of a sum, ``a+b``), in percent;
- ``{figure|less=figure,figure}``: what remains of it after others;
- ``{figure|change}``: how it moved against the year before, as a clause with its own comma; nothing without data;
- ``{figure|when}``: the day or the period it is about, in words.

- ``{figure|mass}``: a mass with its unit, from a kilogram on in kilograms;

Words in square brackets are left out where a number in them has no value, ``[?…]`` also where none of them is more than zero: a
report says nothing of what did not happen. A sentence thus cannot say a number that was not computed, and each number printed brings its note along.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from reference import FIGURES

LeftOut = Literal["", "value", "some"]
"""Whether words are left out: never, without a value of every number, or where no number is more than zero."""
_PLACEHOLDER = re.compile(r"\{([a-z0-9_.]+)(?:\|([a-z]+)(?:=([a-z0-9_.,+]+))?)?\}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A number in prose: a figure and what is said of it (``""``, ``of``, ``less``, ``change``, ``when``, ``mass``)."""

    figure: str
    verb: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """A heading below the section's own."""

    text: str


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph, or with ``item`` an entry of a list."""

    text: str
    item: bool = False

    def pieces(self) -> Iterator[str | Placeholder]:
        """Yield the words and the placeholders, in order, without regard to brackets."""
        for _, pieces in self.segments():
            yield from pieces

    def segments(self) -> Iterator[tuple[LeftOut, list[str | Placeholder]]]:
        """Yield the text in parts: without which numbers the part is left out, and its words and placeholders."""
        for at, part in enumerate(re.split(r"[\[\]]", self.text)):
            if part:
                left_out: LeftOut = "" if at % 2 == 0 else "some" if part.startswith("?") else "value"
                yield left_out, list(_pieces(part.removeprefix("?") if left_out else part))


def _pieces(text: str) -> Iterator[str | Placeholder]:
    at = 0
    for found in _PLACEHOLDER.finditer(text):
        if found.start() > at:
            yield text[at : found.start()]
        yield Placeholder(found[1], found[2] or "", tuple(found[3].split(",")) if found[3] else ())
        at = found.end()
    if at < len(text):
        yield text[at:]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table of indicators. ``of`` is the base of its share; ``sub`` is set in under the row above."""

    figure: str
    of: str | None = None
    sub: bool = False
    label: str = ""

    @property
    def name(self) -> str:
        """Return what the row is called."""
        return self.label or FIGURES[self.figure].vi


@dataclass(frozen=True, slots=True)
class Indicators:
    """A table with one figure per row: value, share, the year before, change."""

    key: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Areas:
    """A table with one area per row and one figure per column; columns as (figure, heading).

    ``by`` is ``area`` (the children of the area asked) or ``commune``.
    """

    key: str
    title: str
    columns: tuple[tuple[str, str], ...]
    by: str = "area"


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A table with one value of a dimension per row and one or several figures that have it."""

    key: str
    title: str
    by: str
    columns: tuple[tuple[str, str], ...]
    names: Mapping[str, str]
    heading: str
    shares: bool = True


Part = Head | Prose | Indicators | Areas | Breakdown


@dataclass(frozen=True, slots=True)
class Section:
    """A field of a report. ``owned_by`` keeps it to the days on which that agency answers for ``figure``.

    ``annex`` is its table by commune, printed behind the signature.
    """

    title: str
    parts: tuple[Part, ...]
    annex: Areas | None = None
    figure: str = ""
    owned_by: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A report as data: who issues it, what it is called, what it holds.

    ``subject`` and ``opening`` take ``{label}`` (năm 2023), ``{area}`` (tỉnh Hải Dương) and ``{office}``.
    """

    name: str
    vi: str
    en: str
    office: str
    subject: str
    opening: str
    sections: tuple[Section, ...] = ()
    declared: bool = False


def figures_of(part: Part) -> Iterator[str]:
    """Yield every figure that a part prints, ratios by their own code."""
    if isinstance(part, Prose):
        for piece in part.pieces():
            if isinstance(piece, Placeholder):
                yield piece.figure
                yield from (part for other in piece.others for part in other.split("+"))
    elif isinstance(part, Indicators):
        for line in part.lines:
            yield line.figure
            if line.of:
                yield from line.of.split("+")
    elif isinstance(part, Areas | Breakdown):
        yield from (figure for figure, _ in part.columns)
