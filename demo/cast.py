"""Who there is on the report days, and what happened to each: the truth from which the registers are written.

Group sizes are the published totals, or parts chosen so that they add up to them. A part that the report does not
itemise is invented. ``story`` names a group; `registry.py` says how the register tells it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from demo.people import Human, Manner, Population
from demo.province import Commune, spread
from demo.world import POLICE_DAY, World, between, days

ADDICTS, IN_COMMUNITY, USERS, POST_DETOX = 1120, 682, 208, 256
SUSPECTED_ADDICTS, SUSPECTED_USERS = 96, 143
FOUND_ADDICTED, FOUND_NOT_ADDICTED = 275, 261

COMMUNITY_STORIES = {
    "admitted_after": 8,
    "exempted": 2,
    "back_by_link": 12,
    "double_listed": 6,
    "silent": 5,
    "relapsed": 10,
    "reentered": 12,
    "released": 20,
    "moved": 15,
    "leaves_after": 4,
    "plain": 588,
}
"""The 682 addicts in the community, by how they come to be counted there."""
ELSEWHERE_STORIES = {
    "in_detox": 198,
    "in_detox_since_2022": 14,
    "in_voluntary": 11,
    "in_detox_elsewhere": 9,
    "in_detox_unlinked": 4,
    "died_unremoved": 1,
    "detained": 109,
    "escaped": 2,
    "absent": 66,
    "unknown": 24,
}
"""The other 438, whom the report does not itemise."""
REMOVED_STORIES = {
    "served_out": 40,
    "died": 18,
    "died_in_detox": 1,
    "moved_out": 22,
    "user_expired": 25,
    "user_removed": 30,
    "entered_in_error": 10,
}

_CLEAR = ("user", "suspected_user", "unlisted_not_addicted", "user_removed")
"""Stories in which a determination finds no addiction."""
_GROWN, _YOUNG = (1965, 1999), (1983, 2007)

DetoxKind = Literal["compulsory", "voluntary_facility", "voluntary_home"]


@dataclass
class Stay:
    """One detox episode; ``ended`` and ``reason`` are None while it lasts."""

    kind: DetoxKind
    admitted: date
    ended: date | None = None
    reason: str | None = None
    manner: Manner = "usual"


@dataclass
class Life:
    """What happened to one human being. ``listed_from`` is the first day of the status that the report counts."""

    human: Human
    story: str
    stays: list[Stay] = field(default_factory=list)
    slip_on: date | None = None
    detained_on: date | None = None
    listed_from: date | None = None


class Cast:
    """All lives, by story; made once, in a fixed order."""

    def __init__(self, world: World) -> None:
        self._rng = world.rng("cast")
        self._province = world.province
        self._population = Population(world.rng("population"))
        self.lives: dict[str, list[Life]] = {}
        self._addicts()
        self._listed_otherwise()
        self._never_listed()
        self._detox()
        self._slips_of_2023()

    def of(self, *stories: str) -> list[Life]:
        """Return the lives of these stories, in order."""
        return [life for story in stories for life in self.lives[story]]

    def outsider(self, *, by_id: bool | None = None) -> Human:
        """Return a new human being whom no register named before."""
        return self._population.human(self._province.anywhere(self._rng), by_id=by_id)

    def _add(self, story: str, count: int, homes: Iterator[Commune] | None = None) -> None:
        # A record in two communes is one person only by the number, which both police posts then hold.
        by_id = True if story in ("double_listed", "moved") else None
        born = _YOUNG if story in _CLEAR or story == "user_expired" else _GROWN
        where = self._anywhere() if homes is None else homes
        made = [
            Life(self._population.human(next(where), by_id=by_id, born=born), story) for _ in range(count)
        ]
        self.lives.setdefault(story, []).extend(made)

    def _anywhere(self) -> Iterator[Commune]:
        while True:
            yield self._province.anywhere(self._rng)

    def _addicts(self) -> None:
        listed = self._province.with_addicts
        homes = iter(spread(self._rng, listed, ADDICTS, listed))
        for story, count in (*COMMUNITY_STORIES.items(), *ELSEWHERE_STORIES.items()):
            self._add(story, count, homes)
        assert next(homes, None) is None
        assert sum(COMMUNITY_STORIES.values()) == IN_COMMUNITY
        plain = self.lives["plain"]
        for first, other in zip(plain[:4], plain[4:8], strict=True):
            first.human = self._population.human(first.human.home, by_id=True)
            other.human = self._population.namesake(first.human, other.human.home)

    def _listed_otherwise(self) -> None:
        province = self._province
        wide = [*province.with_addicts, *province.only_users]
        self._add("user", USERS, iter(spread(self._rng, wide, USERS, province.only_users)))
        for story, count in (
            ("post_detox", POST_DETOX),
            ("suspected_addict", SUSPECTED_ADDICTS),
            ("suspected_user", SUSPECTED_USERS),
            *REMOVED_STORIES.items(),
        ):
            self._add(story, count)
        # Entered between the police's day and the end of the year, two of them in communes without a problem so far.
        self._add("entered_after", 7)
        self._add("entered_after", 2, iter(province.clean))

    def _never_listed(self) -> None:
        for story, count in (
            ("unlisted_detox", 19),
            ("unlisted_addicted", 30),
            ("unlisted_not_addicted", 80),
            ("unlisted_voluntary", 24),
        ):
            self._add(story, count)

    def _detox(self) -> None:
        """Compulsory admissions of 2023: 198 + 4 + 19 + 8 + 2 + 2 + 1 + 1 = 235 persons, four of them twice."""
        rng = self._rng
        for life in self.of("in_detox", "in_detox_unlinked", "unlisted_detox"):
            life.stays = [Stay("compulsory", between(rng, date(2023, 1, 3), POLICE_DAY))]
        for life in self.of("in_detox_unlinked"):
            life.stays[0].manner = "isolated"
        for life in self.lives["in_detox"][:4]:
            first = between(rng, date(2023, 1, 3), date(2023, 3, 31))
            fled = first + days(rng.randint(20, 60))
            life.stays = [
                Stay("compulsory", first, fled, "escaped"),
                Stay("compulsory", fled + days(rng.randint(15, 60))),
            ]
        for life in self.of("admitted_after"):
            life.stays = [Stay("compulsory", between(rng, date(2023, 12, 15), date(2023, 12, 29)))]
        for story, reason in (
            ("exempted", "exempted"),
            ("escaped", "escaped"),
            ("died_unremoved", "died"),
            ("died_in_detox", "died"),
        ):
            for life in self.of(story):
                admitted = between(rng, date(2023, 1, 3), date(2023, 5, 31))
                life.stays = [Stay("compulsory", admitted, admitted + days(rng.randint(40, 150)), reason)]
        self._other_detox()

    def _other_detox(self) -> None:
        rng = self._rng
        for life in self.of("in_detox_since_2022"):
            life.stays = [Stay("compulsory", between(rng, date(2022, 3, 1), date(2022, 12, 20)))]
        for life in self.of("in_voluntary"):
            life.stays = [Stay("voluntary_facility", between(rng, date(2023, 6, 1), date(2023, 12, 10)))]
        for index, life in enumerate(self.of("back_by_link")):
            ended = between(rng, date(2023, 5, 1), date(2023, 12, 1))
            kind: DetoxKind = "compulsory" if index < 4 else "voluntary_facility"
            length = rng.randint(370, 540) if index < 4 else rng.randint(170, 300)
            life.stays = [Stay(kind, min(ended - days(length), date(2022, 12, 28)), ended, "completed")]
        for index, life in enumerate(self.of("post_detox", "served_out")):
            life.stays = self._past_stay(index % 128, life.story)
        for life in self.of("unlisted_voluntary"):
            admitted = between(rng, date(2022, 2, 1), date(2023, 5, 31))
            life.stays = [
                Stay("voluntary_facility", admitted, admitted + days(rng.randint(170, 210)), "completed")
            ]
        for life in self.lives["plain"][300:370]:
            admitted = between(rng, date(2022, 1, 10), date(2023, 5, 31))
            reason = rng.choices(("completed", "terminated"), (3, 1))[0]
            life.stays = [Stay("voluntary_home", admitted, admitted + days(rng.randint(60, 190)), reason)]

    def _past_stay(self, turn: int, story: str) -> list[Stay]:
        """What lies behind a post-detox term: of 128, 100 compulsory stays, 15 voluntary, 13 before this register."""
        rng = self._rng
        over = story == "served_out"
        if turn < 100:
            ended = (
                between(rng, date(2019, 6, 1), date(2021, 6, 1))
                if over
                else between(rng, date(2021, 12, 28), date(2023, 12, 5))
            )
            return [Stay("compulsory", ended - days(rng.randint(365, 720)), ended, "completed")]
        if turn < 115:
            ended = (
                between(rng, date(2020, 6, 1), date(2022, 6, 1))
                if over
                else between(rng, date(2022, 12, 28), date(2023, 12, 5))
            )
            return [Stay("voluntary_facility", ended - days(rng.randint(180, 360)), ended, "completed")]
        return []

    def _slips_of_2023(self) -> None:
        """120 + 95 + 8 + 12 + 10 + 30 = 275 found addicted, 120 + 35 + 26 + 80 = 261 not."""
        rng = self._rng
        latest = sorted(self.lives["in_detox"][4:], key=lambda life: life.stays[0].admitted)
        unlisted = sorted(self.of("unlisted_detox"), key=lambda life: life.stays[0].admitted)
        committed = [*latest[-120:], *unlisted[-10:], *self.of("admitted_after")]
        for life in committed:
            admitted = life.stays[0].admitted
            life.slip_on = max(
                admitted - days(rng.randint(20, 60)), min(date(2023, 1, 4), admitted - days(1))
            )
        for life in (*self.lives["plain"][400:495], *self.of("unlisted_addicted")):
            life.slip_on = between(rng, date(2023, 1, 4), date(2023, 12, 8))
        for life in self.lives["detained"]:
            life.detained_on = between(rng, date(2021, 1, 1), date(2023, 12, 5))
        for life in self.lives["detained"][:12]:
            life.slip_on = between(rng, date(2023, 1, 4), date(2023, 10, 31))
            life.detained_on = life.slip_on + days(rng.randint(10, 35))
        assert len(self.with_slip(addicted=True)) == FOUND_ADDICTED
        for life in (
            *self.lives["user"][40:160],
            *self.lives["suspected_user"][:35],
            *self.of("unlisted_not_addicted"),
        ):
            life.slip_on = between(rng, date(2023, 1, 4), date(2023, 12, 8))
        for life in self.lives["user_removed"][:26]:
            life.slip_on = between(rng, date(2023, 1, 4), date(2023, 7, 31))
        assert len(self.with_slip(addicted=False)) == FOUND_NOT_ADDICTED

    def with_slip(self, *, addicted: bool) -> list[Life]:
        """Return the lives with a conclusion of 2023 of that kind."""
        return [
            life
            for story, lives in self.lives.items()
            for life in lives
            if life.slip_on is not None and (story not in _CLEAR) is addicted
        ]
