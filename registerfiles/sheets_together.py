"""The sheets of one file judged together: a column has one decimal sign and one order of day and month on all. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from contracts.forms import Kind
from registerfiles.judging import (
    DATES,
    Seen,
    Verdict,
    days_of,
    read_points,
    signs_of,
    swapped,
    tell_swapped,
    told,
)
from registerfiles.parts import Part

_Places = Sequence[tuple[Part, Seen]]
"""One column on the sheets of a file."""


def judge_together(parts: Sequence[Part]) -> None:
    """Add to the sheets what they show of a column together and not alone.

    Example: ``0.350`` in January proves a decimal point, so that ``1.250``, which stands alone in February, is no thousand.
    """
    if len(parts) < 2:
        return
    for places in _columns(parts).values():
        kind = places[0][1].column.kind
        if kind is Kind.DECIMAL:
            _decimals(places)
        elif kind in DATES:
            _dates(places)


def _columns(parts: Sequence[Part]) -> Mapping[str, _Places]:
    found: dict[str, list[tuple[Part, Seen]]] = defaultdict(list)
    for part in parts:
        for seen in part.seen.values():
            found[seen.column.id].append((part, seen))
    return found


def _decimals(places: _Places) -> None:
    """Have numbers that can be read both ways read as the other sheets write them; where those differ, stop the file."""
    signs = [signs_of(seen) for _, seen in places]
    proof = next((each.point[0] for each in signs if each.point), None)
    if proof is None:
        return
    differ = any(each.against for each in signs)
    for (part, seen), found in zip(places, signs, strict=True):
        # A sheet that shows its sign itself is judged already.
        if not found.either or found.point or found.against:
            continue
        verdict = Verdict(convert=part.verdict.convert)
        if differ:
            verdict.stops.append(told(seen, [*found.either], "decimals_both_signs"))
        else:
            read_points(seen, found, verdict, proof)
        _add(part, verdict)


def _dates(places: _Places) -> None:
    """Tell of a column whose real dates stand on one sheet and whose texts stand on another."""
    days = [days_of(seen) for _, seen in places]
    if any(each.month_first or swapped([each]) for each in days):
        return
    rule = swapped(days)
    for (part, seen), found in zip(places, days, strict=True):
        if rule is not None and found.real:
            verdict = Verdict()
            tell_swapped(seen, found, rule, verdict)
            _add(part, verdict)


def _add(part: Part, verdict: Verdict) -> None:
    part.stops += (replace(stop, sheet=part.sheet.name) for stop in verdict.stops)
    part.notes += (replace(note, sheet=part.sheet.name) for note in verdict.notes)
