"""How figures hang together, as data (``reference/data/figure-relations.csv``): wholes, parts, subsets, ratios."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from reference import FIGURES, national_table
from tablecheck.arithmetic import check_table
from tablecheck.model import Finding, Line, plain

Kind = Literal["sum", "sum_of_persons", "communes", "subset"]


@dataclass(frozen=True, slots=True)
class Relation:
    """``parts`` make up ``whole`` ("communes": all communes of the area), or lie within it ("subset").

    ``sum_of_persons``: parts may add up to more, since a person can be in several. A part in ``optional`` is what the
    others leave: without it the gap is a finding; without any other part nothing can be said.
    """

    kind: Kind
    whole: str | None
    parts: tuple[str, ...]
    optional: frozenset[str]


@lru_cache(maxsize=1)
def relations() -> tuple[Relation, ...]:
    """Return all of them."""
    found = []
    for row in national_table("figure-relations.csv"):
        named = row["parts"].split(";")
        parts = tuple(name.removeprefix("?") for name in named)
        optional = frozenset(name[1:] for name in named if name.startswith("?"))
        kind: Kind = row["relation"]  # type: ignore[assignment]
        found.append(Relation(kind, row["whole"] or None, parts, optional))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A finding about declared figures, with their codes."""

    figures: tuple[str, ...]
    finding: Finding


def contradictions(values: Mapping[str, Decimal], area: str, as_of: date) -> list[Contradiction]:
    """Return what figures declared by one agency for one area and one date or period contradict.

    ``area`` and ``as_of`` (a period's last day) say how many communes there are.
    """
    codes = list(values)
    found: dict[tuple[str, tuple[str, ...]], Contradiction] = {}
    for number, relation in enumerate(relations()):
        lines = _lines(relation, values, codes, area, as_of, f"{relation.whole} {number}")
        for finding in check_table(lines):
            # One person can be in several parts, so that a sum above the whole is no contradiction here.
            if relation.kind == "sum_of_persons" and _parts_exceed(relation, values):
                continue
            figures = tuple(dict.fromkeys(codes[row] for row in finding.numbers))
            found.setdefault((finding.rule, figures), Contradiction(figures, finding))
    for code, line in _ratios(values, codes):
        for finding in check_table([line]):
            found[finding.rule, (code,)] = Contradiction((code,), finding)
    return list(found.values())


def _lines(
    relation: Relation, values: Mapping[str, Decimal], codes: list[str], area: str, as_of: date, group: str
) -> list[Line]:
    present = [code for code in relation.parts if code in values]
    if relation.kind == "subset":
        if relation.whole is None or relation.whole not in values:
            return []
        whole = plain(values[relation.whole])
        return [
            Line(codes.index(code), FIGURES[code].vi, values[code], of=whole, role="of_which")
            for code in present
        ]
    needed = set(relation.parts) - relation.optional
    # Nothing can be said of a sum when an agency has not declared all of its parts.
    if not needed <= set(present) or (relation.kind != "communes" and relation.whole not in values):
        return []
    unit = "commune" if relation.kind == "communes" else None
    lines = [
        Line(
            codes.index(code),
            FIGURES[code].vi,
            values[code],
            group=group,
            role="other" if code in relation.optional or not relation.optional else "part",
            unit=unit,
            area=area,
            as_of=as_of,
        )
        for code in present
    ]
    if relation.whole is not None:
        name = FIGURES[relation.whole].vi
        lines.append(
            Line(codes.index(relation.whole), name, values[relation.whole], group=group, role="total")
        )
    return lines


def _parts_exceed(relation: Relation, values: Mapping[str, Decimal]) -> bool:
    assert relation.whole is not None
    return sum(values[code] for code in relation.parts if code in values) > values[relation.whole]


def _ratios(values: Mapping[str, Decimal], codes: list[str]) -> list[tuple[str, Line]]:
    """Declared percentages whose counts are declared too."""
    found = []
    for code, percent in values.items():
        figure = FIGURES[code]
        above, below = figure.numerator, figure.denominator
        if above is not None and below is not None and above in values and below in values:
            of = plain(values[below])
            found.append((code, Line(codes.index(code), figure.vi, values[above], percent, of, role="ratio")))
    return found
