"""The evidence of a back-up: eight figures and the chain of closings, with which a restored stack is compared."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from khopso.api import Getter
from khopso.failure import AnsweredError
from proof import canonical
from reference import FIGURES, time_kind

FIGURES_ASKED = (
    "registry.users",
    "methadone.active",
    "detox.in_facility",
    "determination.concluded",
    "drug_cases.detected",
    "arrests.persons",
    "fires.cases",
    "conflicts.detected",
)
"""One or two of each service, stocks and flows, of people and of cases."""
_YEARS = 10
_PATIENCE_SECONDS = 120.0


def ask_figures(api: Getter, day: date) -> list[dict[str, Any]]:
    """Return the figures as of the day (stocks), or over ten years up to it, each with its question and its value."""
    since = date(day.year - _YEARS, 1, 1)
    questions = []
    for code in FIGURES_ASKED:
        stock = time_kind(FIGURES[code]) == "stock"
        days = {"as_of": day.isoformat()} if stock else {"from": since.isoformat(), "to": day.isoformat()}
        questions.append({"figure": code, "asked": days})
    return ask_again(api, questions)


def ask_again(api: Getter, questions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the answers of today to the same questions. A refused one (nothing is known yet) has the rule as value."""
    return [
        {"figure": one["figure"], "asked": dict(one["asked"]), "value": _value(api, one)} for one in questions
    ]


def _value(api: Getter, question: Mapping[str, Any]) -> Any:
    path = f"/v1/figures/{question['figure']}"
    try:
        return api.get("reporting", path, question["asked"], patience_seconds=_PATIENCE_SECONDS)["value"]
    except AnsweredError as refused:
        return refused.rule


def ask_chain(api: Getter) -> bytes:
    """Return the office's chain of closings in canonical JSON."""
    return canonical(api.get("reporting", "/v1/closings/chain", patience_seconds=_PATIENCE_SECONDS))


def ask_log_epochs(api: Getter, service: str) -> dict[str, dict[str, str]]:
    """Return topic → partition → the epoch of the log that the service's relay has written to."""
    outbox = api.get(service, "/v1/progress", patience_seconds=_PATIENCE_SECONDS)["outbox"]
    return {
        topic: {str(partition): str(epoch) for partition, epoch in partitions.items()}
        for topic, partitions in outbox["incarnations"].items()
    }


def ask_generation(api: Getter) -> int | None:
    """Return the number of the generation that figures are answered from."""
    known = api.get("reporting", "/v1/rebuild", patience_seconds=_PATIENCE_SECONDS)["generations"]
    return next((int(one["number"]) for one in known if one["state"] == "live"), None)
