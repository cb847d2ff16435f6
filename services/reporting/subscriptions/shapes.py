"""What the routes of subscriptions answer with, as the OpenAPI document shows it: models, and an example of each."""

from datetime import datetime

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


_FOLLOW = {
    "id": "019c0d3e-7a10-7c55-9a3b-2f1d8e4b6a70",
    "figure": "registry.addicts_with_file",
    "asked": {"area": "288", "by": "commune"},
    "created_at": "2024-01-05T08:00:00+07:00",
    "told": 0,
    "told_at": "2024-01-05T08:00:00+07:00",
}
FOLLOW_EXAMPLE = {**_FOLLOW, "value": "214", "rows": {"10513@2008": "17", "10516@2008": "0"}}
FOLLOWS_EXAMPLE = {"follows": [_FOLLOW]}
