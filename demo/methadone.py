"""Methadone: 592 patients on 19 December 2023 at ten sites, those who left before, and three weeks of doses."""

from datetime import date, timedelta
from decimal import Decimal

from demo.cast import Cast
from demo.facilities import Directory, Site
from demo.people import Human, Manner, identity
from demo.world import Row, World, between, days, skewed

_ACTIVE = 592
_LINKED, _UNLINKED, _IN_CUSTODY = 430, 45, 8
_TRANSFERRED_IN, _ENROLLED_AGAIN, _OPEN_TWICE, _LEAVE_AFTER = 30, 25, 2, 4
_LEAVE_REASONS = ("dropped_out", "completed", "terminated", "moved_away", "died")
_REASON_WEIGHTS = (10, 4, 4, 3, 2)
_DOSING_SITES = ("TTYT-290", "TTYT-293", "TTYT-298")
_DOSES_FROM, _DOSES_TO = date(2023, 12, 1), date(2023, 12, 21)
_LATER = ("ended_on", "end_reason", "transferred_to")


class Methadone:
    """Writes the sites' registers. An episode is (patient_no, enrolled_on); doses follow the open ones."""

    def __init__(self, world: World, cast: Cast, directory: Directory) -> None:
        self._world, self._cast, self._sites = world, cast, directory.sites
        self._rng = world.rng("methadone")
        self._dosed: list[tuple[str, str, date, date | None]] = []

    def tell(self) -> None:
        """Enter all episodes, then the doses."""
        self._present()
        self._left()
        self._around_the_day()
        self._doses()

    def _present(self) -> None:
        """The 592: listed addicts whom a certain link finds, listed ones whom nothing links, and others."""
        rng = self._rng
        listed = [life.human for life in rng.sample(self._cast.of("plain"), _LINKED + _UNLINKED)]
        usual = listed[:_LINKED] + [life.human for life in self._cast.of("detained")[40 : 40 + _IN_CUSTODY]]
        outsiders = [self._cast.outsider() for _ in range(_ACTIVE - len(usual) - _UNLINKED)]
        people: list[tuple[Human, Manner]] = [(human, "usual") for human in (*usual, *outsiders)]
        rng.shuffle(people)
        people += [(human, "isolated") for human in listed[_LINKED:]]
        assert len(people) == _ACTIVE
        for turn, (human, manner) in enumerate(people):
            site = self._site(human)
            since = skewed(rng, max(site.opened, _grown(human)), date(2023, 12, 10))
            number = self._patient_no(site)
            if turn < _TRANSFERRED_IN:
                since = between(rng, date(2022, 3, 1), date(2023, 12, 10))
                other = rng.choice([one for one in self._sites if one != site])
                gone = since - days(rng.randint(0, 3))
                self._episode(
                    human,
                    other,
                    self._patient_no(other),
                    gone - days(rng.randint(90, 480)),
                    gone,
                    "transferred",
                    site,
                )
            elif turn < _TRANSFERRED_IN + _ENROLLED_AGAIN:
                since = between(rng, date(2022, 6, 1), date(2023, 12, 10))
                left = since - days(rng.randint(40, 300))
                self._episode(
                    human,
                    site,
                    number,
                    max(site.opened, left - days(rng.randint(60, 500))),
                    left,
                    "dropped_out",
                )
            elif turn < _TRANSFERRED_IN + _ENROLLED_AGAIN + _OPEN_TWICE:
                other = rng.choice([one for one in self._sites if one != site])
                self._episode(human, other, self._patient_no(other), max(other.opened, since - days(200)))
            leaves = turn >= 100 and turn < 100 + _LEAVE_AFTER
            self._episode(
                human,
                site,
                number,
                since,
                between(rng, date(2023, 12, 20), date(2023, 12, 29)) if leaves else None,
                "dropped_out" if leaves else None,
                manner=manner,
            )

    def _left(self) -> None:
        """Those who left before the day; three were sent on and nobody received them."""
        rng = self._rng
        for life in self._cast.of("in_detox")[20:80]:
            ended = life.stays[0].admitted - days(rng.randint(5, 60))
            self._past(life.human, ended, rng.choice(("terminated", "dropped_out")))
        for life in self._cast.of("detained")[60:90]:
            assert life.detained_on is not None
            self._past(life.human, life.detained_on, "detained")
        for life in self._cast.of("post_detox")[:50]:
            self._past(life.human, life.stays[0].admitted - days(rng.randint(10, 90)), "dropped_out")
        for life in self._cast.of("died"):
            self._past(life.human, between(rng, date(2022, 1, 1), date(2022, 1, 14)), "died")
        for _ in range(119):
            reason = rng.choices(_LEAVE_REASONS, _REASON_WEIGHTS)[0]
            self._past(self._cast.outsider(), skewed(rng, date(2016, 1, 10), date(2023, 12, 15)), reason)
        for _ in range(3):
            human = self._cast.outsider()
            site = self._site(human)
            lost = between(rng, date(2023, 2, 1), date(2023, 10, 31))
            to = rng.choice([one for one in self._sites if one != site])
            self._episode(human, site, self._patient_no(site), lost - days(300), lost, "transferred", to)

    def _around_the_day(self) -> None:
        """Two on the way from one site to another on the day itself, three who enrolled after it."""
        rng = self._rng
        for _ in range(2):
            human = self._cast.outsider(by_id=True)
            site = self._site(human)
            to = rng.choice([one for one in self._sites if one != site])
            self._episode(
                human, site, self._patient_no(site), date(2022, 9, 5), date(2023, 12, 18), "transferred", to
            )
            self._episode(human, to, self._patient_no(to), date(2023, 12, 21))
        for _ in range(3):
            human = self._cast.outsider()
            site = self._site(human)
            self._episode(
                human, site, self._patient_no(site), between(rng, date(2023, 12, 20), date(2023, 12, 29))
            )

    def _past(self, human: Human, ended: date, reason: str) -> None:
        site = self._site(human)
        if site.opened > ended - days(60):
            site = self._sites[0]
        latest = ended - days(20)
        since = between(self._rng, min(max(site.opened, ended - days(1500), _grown(human)), latest), latest)
        self._episode(human, site, self._patient_no(site), since, ended, reason)

    def _site(self, human: Human) -> Site:
        near = [site for site in self._sites if site.district == human.home.district]
        if near and self._rng.random() < 0.8:
            return self._rng.choice(near)
        return self._rng.choices(self._sites, [site.weight for site in self._sites])[0]

    def _patient_no(self, site: Site) -> str:
        return f"{site.code.rsplit('-', 1)[1]}-{self._world.number(site.code + ':patient'):04d}"

    def _episode(
        self,
        human: Human,
        site: Site,
        number: str,
        since: date,
        ended: date | None = None,
        reason: str | None = None,
        to: Site | None = None,
        manner: Manner = "usual",
    ) -> None:
        row: Row = {
            "patient_no": number,
            **identity(self._rng, human, manner=manner),
            "enrolled_on": since,
            "facility_code": site.code,
            "ended_on": ended,
            "end_reason": reason,
            "transferred_to": to.code if to else None,
            "unit_code": site.code,
        }
        self._world.write_in_stages("methadone", row, _LATER, share=0.5)
        if site.code in _DOSING_SITES:
            self._dosed.append((site.code, number, since, ended))

    def _doses(self) -> None:
        rng = self._rng
        strength = {
            (site, number): Decimal(rng.randint(8, 30) * 5) / (2 if rng.random() < 0.1 else 1)
            for site, number, _, _ in self._dosed
        }
        for offset in range((_DOSES_TO - _DOSES_FROM).days + 1):
            day = _DOSES_FROM + timedelta(days=offset)
            for site, number, since, ended in self._dosed:
                if since <= day and (ended is None or day < ended) and rng.random() < 0.95:
                    self._world.write("doses", self._dose(site, number, day, strength[site, number]))

    def _dose(self, site: str, number: str, day: date, mg: Decimal) -> Row:
        taken_home = day.weekday() == 6 and self._rng.random() < 0.6
        return {
            "patient_no": number,
            "dosed_on": day,
            "facility_code": site,
            "mg": mg,
            "kind": "take_home" if taken_home else None,
            "recorded_on": day + days(1) if taken_home else day,
            "unit_code": site,
        }


def _grown(human: Human) -> date:
    return date(human.birth.year + 18, 1, 1)
