"""The catalogue of figures: what each is called, counts, and may be broken down by. The list is data (`figures.csv`).

The API, the command line, targets, declarations and reports read the same list; how a figure is computed is
`reporting`'s business. Codes are a contract (`docs/figures.md`).
"""

import difflib
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast, get_args

from reference.tables import national_table
from reference.words import Words

Kind = Literal["stock", "flow", "ratio"]
Owner = Literal["police", "health", "labour", "committee"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``dimensions`` are the values ``by`` takes besides those by area, which all take.

    ``owners`` lists who answers for it, from which day (None = always so far), latest first.
    """

    code: str
    vi: str
    en: str
    unit: str
    kind: Kind
    owners: tuple[tuple[date | None, Owner], ...]
    dimensions: tuple[str, ...] = ()
    numerator: str | None = None
    denominator: str | None = None

    def owner_on(self, day: date) -> Owner:
        """Return the agency that answers for the figure on the day."""
        return next(owner for since, owner in self.owners if since is None or since <= day)


def time_kind(figure: Figure) -> Literal["stock", "flow"]:
    """Return whether a figure is asked for a day (stock) or a period (flow); a ratio is asked as its numerator is."""
    if figure.kind == "ratio":
        assert figure.numerator is not None
        return time_kind(FIGURES[figure.numerator])
    return figure.kind


def nearest(code: str) -> list[str]:
    """Return the codes that somebody may have meant who wrote this one, likeliest first."""
    asked = code.strip().casefold()
    tails = {known.rpartition(".")[2]: known for known in FIGURES}
    found = difflib.get_close_matches(asked, list(FIGURES), n=3)
    found += [tails[tail] for tail in difflib.get_close_matches(asked.rpartition(".")[2], list(tails), n=2)]
    return list(dict.fromkeys(found))


def find_figures(asked: str) -> list[Figure]:
    """Return the figures whose code, or name in either language, has the words (`Words`); the likeliest first."""
    words = Words(asked)
    ranked = (
        (rank, number, figure)
        for number, figure in enumerate(FIGURES.values())
        if (rank := words.rank((figure.code, re.sub(r"[._]", " ", figure.code), figure.vi, figure.en)))
        is not None
    )
    return [figure for *_, figure in sorted(ranked, key=lambda one: one[:2])]


def _figure(row: dict[str, str]) -> Figure:
    if row["kind"] not in get_args(Kind) or (row["kind"] == "ratio") != bool(
        row["numerator"] and row["denominator"]
    ):
        raise ValueError(f"figures.csv: {row['code']} is no stock, flow, or ratio of two figures")
    return Figure(
        row["code"],
        row["vi"],
        row["en"],
        row["unit"],
        cast(Kind, row["kind"]),
        _owners(row),
        tuple(row["by"].split()),
        row["numerator"] or None,
        row["denominator"] or None,
    )


def _owners(row: dict[str, str]) -> tuple[tuple[date | None, Owner], ...]:
    """``labour police@2025-03-01``: the first one's from the beginning, another one's from its day on."""
    found: list[tuple[date | None, Owner]] = []
    for text in row["owners"].split():
        owner, _, since = text.partition("@")
        if owner not in get_args(Owner) or bool(since) != bool(found):
            raise ValueError(f"figures.csv: {row['code']} is not owned by {text}")
        found.append((date.fromisoformat(since) if since else None, cast(Owner, owner)))
    return tuple(reversed(found))


def _catalogue() -> dict[str, Figure]:
    return {row["code"]: _figure(row) for row in national_table("figures.csv")}


FIGURES: dict[str, Figure] = _catalogue()
