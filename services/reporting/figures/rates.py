"""Rates: a count beside the people of its area, for so many of them.

A rate is made of an answer that its reader has already, never of the count behind it: with the population, which is public,
anybody could compute the count back, so a rate is exactly as public as the count.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from reference import population_of
from services.chassis.problems import Fault, Problem
from services.reporting.figures.questions import Question, area_of_row

_PER = ("1000", "10000", "100000")


def parse_per(given: str | None, question: Question) -> int | None:
    """Return for how many people a rate is asked; None where none is. Problem 422 for another number, or for a ratio."""
    if given is None:
        return None
    if given not in _PER:
        raise Problem.invalid([Fault.of("per", given, "rate_per", allowed=", ".join(_PER))])
    if question.figure.kind == "ratio":
        raise Problem.invalid([Fault.of("per", given, "rate_of_ratio")])
    # People of an area are published, but not by age, sex or whatever else the columns are.
    if question.across is not None:
        raise Problem.invalid([Fault.of("per", given, "rate_of_table")])
    return int(given)


def with_rates(document: Mapping[str, Any], question: Question, per: int) -> dict[str, Any]:
    """Return an answer with the rate of its value and, in a breakdown by area, of each row.

    ``rate`` is not rounded, and null where the count is hidden or nobody has published the area's ``population``. The number
    of ``population_from`` is the latest on or before the day asked.
    """
    # A stock that is asked without a day is the latest one released, so the day is that of the answer.
    on = date.fromisoformat(document.get("as_of") or document["to"])
    rated = {**document, "per": per, **_rate(document["value"], question.area.uid, on, per)}
    if document.get("rows") is not None:
        rated["rows"] = [
            {**row, **_rate(row["value"], area_of_row(question, question.by, str(row[question.by])), on, per)}
            for row in document["rows"]
        ]
    return rated


def _rate(value: float | None, uid: str | None, on: date, per: int) -> dict[str, Any]:
    people = None if uid is None else population_of(uid, on)
    if people is None:
        return {"rate": None, "population": None, "population_from": None}
    return {
        "rate": None if value is None else value * per / people.persons,
        "population": people.persons,
        "population_from": people.since.isoformat(),
    }
