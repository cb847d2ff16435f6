"""Who sees exact numbers, and under which rules everybody else does, by date.

What is protected, and in which windows it is released, is the nation's (``reference/data/disclosure.csv``); the numbers
from which counts are shown are the province's (``thresholds.csv`` of its pack).

Basis: Law 91/2025/QH15 (personal data) and the secrecy rules of the drug laws; rows carry their own.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal, get_args

from reference import FIGURES, Figure, Level, national_table, threshold_of
from services.chassis.security import EXACT, Decision
from services.reporting.figures import Comparison, Reader, Sight

WindowKind = Literal["month", "quarter", "half", "year"]
Moment = Literal["now", "end", "before"]
CHECK = "check."
"""Before the code of a check, whose counts are released beside the figures: both are measures."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of a figure on a day.

    Counts from 1 up to, not including, ``threshold`` are hidden; zeros too where ``zeros`` says so. Percentages need
    a base of at least ``percent_base``. ``windows`` of ``calendar`` are what is released (a stock at the end of each
    month), each for areas down to a level: parts of a year have small counts almost everywhere. The breakdowns
    ``dimensions`` are released for the province alone. A window is released ``lag_days`` after its end at the earliest,
    a new edition of it after ``edition_days``.
    """

    pattern: str
    valid_from: date | None
    sensitive: bool
    threshold: int
    zeros: Literal["shown", "hidden"]
    percent_base: int
    calendar: str
    windows: Mapping[WindowKind, Level]
    dimensions: tuple[str, ...]
    lag_days: int
    edition_days: int
    basis: str


@dataclass(frozen=True, slots=True)
class Term:
    """A measure (a figure or a check's count) in a relation: its sign, and when it is taken (a stock before or at the end of a
    flow's window).
    """

    sign: int
    figure: str
    moment: Moment


@dataclass(frozen=True, slots=True)
class Link:
    """Measures that anyone can subtract from each other. ``complement``: what remains is itself a count of persons."""

    name: str
    complement: bool
    terms: tuple[Term, ...]


def owners_of(figure: Figure, day: date, today: date) -> frozenset[str]:
    """Return the agencies whose figure it is on the day: its owner then, and the one that its registers have passed to.

    Example: detoxification of 2023 was labour's; since 1 March 2025 it is read by the police, who took over.
    """
    return frozenset({figure.owner_on(day), figure.owner_on(today)})


def right_to_exact(reader: Reader, figure: Figure, day: date) -> Decision:
    """Return the authority table's decision on exact numbers of the figure as of the day."""
    return reader.may(EXACT, owners_of(figure, day, reader.today))


def sight_of(reader: Reader, comparison: Comparison) -> Sight:
    """Return what the reader sees of a comparison's counts.

    ``exact``: whoever sees exact numbers of every register that the findings are rows of. ``released``: the other parties,
    since what is found among another agency's persons is a count of these like any figure of them; where it counts no
    persons (`disclosure.csv`) parties see it exactly. ``nothing``: whoever sees exact numbers of no party.
    """
    if not reader.sees_exact(comparison.parties):
        return "nothing"
    # What is no single agency's is the committee's, which sees the numbers of all.
    own = all(reader.sees_exact({agency}) for agency in comparison.registers or ("committee",))
    return "exact" if own or not rule_of(CHECK + comparison.code, comparison.day).sensitive else "released"


@lru_cache(maxsize=4096)
def rule_of(code: str, day: date) -> Rule:
    """Return the rule in force on the day: of the rows that match the code the longest pattern, then the latest."""
    row = max(
        (row for row in _rows() if fnmatchcase(code, row["pattern"]) and _begun(row) <= day),
        key=lambda row: (len(row["pattern"]), _begun(row)),
    )
    limits = threshold_of(code, day)
    return Rule(
        row["pattern"],
        date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        row["sensitive"] == "yes",
        limits.least,
        row["zeros"],  # type: ignore[arg-type]
        limits.percent_base,
        row["calendar"],
        dict(part.split(":") for part in row["windows"].split(";")),  # type: ignore[arg-type]
        tuple(part for part in row["dimensions"].split(";") if part),
        limits.lag_days,
        limits.edition_days,
        row["basis"],
    )


def _begun(row: dict[str, str]) -> date:
    return date.fromisoformat(row["valid_from"]) if row["valid_from"] else date.min


@lru_cache(maxsize=1)
def _rows() -> list[dict[str, str]]:
    return national_table("disclosure.csv")


def is_flow(code: str, day: date) -> bool:
    """Return whether a measure is of a period rather than of a day."""
    if code in FIGURES:
        return FIGURES[code].kind == "flow"
    return "month" not in rule_of(code, day).windows


def is_sensitive(code: str, day: date) -> bool:
    """Return whether small counts of the figure are hidden; of a ratio, whether those of either part are."""
    figure = FIGURES[code]
    if figure.kind == "ratio":
        return any(
            part is not None and is_sensitive(part, day) for part in (figure.numerator, figure.denominator)
        )
    return rule_of(code, day).sensitive


@lru_cache(maxsize=1)
def links() -> tuple[Link, ...]:
    """Return the relations between measures, ``reference/data/disclosure_links.csv``."""
    measures = {*FIGURES, *(row["pattern"] for row in _rows() if row["pattern"].startswith(CHECK))}
    terms: dict[str, list[Term]] = defaultdict(list)
    kinds: dict[str, str] = {}
    for row in national_table("disclosure_links.csv"):
        kinds[row["relation"]] = row["kind"]
        moment = row["moment"]
        # A relation with a wrong name would protect nothing without being noticed, so loading must fail.
        if row["figure"] not in measures or moment not in get_args(Moment):
            raise ValueError(f"disclosure_links.csv: {row}")
        terms[row["relation"]].append(
            Term(1 if row["sign"] == "+" else -1, row["figure"], moment)  # type: ignore[arg-type]
        )
    return tuple(Link(name, kinds[name] == "complement", tuple(found)) for name, found in terms.items())


@lru_cache(maxsize=256)
def family_of(code: str) -> tuple[str, ...]:
    """Return the measures that are protected together with this one because relations join them, itself included.

    Sorted, figures before checks: the first gives the family its name in the table of releases.
    """
    family, grown = {code}, True
    while grown:
        grown = False
        for link in links():
            named = {term.figure for term in link.terms}
            # A relation may reach a figure that has relations of its own; all of them must be protected together.
            if named & family and not named <= family:
                family |= named
                grown = True
    return tuple(sorted(family, key=lambda code: (code.startswith(CHECK), code)))
