"""What another agency's record tells of a person, in the words of ``sharing.csv``: derived values, never the form itself.

Pure. Nothing else of a record is kept: what the authority table never lets another agency learn (doses, tests, clinical
forms) is not in the events, and the rest of an event is left out here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from contracts.envelope import Envelope
from contracts.events.incidents import Arrest
from contracts.events.registry import RegisterRow
from contracts.events.treatment import DetoxEpisode, MethadoneEpisode, PostDetoxSupport, Slip

SharedValues = dict[str, Any]
"""Values by the column of ``sharing.csv``; days as ISO dates."""
DUTY, REASON_CLASS = "post_detox_duty", "reason_class"


def shared_by(event: Envelope) -> SharedValues | None:
    """Return what the record of this event tells another agency; None where nothing is told of its form.

    Example: a methadone episode that was terminated tells ``enrolled``, ``left`` and ``reason_class: terminated``; which
    class of reasons a reader learns is the province's to say when he asks (``classes.csv``, `told_as`).
    """
    data = getattr(event, "data", None)
    derive = _DERIVATIONS.get(type(data))
    return (
        None if derive is None else {name: value for name, value in derive(data).items() if value is not None}
    )


def _methadone(episode: MethadoneEpisode) -> SharedValues:
    transferred = episode.end_reason == "transferred"
    return {
        "enrolled": _day(episode.enrolled_on),
        "left": None if transferred else _day(episode.ended_on),
        "transferred": _day(episode.ended_on) if transferred else None,
        REASON_CLASS: episode.end_reason,
    }


def _registered(row: RegisterRow) -> SharedValues:
    gone = row.removed_on is not None or row.status_to is not None
    return {
        "listed": not gone,
        "status": None if gone else row.status,
        "decision_day": _day(row.decision_date) if row.has_decision else None,
    }


def _determination(slip: Slip) -> SharedValues:
    return {
        "day": _day(slip.concluded_on),
        "conclusion": slip.conclusion,
        "criteria_met": slip.criteria_met,
    }


def _detox(episode: DetoxEpisode) -> SharedValues:
    # Stages are completed in the order of their letters.
    return {
        "admitted": _day(episode.admitted_on),
        "stage": max(episode.stages, default=None),
        "ended": _day(episode.ended_on),
        "reason": episode.end_reason,
    }


def _post_detox(support: PostDetoxSupport) -> SharedValues:
    until = min(filter(None, (support.until_on, support.ended_on)))
    return {DUTY: {"from": _day(support.from_on), "until": _day(until)}}


def _arrest(arrest: Arrest) -> SharedValues:
    return {"arrested": _day(arrest.arrested_on), "outcome": arrest.outcome}


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()


_DERIVATIONS: Mapping[type[Any], Callable[[Any], SharedValues]] = {
    RegisterRow: _registered,
    MethadoneEpisode: _methadone,
    Slip: _determination,
    DetoxEpisode: _detox,
    PostDetoxSupport: _post_detox,
    Arrest: _arrest,
}
