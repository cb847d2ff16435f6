"""What another agency's record tells of a person, in the words of ``sharing.csv``: derived values, never the form itself.

Pure. Nothing else of a record is kept: what the authority table never lets another agency learn (doses, tests, clinical
forms) is not in the events, and the rest of an event is left out here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from contracts.envelope import Envelope
from contracts.events.incidents import Arrest
from contracts.events.treatment import DetoxEpisode, MethadoneEpisode, PostDetoxSupport, Slip

Told = dict[str, Any]
"""Values by the column of ``sharing.csv``; days as ISO dates."""
DUTY = "post_detox_duty"
# Why a site ended somebody's treatment can tell of his tests: the police learn that it was stopped, not why.
_REASON_CLASSES: Mapping[str, str] = {"dropped_out": "stopped", "terminated": "stopped"}


def told_by(event: Envelope) -> Told | None:
    """Return what the record of this event tells another agency; None where nothing is told of its form.

    Example: a methadone episode that was terminated tells ``enrolled``, ``left`` and ``reason_class: stopped``.
    """
    data = getattr(event, "data", None)
    tell = _TELLERS.get(type(data))
    return None if tell is None else {name: value for name, value in tell(data).items() if value is not None}


def _methadone(episode: MethadoneEpisode) -> Told:
    transferred = episode.end_reason == "transferred"
    return {
        "enrolled": _day(episode.enrolled_on),
        "left": None if transferred else _day(episode.ended_on),
        "transferred": _day(episode.ended_on) if transferred else None,
        "reason_class": _REASON_CLASSES.get(episode.end_reason or "", episode.end_reason),
    }


def _determination(slip: Slip) -> Told:
    return {
        "day": _day(slip.concluded_on),
        "conclusion": slip.conclusion,
        "criteria_met": slip.criteria_met,
    }


def _detox(episode: DetoxEpisode) -> Told:
    # Stages are completed in the order of their letters.
    return {
        "admitted": _day(episode.admitted_on),
        "stage": max(episode.stages, default=None),
        "ended": _day(episode.ended_on),
        "reason": episode.end_reason,
    }


def _post_detox(support: PostDetoxSupport) -> Told:
    until = min(filter(None, (support.until_on, support.ended_on)))
    return {DUTY: {"from": _day(support.from_on), "until": _day(until)}}


def _arrest(arrest: Arrest) -> Told:
    return {"arrested": _day(arrest.arrested_on), "outcome": arrest.outcome}


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()


_TELLERS: Mapping[type[Any], Callable[[Any], Told]] = {
    MethadoneEpisode: _methadone,
    Slip: _determination,
    DetoxEpisode: _detox,
    PostDetoxSupport: _post_detox,
    Arrest: _arrest,
}
