"""The police's register of users and addicts: one timeline for each record, told by the story of a life."""

from collections.abc import Callable
from datetime import date
from random import Random

from demo.cast import Cast, Life
from demo.people import identity
from demo.province import Commune, draw
from demo.world import POLICE_DAY, Row, Value, World, between, days, skewed

_DECIDED_USERS = 190
_LATER = ("removed_on", "removal_reason", "psychosis", "psychosis_from")


class Dossier:
    """One record of one police post: rows under one ``record_no``."""

    def __init__(
        self, world: World, rng: Random, life: Life, opened: date, commune: Commune | None = None
    ) -> None:
        self._world, self._rng, self._life = world, rng, life
        self._commune = commune or life.human.home
        self._unit = f"police:{self._commune.code}"
        self._record_no = f"{world.number(self._unit + ':record'):03d}/{opened.year}"
        self._identity = identity(rng, life.human, self._commune)

    def row(self, status: str, start: date, presence: str | None = None, **more: Value) -> None:
        """Enter one row of the timeline."""
        if self._rng.random() < 0.05:
            self._identity = identity(self._rng, self._life.human, self._commune)
        row: Row = {
            "record_no": self._record_no,
            **self._identity,
            "status": status,
            "status_from": start,
            "presence": presence,
            "unit_code": self._unit,
            **more,
        }
        self._world.write_in_stages("registry", row, _LATER)


class Teller:
    """Writes the register of every listed life."""

    def __init__(self, world: World, cast: Cast) -> None:
        self._world, self._cast, self._rng = world, cast, world.rng("registry")

    def tell(self) -> None:
        """Enter all records."""
        tellers: dict[str, Callable[[Life, int], None]] = {
            "double_listed": self._double_listed,
            "silent": self._silent,
            "relapsed": self._relapsed,
            "reentered": self._reentered,
            "released": self._released,
            "moved": self._moved,
            "leaves_after": self._leaves_after,
            "plain": self._plain,
            "unknown": self._unknown,
            "user": self._user,
            "user_expired": self._user_expired,
            "user_removed": self._user_removed,
            "suspected_addict": self._suspected,
            "suspected_user": self._suspected,
            "post_detox": self._post_detox,
            "served_out": self._post_detox,
            "entered_after": self._entered_after,
            **dict.fromkeys(("died", "moved_out", "entered_in_error"), self._removed),
        }
        for story, lives in self._cast.lives.items():
            if story.startswith("unlisted"):
                continue
            for turn, life in enumerate(lives):
                tellers.get(story, self._away)(life, turn)

    def _open(
        self, life: Life, start: date, commune: Commune | None = None, presence: str | None = "community"
    ) -> Dossier:
        """A dossier up to the row that makes the person an addict with file on ``start``."""
        life.listed_from = start
        rng = self._rng
        if rng.random() < 0.3 and commune is None:
            earlier = start - days(rng.randint(40, 500))
            dossier = Dossier(self._world, rng, life, earlier)
            dossier.row(rng.choice(("suspected_addict", "suspected_user", "user")), earlier, presence)
        else:
            dossier = Dossier(self._world, rng, life, start, commune)
        dossier.row("addict", start, presence)
        return dossier

    def _start(self, life: Life, before: date) -> date:
        """The first day as an addict with file: soon after the slip of 2023, else some time before ``before``."""
        if life.slip_on is not None:
            return min(life.slip_on + days(self._rng.randint(0, 12)), before)
        return skewed(self._rng, date(max(2011, life.human.birth.year + 16), 1, 1), before)

    def _plain(self, life: Life, turn: int) -> None:
        start = self._start(life, date(2023, 12, 10))
        if 100 <= turn < 106:  # six of the eleven with psychosis
            flagged = between(self._rng, start, POLICE_DAY)
            Dossier(self._world, self._rng, life, start).row(
                "addict", start, "community", psychosis=True, psychosis_from=flagged
            )
        elif 110 <= turn < 114:  # the flag was of an earlier row
            start = min(start, date(2022, 12, 31))
            dossier = Dossier(self._world, self._rng, life, start)
            dossier.row("addict", start, "community", psychosis=True)
            dossier.row(
                "addict",
                between(self._rng, date(2023, 2, 1), date(2023, 11, 1)),
                "community",
                psychosis=False,
            )
        else:
            dossier = self._open(life, start)
            if life.slip_on is None and self._rng.random() < 0.08 and start < date(2023, 1, 1):
                dossier.row("addict", start + days(self._rng.randint(60, 180)), "absent")
                dossier.row("addict", start + days(self._rng.randint(190, 340)), "community")

    def _away(self, life: Life, turn: int) -> None:
        """In detox, in custody, absent: first in the community, then a statement of where the person went."""
        rng = self._rng
        stay = life.stays[0] if life.stays else None
        left = (
            stay.admitted if stay else life.detained_on or between(rng, date(2023, 1, 5), date(2023, 12, 1))
        )
        start = self._start(
            life, left - days(1) if life.slip_on else min(left - days(30), date(2022, 12, 15))
        )
        dossier = self._open(life, start)
        if life.story == "absent" and turn % 5 == 0:  # the row began before the person went
            dossier.row("addict", left - days(rng.randint(5, 20)), "absent", presence_from=left)
        elif life.story in ("detained", "absent"):
            dossier.row("addict", left, life.story)
        elif life.story in ("in_detox_elsewhere", "in_detox_unlinked"):
            dossier.row("addict", min(left + days(rng.randint(0, 5)), POLICE_DAY), "detox_facility")
        elif life.story == "in_detox" and turn in range(10, 13):
            dossier.row("addict", left, "community")  # the admission of the same day decides
        elif rng.random() < 0.7 or life.story in ("escaped", "exempted"):
            dossier.row("addict", left + days(rng.randint(0, 6)), "detox_facility")
        if life.story == "escaped" and stay is not None and stay.ended is not None:
            dossier.row("addict", stay.ended + days(rng.randint(1, 3)), "absent")
        if life.story == "died_in_detox" and stay is not None and stay.ended is not None:
            dossier.row("addict", stay.ended, removed_on=stay.ended + days(4), removal_reason="Chết")

    def _silent(self, life: Life, turn: int) -> None:
        dossier = self._open(life, self._start(life, date(2022, 12, 31)))
        dossier.row("addict", between(self._rng, date(2023, 2, 1), date(2023, 11, 1)))

    def _unknown(self, life: Life, turn: int) -> None:
        self._open(life, self._start(life, date(2023, 11, 20)), presence=None)

    def _relapsed(self, life: Life, turn: int) -> None:
        dossier = self._open(life, self._start(life, date(2019, 6, 30)))
        cured = between(self._rng, date(2020, 6, 1), date(2022, 6, 1))
        dossier.row("post_detox", cured, "community", status_to=cured + days(730))
        dossier.row("addict", cured + days(self._rng.randint(120, 500)), "community")

    def _reentered(self, life: Life, turn: int) -> None:
        start = self._start(life, date(2018, 12, 31))
        removed = between(self._rng, date(2019, 3, 1), date(2021, 6, 1))
        dossier = Dossier(self._world, self._rng, life, start)
        dossier.row(
            "addict", start, "community", removed_on=removed, removal_reason="Hết thời hạn, không tái nghiện"
        )
        dossier.row("addict", removed + days(self._rng.randint(150, 850)), "community")

    def _released(self, life: Life, turn: int) -> None:
        dossier = self._open(life, self._start(life, date(2020, 6, 30)))
        taken = between(self._rng, date(2020, 7, 15), date(2021, 12, 31))
        dossier.row("addict", taken, "detained")
        dossier.row("addict", taken + days(self._rng.randint(180, 700)), "community")

    def _moved(self, life: Life, turn: int) -> None:
        start, moved = (
            self._start(life, date(2021, 12, 31)),
            between(self._rng, date(2022, 2, 1), date(2023, 11, 20)),
        )
        Dossier(self._world, self._rng, life, start, self._elsewhere(life)).row(
            "addict", start, "community", removed_on=moved, removal_reason="Chuyển nơi cư trú"
        )
        self._open(life, moved, life.human.home)

    def _double_listed(self, life: Life, turn: int) -> None:
        """Two posts list the same person; the province counts one, each commune one."""
        self._open(life, self._start(life, date(2021, 12, 31)), self._elsewhere(life))
        self._open(life, between(self._rng, date(2022, 2, 1), date(2023, 11, 20)), life.human.home)

    def _elsewhere(self, life: Life) -> Commune:
        others = [commune for commune in self._world.province.with_addicts if commune != life.human.home]
        return draw(self._rng, others)

    def _leaves_after(self, life: Life, turn: int) -> None:
        start = self._start(life, date(2022, 12, 31))
        Dossier(self._world, self._rng, life, start).row(
            "addict",
            start,
            "community",
            removed_on=between(self._rng, date(2023, 12, 16), date(2023, 12, 29)),
            removal_reason="Chuyển đi ngoài tỉnh",
        )

    def _entered_after(self, life: Life, turn: int) -> None:
        self._open(life, between(self._rng, date(2023, 12, 15), date(2023, 12, 28)), life.human.home)

    def _user(self, life: Life, turn: int) -> None:
        rng = self._rng
        start = (
            life.slip_on + days(rng.randint(0, 3))
            if life.slip_on
            else between(rng, date(2022, 12, 20), date(2023, 12, 8))
        )
        life.listed_from = start
        earlier = start - days(rng.randint(20, 200)) if turn % 4 == 3 else start
        dossier = Dossier(self._world, rng, life, earlier)
        if earlier < start:
            dossier.row("suspected_user", earlier, "community")
        more: Row = {}
        if turn < _DECIDED_USERS:
            more = {
                "status_to": start + days(365),
                "decision_no": f"{self._world.number('management'):04d}/QĐ-UBND",
                "decision_date": start,
            }
        if 60 <= turn < 65:  # five of the eleven with psychosis
            more |= {"psychosis": True, "psychosis_from": between(rng, start, POLICE_DAY)}
        dossier.row("user", start, "community" if rng.random() < 0.85 else None, **more)
        if turn < 5:
            dossier.row("addict", between(rng, date(2023, 12, 18), date(2023, 12, 28)), "community")

    def _user_expired(self, life: Life, turn: int) -> None:
        start = between(self._rng, date(2021, 6, 1), date(2022, 11, 30))
        Dossier(self._world, self._rng, life, start).row(
            "user",
            start,
            "community",
            status_to=start + days(365),
            decision_no=f"{self._world.number('management'):04d}/QĐ-UBND",
            decision_date=start,
        )

    def _user_removed(self, life: Life, turn: int) -> None:
        start = (
            life.slip_on + days(3)
            if life.slip_on
            else between(self._rng, date(2021, 6, 1), date(2022, 9, 30))
        )
        Dossier(self._world, self._rng, life, start).row(
            "user",
            start,
            "community",
            removed_on=start + days(self._rng.randint(30, 110)),
            removal_reason=self._rng.choice(("Dừng quản lý", "Chuyển đi ngoài tỉnh")),
        )

    def _suspected(self, life: Life, turn: int) -> None:
        start = between(self._rng, date(2022, 1, 5), date(2023, 12, 5))
        presence = "community" if self._rng.random() < 0.5 else None
        Dossier(self._world, self._rng, life, start).row(life.story, start, presence)

    def _post_detox(self, life: Life, turn: int) -> None:
        rng, over = self._rng, life.story == "served_out"
        stay = life.stays[0] if life.stays else None
        home = (
            between(rng, date(2022, 1, 10), date(2023, 11, 30))
            if stay is None
            else _ended(stay.ended) + days(rng.randint(0, 5))
        )
        until = home + days(365 if stay is not None and stay.kind == "voluntary_facility" else 730)
        dossier = self._open(
            life, self._start(life, (stay.admitted if stay else date(2020, 1, 1)) - days(30))
        )
        if stay is not None and rng.random() < 0.6:
            dossier.row("addict", stay.admitted + days(rng.randint(0, 4)), "detox_facility")
        more: Row = (
            {"removed_on": until, "removal_reason": "Hết thời hạn quản lý"} if over and turn >= 12 else {}
        )
        dossier.row("post_detox", home, "community", status_to=until, **more)
        life.listed_from = home

    def _removed(self, life: Life, turn: int) -> None:
        start = self._start(life, date(2021, 12, 31))
        reasons = {"died": "Chết", "moved_out": "Chuyển đi ngoài tỉnh", "entered_in_error": "Ghi nhầm"}
        Dossier(self._world, self._rng, life, start).row(
            "addict",
            start,
            "community",
            removed_on=between(self._rng, date(2022, 1, 15), date(2023, 12, 10)),
            removal_reason=reasons[life.story],
            psychosis=turn < 3,
        )
        life.listed_from = start


def _ended(day: date | None) -> date:
    assert day is not None
    return day
