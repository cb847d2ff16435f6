"""Determination slips: 536 persons of 2023 on more slips than persons, the slips of earlier years, a few of 2024."""

from datetime import date

from demo.cast import Cast, Life
from demo.facilities import Authority, Directory
from demo.people import Human, identity
from demo.world import Row, World, between, days

_STATIONS_SINCE = date(2022, 7, 1)
_SUBSTANCES = (
    ("heroin",),
    ("methamphetamine",),
    ("heroin", "methamphetamine"),
    ("ketamine",),
    ("MDMA",),
    ("cần sa",),
)
_WEIGHTS = (9, 10, 3, 3, 2, 1)


class Slips:
    """Writes the slips of the facilities."""

    def __init__(self, world: World, cast: Cast, directory: Directory) -> None:
        self._world, self._cast, self._directory = world, cast, directory
        self._rng = world.rng("determinations")

    def tell(self) -> None:
        """Enter all slips."""
        for addicted, twice in ((True, 9), (False, 7)):
            lives = self._cast.with_slip(addicted=addicted)
            for life in lives:
                self._conclude(life.human, _known(life.slip_on), addicted=addicted)
            # A second slip of the same person in the same year: one more slip, no more persons. Half of them can
            # be joined by name and birth date only.
            numbered = [life for life in lives if life.human.by_id]
            named = [life for life in lives if not life.human.by_id]
            for life in (
                *self._rng.sample(named, twice // 2),
                *self._rng.sample(numbered, twice - twice // 2),
            ):
                again = _known(life.slip_on) + days(self._rng.randint(15, 120))
                self._conclude(life.human, min(again, date(2023, 12, 28)), addicted=addicted)
        self._of_earlier_years()
        for _ in range(4):
            self._conclude(
                self._cast.outsider(), between(self._rng, date(2024, 1, 3), date(2024, 1, 10)), addicted=True
            )

    def _of_earlier_years(self) -> None:
        for life in self._cast.of("plain", "in_detox", "detained", "post_detox", "served_out", "absent"):
            start = life.listed_from
            if life.slip_on is None and start is not None and self._has_old_slip(life, start):
                self._conclude(life.human, start - days(self._rng.randint(0, 10)), addicted=True)
        # Found clear in 2022, addicted in 2023: each conclusion counts in its own year.
        for life in self._cast.with_slip(addicted=True)[:10]:
            self._conclude(
                life.human, between(self._rng, date(2022, 7, 10), date(2022, 12, 28)), addicted=False
            )
        for _ in range(60):
            self._conclude(
                self._cast.outsider(),
                between(self._rng, date(2022, 1, 10), date(2022, 12, 28)),
                addicted=False,
            )

    def _has_old_slip(self, life: Life, start: date) -> bool:
        return date(2016, 3, 1) <= start < date(2023, 1, 1) and self._rng.random() < 0.55

    def _conclude(self, human: Human, concluded: date, *, addicted: bool) -> None:
        rng = self._rng
        watched = rng.random() < 0.4
        requested = concluded - days(rng.randint(5, 7) if watched else rng.randint(0, 4))
        observed = requested + days(rng.randint(0, 2))
        who = self._authority(human, requested, concluded)
        row: Row = {
            "slip_no": f"{self._world.number(who.facility_code + ':slip'):04d}/{concluded.year}",
            **identity(rng, human),
            "facility_code": who.facility_code,
            "clinician_no": who.clinician_no,
            "requested_on": requested,
            "observation_from": observed if watched else None,
            "observation_to": min(observed + days(rng.randint(3, 5)), concluded) if watched else None,
            "concluded_on": concluded,
            "conclusion": "addicted" if addicted else "not_addicted",
            "criteria_met": rng.choice((3, 3, 4, 4, 5, 6)) if addicted else rng.choice((0, 0, 1, 1, 2)),
            "substances": rng.choices(_SUBSTANCES, _WEIGHTS)[0] if addicted or rng.random() < 0.7 else None,
            "unit_code": who.facility_code,
        }
        self._world.write("determination", row)

    def _authority(self, human: Human, requested: date, concluded: date) -> Authority:
        """At the commune's station when it qualifies, else at the district's centre, now and then at the hospital."""
        rng, directory = self._rng, self._directory
        choice = rng.random()
        station = directory.station_of.get(human.home.code)
        if choice < 0.55 and station is not None and requested >= _STATIONS_SINCE:
            found = directory.authority(rng, station, requested, concluded)
            if found is not None:
                return found
        facility = "BVTT-30" if choice > 0.9 else f"TTYT-{human.home.district}"
        found = directory.authority(rng, facility, requested, concluded)
        assert found is not None
        return found


def _known(day: date | None) -> date:
    assert day is not None
    return day
