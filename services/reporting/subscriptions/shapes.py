"""What the routes of subscriptions answer with, as the OpenAPI document shows it: models, and an example of each."""

from datetime import datetime
from typing import Any

from reference import sample_communes, sample_district
from services.chassis.problems import Texts
from services.reporting.figures import Shape


class Silence(Texts):
    """Why a follow is told nothing."""

    rule: str


class FollowShape(Shape):
    """A follow. ``told`` is the ``sequence`` of its last event; ``silent`` says why nothing is told any more."""

    id: str
    figure: str
    asked: dict[str, str]
    created_at: datetime
    told: int
    told_at: datetime
    silent: Silence | None = None


class FollowMade(FollowShape):
    """A new follow, with the values from which its changes count; ``rows`` of areas by their uids."""

    value: str | None
    rows: dict[str, str | None]


class FollowList(Shape):
    """The follows of one's unit."""

    follows: list[FollowShape]


def request_example() -> dict[str, Any]:
    """Return an invented question to be followed, about an area of the province."""
    return {"figure": "registry.addicts_with_file", "area": sample_district().code, "by": "commune"}


def follow_example() -> dict[str, Any]:
    """Return an invented answer to a new follow."""
    rows = zip(sample_communes(), ("17", "0"), strict=False)
    return {**_listed_example(), "value": "214", "rows": {area.uid: value for area, value in rows}}


def follows_example() -> dict[str, Any]:
    """Return an invented list of follows."""
    return {"follows": [_listed_example()]}


def _listed_example() -> dict[str, Any]:
    asked = request_example()
    return {
        "id": "019c0d3e-7a10-7c55-9a3b-2f1d8e4b6a70",
        "figure": asked.pop("figure"),
        "asked": asked,
        "created_at": "2024-01-05T08:00:00+07:00",
        "told": 0,
        "told_at": "2024-01-05T08:00:00+07:00",
    }
