"""What parties to a check see of findings in another agency's register: released counts, and no list."""

from dataclasses import replace
from typing import Any, Protocol

from reference import Figure
from services.chassis.problems import Fault, Problem, texts
from services.reporting.checks.requests import CheckRequest
from services.reporting.checks.usecases import Check
from services.reporting.figures import Answer, Comparison, Question, Reader
from texts import message

_HIDDEN: dict[str, Any] = {"count": None, "suppressed": True}


class Compares(Protocol):
    """Answers what is released of the counts of a comparison; the query service does, and pages do so without waiting long."""

    async def ask_compared(self, question: Question, comparison: Comparison, reader: Reader) -> Answer:
        """Return what is released; ``question`` is about the comparison as if it were a figure."""
        ...


async def released_count(
    queries: Compares, check: Check, asked: CheckRequest, reader: Reader
) -> dict[str, Any]:
    """Return the released count of a check for an overview; hidden where the overview is of nothing that is released."""
    try:
        answer = await queries.ask_compared(_question(check, asked), check.comparison(asked.scope()), reader)
    except Problem as problem:
        # One overview is of many checks, and each of them is released for days or periods of its own.
        if problem.status != 422:
            raise
        return dict(_HIDDEN)
    return _count(answer.document)


async def released_check(
    queries: Compares, check: Check, asked: CheckRequest, reader: Reader
) -> dict[str, Any]:
    """Return what is released of one check: its count, by area where asked, and why there is no list.

    Raises:
        Problem: 422 naming what is off the grid of releases and what is on it.
    """
    if asked.days is not None:
        raise Problem(422, "protected_question", faults=[Fault.of("days", asked.days, "protected_days")])
    answer = await queries.ask_compared(_question(check, asked), check.comparison(asked.scope()), reader)
    found, by = answer.document, asked.question.by
    dates = {"as_of": found["as_of"], "to": found["as_of"]} if "as_of" in found else {}
    document = dates | _count(found) | {"known_at": found["known_at"], "protection": found["protection"]}
    if by is not None:
        document |= {
            "rows": [
                {name: row[name] for name in (by, "value", "suppressed") if name in row}
                for row in found["rows"]
            ],
            "overlap": None,
        }
    return document | {
        "findings": None,
        "next": None,
        "records_hidden": texts(message("check_records_of_others")),
    }


def _count(document: Any) -> dict[str, Any]:
    return dict(_HIDDEN) if document["value"] is None else {"count": document["value"]}


def _question(check: Check, asked: CheckRequest) -> Question:
    """Return the question about a check as if the check were a figure."""
    assert check.rule is not None
    name, period = check.name(), check.rule.asked == "period"
    counted = Figure(f"check.{check.code}", name.vi, name.en, "person", "flow" if period else "stock", ())
    question, given = asked.question, dict(asked.question.asked)
    if period:
        return replace(question, figure=counted, first=asked.first)
    if question.first is not None:
        # What looks at a day is asked for a period's last one.
        given["as_of"] = question.day.isoformat()
    return replace(question, figure=counted, first=None, period=None, asked=given)
