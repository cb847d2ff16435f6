"""What a table's own numbers contradict: sums, shares, rounding, bases. Pure, and the same for every table.

One rounding rule holds: half up, at the printed number of decimals. A table that follows it has no findings.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from tablecheck.bases import PARTS, Bases, Group, communes, groups_of
from tablecheck.model import Finding, Line, explain, places, plain, rounded, share, truncated
from texts import Message

_HALF = Decimal("0.5")


def check_table(lines: Sequence[Line]) -> list[Finding]:
    """Return every finding, by row."""
    groups = groups_of(lines)
    bases = Bases(lines, groups)
    found: list[Finding] = list(_open_totals(lines))
    for group in groups.values():
        sums = list(_sums(group))
        wrong = [finding for line in group.parts for finding in _percent(line, bases, group)]
        # One finding for one fault: where the counts do not add up, their shares cannot either.
        found += [*sums, *wrong, *_shares_together(group, bases, sums_hold=not sums, wrong=wrong)]
        found += _precision(group, bases, {number for finding in wrong for number in finding.numbers})
    for line in lines:
        in_group = line.group is not None and line.role in PARTS
        if not in_group:
            found += _percent(line, bases, None)
        found += _base(line, bases)
    return sorted(found, key=lambda finding: (finding.numbers, finding.rule))


def _open_totals(lines: Sequence[Line]) -> Iterator[Finding]:
    """Several totals and no group: which lines make up which total is not said, so nothing of them was added up."""
    totals = [line for line in lines if line.role == "total"]
    open_parts = [line for line in lines if line.role in PARTS and line.of is None]
    if len(totals) < 2 or not open_parts or any(line.group is not None for line in lines):
        return
    numbers, labels = tuple(line.number for line in totals), tuple(line.label for line in totals)
    text = explain("table.totals_open", labels="; ".join(f"“{label}”" for label in labels))
    yield Finding("table.totals_open", numbers, labels, "value", None, None, "notice", text)


def _sums(group: Group) -> Iterator[Finding]:
    """Parts against their whole: the total that is printed, or the communes that there are."""
    total = group.sum
    counted = next((number for line in group.parts if (number := communes(line)) is not None), None)
    if total is None or (len(group.parts) < 2 and counted is None):
        return
    if counted is not None:
        if total != counted:
            yield _communes(group, total, counted)
        return
    whole = None if group.total is None else group.total.value
    if whole is None or abs(total - whole) <= _tolerance(group, whole):
        return
    assert group.total is not None
    numbers = (*group.numbers, group.total.number)
    labels = (*group.labels, group.total.label)
    sum_ = " + ".join(plain(line.value or Decimal()) for line in group.parts)
    # A sum that is too low may only lack the line of the rest: then that line is named, no wrong number.
    if total < whole and not group.has_other:
        rest = whole - total
        text = explain(
            "table.other_missing",
            sum=sum_,
            total=total,
            whole=whole,
            rest=rest,
            percent=rounded(share(rest, whole), 1),
        )
        yield Finding(
            "table.other_missing", numbers, labels, "value", plain(total), plain(rest), "error", text
        )
        return
    text = explain("table.parts_sum", sum=sum_, total=total, whole=whole, difference=total - whole)
    yield Finding("table.parts_sum", numbers, labels, "value", plain(whole), plain(total), "error", text)


def _communes(group: Group, total: Decimal, counted: int) -> Finding:
    sum_ = " + ".join(plain(line.value or Decimal()) for line in group.parts)
    rule = "table.communes_missing" if total < counted else "table.communes_too_many"
    text = explain(rule, sum=sum_, total=total, whole=counted, difference=abs(counted - total))
    return Finding(rule, group.numbers, group.labels, "value", plain(total), str(counted), "error", text)


def _tolerance(group: Group, whole: Decimal) -> Decimal:
    """Amounts with decimals have been rounded (3.5 billion): half a last digit each; whole numbers have not."""
    numbers = [line.value for line in group.parts if line.value is not None] + [whole]
    return sum((_HALF.scaleb(-places(number)) for number in numbers if places(number)), Decimal())


def _percent(line: Line, bases: Bases, group: Group | None) -> Iterator[Finding]:
    """The printed share of one line against its own count."""
    if line.percent is None:
        return
    whole = bases.of(line)
    if line.value is None or not whole:
        if line.percent > 100 and line.role != "ratio":
            text = explain("table.over_100", label=line.label, stated=line.percent)
            yield _about(line, "table.over_100", None, text)
        return
    exact = share(line.value, whole)
    right = rounded(exact, places(line.percent))
    if right == line.percent:
        return
    rule, more = _why(line, right, exact, bases, group)
    # What was cut off or printed too coarsely is corrected at the precision that was printed.
    text = explain(
        rule,
        label=line.label,
        value=line.value,
        whole=whole,
        stated=line.percent,
        right=right,
        exact=rounded(exact, places(line.percent) + 1),
        **more,
    )
    yield _about(line, rule, plain(right), text)


def _why(
    line: Line, right: Decimal, exact: Decimal, bases: Bases, group: Group | None
) -> tuple[str, dict[str, Decimal | int | str]]:
    """The likeliest way in which a wrong share came about."""
    assert line.percent is not None
    assert line.value is not None
    if line.percent > 100 and line.role != "ratio":
        return "table.over_100", {}
    if truncated(exact, places(line.percent)) == line.percent:
        return "table.truncated", {}
    if group is not None:
        others = [other.percent for other in group.parts if other is not line]
        known = [percent for percent in others if percent is not None]
        # The last share may have been made by subtraction from 100: it then hides the rounding of the others.
        if len(known) == len(others) > 0 and 100 - sum(known) == line.percent:
            return "table.residual_share", {"others": " − ".join(plain(percent) for percent in known)}
    for other in bases.wholes():
        assert other.value is not None
        if other is not line and line.value <= other.value:
            fits = rounded(share(line.value, other.value), places(line.percent))
            if fits == line.percent != right:
                return "table.other_base", {"base": other.value, "base_label": other.label}
    return "table.percent_wrong", {}


def _about(line: Line, rule: str, corrected: str | None, text: Message) -> Finding:
    stated = None if line.percent is None else plain(line.percent)
    return Finding(rule, (line.number,), (line.label,), "percent", stated, corrected, "error", text)


def _shares_together(
    group: Group, bases: Bases, *, sums_hold: bool, wrong: Sequence[Finding]
) -> Iterator[Finding]:
    """Shares of one whole come to 100, but for rounding; shares of several wholes do not belong together."""
    percents = [line.percent for line in group.parts if line.percent is not None]
    if len(percents) < 2:
        return
    wholes = [bases.of(line) for line in group.parts if line.percent is not None]
    stated = sum(percents, Decimal())
    if len({whole for whole in wholes if whole}) > 1:
        named = ", ".join(sorted({plain(whole) for whole in wholes if whole}))
        text = explain("table.mixed_bases", group=group.name, bases=named, stated=stated)
        yield _together(group, "table.mixed_bases", stated, None, text)
        return
    if len(percents) < len(group.parts) or not sums_hold:
        return
    finest = max(places(percent) for percent in percents)
    own = sum((_HALF.scaleb(-places(percent)) for percent in percents), Decimal())
    # Where single shares are wrong already, coarse ones do not excuse the sum.
    tolerance = len(percents) * _HALF.scaleb(-finest) if wrong else own
    if abs(stated - 100) <= tolerance:
        return
    right = _right_sum(group, bases, finest)
    rule = "table.percent_sum" if right is not None else "table.percent_sum_open"
    text = explain(rule, group=group.name, stated=stated, right=right or "", rest=100 - stated)
    yield _together(group, rule, stated, None if right is None else plain(right), text)


def _right_sum(group: Group, bases: Bases, decimals: int) -> Decimal | None:
    """What the correctly rounded shares come to; None where counts are missing."""
    total = Decimal()
    for line in group.parts:
        whole = bases.of(line)
        if line.value is None or not whole:
            return None
        total += rounded(share(line.value, whole), decimals)
    return total


def _together(group: Group, rule: str, stated: Decimal, corrected: str | None, text: Message) -> Finding:
    return Finding(rule, group.numbers, group.labels, "percent", plain(stated), corrected, "error", text)


def _precision(group: Group, bases: Bases, wrong: set[int]) -> Iterator[Finding]:
    """A share printed more coarsely than those beside it, where that hides something."""
    percents = [line.percent for line in group.parts if line.percent is not None]
    finest = max((places(percent) for percent in percents), default=0)
    for line in group.parts:
        whole = bases.of(line)
        if line.percent is None or line.value is None or not whole or line.number in wrong:
            continue
        right = rounded(share(line.value, whole), finest)
        if places(line.percent) < finest and right != line.percent:
            text = explain(
                "table.mixed_precision", label=line.label, stated=line.percent, right=right, places=finest
            )
            yield Finding(
                "table.mixed_precision",
                (line.number,),
                (line.label,),
                "percent",
                plain(line.percent),
                plain(right),
                "notice",
                text,
            )


def _base(line: Line, bases: Bases) -> Iterator[Finding]:
    """Shares and subsets without a whole, and parts larger than theirs."""
    whole = bases.of(line)
    needs = line.role in ("of_which", "ratio") or line.percent is not None
    alone = line.role in ("of_which", "ratio") or line.group is None
    if whole is None:
        if needs and alone:
            yield _base_missing(line, bases)
        return
    if line.value is not None and line.role != "ratio" and line.value > whole:
        text = explain("table.part_exceeds", label=line.label, value=line.value, whole=whole)
        yield Finding(
            "table.part_exceeds",
            (line.number,),
            (line.label,),
            "value",
            plain(line.value),
            None,
            "error",
            text,
        )


def _base_missing(line: Line, bases: Bases) -> Finding:
    """Nobody can recompute a share of an unnamed whole; with a count, each whole of the table is offered."""
    fits: list[str] = []
    if line.value is not None:
        fits = [
            f"{plain(line.value)}/{plain(other.value)} = {plain(rounded(share(line.value, other.value), 1))} %"
            for other in bases.wholes()
            if other is not line and other.value and other.value > line.value
        ]
    text = explain("table.base_missing", label=line.label, fits="; ".join(dict.fromkeys(fits)) or "?")
    stated = None if line.percent is None else plain(line.percent)
    return Finding("table.base_missing", (line.number,), (line.label,), "of", stated, None, "error", text)
