"""The evidence of a back-up: eight figures and the chain of closings, with which a restored stack is compared."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from khopso.api import Getter
from proof import canonical
from reference import FIGURES, time_kind


class Source(NamedTuple):
    """What a figure of the evidence counts: rows of a form, whose events go to a topic; one event changes it by one at most."""

    form: str
    topic: str


FIGURES_ASKED = {
    "registry.users": Source("registry", "registry.records"),
    "methadone.active": Source("methadone", "treatment.methadone"),
    "detox.in_facility": Source("detox", "treatment.detox"),
    "determination.concluded": Source("determination", "treatment.determinations"),
    "drug_cases.detected": Source("drug_cases", "incidents.drug_cases"),
    "arrests.persons": Source("arrests", "incidents.arrests"),
    "fires.cases": Source("fires", "incidents.fires"),
    "conflicts.detected": Source("conflicts", "incidents.conflicts"),
}
"""One or two of each service, stocks and flows, of people and of cases."""
_YEARS = 10
_PATIENCE_SECONDS = 120.0


def ask_figures(api: Getter, day: date, known_at: datetime | None = None) -> list[dict[str, Any]]:
    """Return the figures as of the day (stocks), or over ten years up to it, each with its question and its value.

    ``known_at``: as they were known at that instant.
    """
    since = date(day.year - _YEARS, 1, 1)
    known = {} if known_at is None else {"known_at": known_at.isoformat()}
    questions = []
    for code in FIGURES_ASKED:
        stock = time_kind(FIGURES[code]) == "stock"
        days = {"as_of": day.isoformat()} if stock else {"from": since.isoformat(), "to": day.isoformat()}
        questions.append({"figure": code, "asked": days | known})
    return ask_again(api, questions)


def ask_again(api: Getter, questions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the answers of today to the same questions.

    FailureError where one is refused: a refusal equals itself whatever the figure is, and would prove nothing.
    """
    return [
        {"figure": one["figure"], "asked": dict(one["asked"]), "value": _value(api, one)} for one in questions
    ]


def _value(api: Getter, question: Mapping[str, Any]) -> int:
    path = f"/v1/figures/{question['figure']}"
    return int(api.get("reporting", path, question["asked"], patience_seconds=_PATIENCE_SECONDS)["value"])


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
