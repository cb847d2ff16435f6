"""Drug cases (581 in 2023, 524 in 2022) and the people arrested in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from demo.cast import Cast
from demo.people import Human, identity
from demo.province import Commune, spread
from demo.world import POLICE_DAY, Row, World, between, days

_CASES_2023, _CASES_2022 = 581, 524
_AFTER_THE_DAY = 24
_ORGANISING, _HARBOURING, _AT_CONDITIONAL = 84, 49, 42
_DISGUISED = 27
_BY_AIR_OR_POST = (("air", Decimal(5500)), ("post", Decimal(3500)))
_LATER = ("prosecuted_on", "accused", "administrative_on")


@dataclass(frozen=True, slots=True)
class _Case:
    number: str
    unit: str
    commune: Commune
    detected: date
    subjects: int
    prosecuted: bool
    administrative: bool


class Cases:
    """Writes the cases of both years and the lists of people arrested."""

    def __init__(self, world: World, cast: Cast) -> None:
        self._world, self._cast, self._rng = world, cast, world.rng("cases")
        self._cases: list[_Case] = []

    def tell(self) -> None:
        """Enter cases, then arrests."""
        self._of_2023()
        province, rng = self._world.province, self._rng
        for commune in spread(rng, province.communes, _CASES_2022, []):
            offence = rng.choices(
                ("possession", "trade", "transport", "organising_use", "harbouring_use"), (50, 25, 6, 12, 7)
            )[0]
            self._case(
                commune,
                between(rng, date(2022, 1, 2), date(2022, 12, 31)),
                offence,
                disguised=rng.random() < 0.03,
            )
        self._arrests()

    def _of_2023(self) -> None:
        """The sub-counts of the report, each on cases of its own where it can be."""
        rng, province = self._rng, self._world.province
        wide = [*province.with_addicts, *province.only_cases]
        early = _CASES_2023 - _AFTER_THE_DAY
        where = spread(rng, wide, early, province.only_cases)
        # Two of the late cases are in communes that were still without a drug problem on the police's day.
        late = [*province.clean[:2], *spread(rng, province.with_addicts, _AFTER_THE_DAY - 2, [])]
        places = [(commune, between(rng, date(2023, 1, 1), POLICE_DAY)) for commune in where]
        places += [(commune, between(rng, date(2023, 12, 15), date(2023, 12, 30))) for commune in late]
        rng.shuffle(places)
        turns = iter(places)
        for turn in range(_ORGANISING + _HARBOURING):
            offence = "organising_use" if turn < _ORGANISING else "harbouring_use"
            venue = (
                "conditional_business"
                if turn % 3 == 0 and turn < 3 * _AT_CONDITIONAL
                else rng.choice(("lodging", "disguised_business", "other", "none"))
            )
            self._case(*next(turns), offence, venue=venue)
        for channel, grams in _BY_AIR_OR_POST:
            self._case(*next(turns), "transport", channel=channel, grams=grams)
        for _ in range(_DISGUISED):
            self._case(*next(turns), rng.choice(("trade", "possession")), disguised=True)
        for commune, day in turns:
            venue = rng.choices(("none", "conditional_business", "lodging", "other"), (80, 4, 8, 8))[0]
            self._case(
                commune,
                day,
                rng.choices(("possession", "trade", "transport", "other"), (60, 30, 7, 3))[0],
                venue=venue,
            )

    def _case(
        self,
        commune: Commune,
        detected: date,
        offence: str,
        *,
        venue: str = "none",
        channel: str | None = None,
        disguised: bool = False,
        grams: Decimal | None = None,
    ) -> None:
        rng = self._rng
        unit = "police:30" if channel or rng.random() < 0.12 else f"police:{commune.district}"
        subjects = rng.choices((1, 2, 3, 4, 7), (60, 20, 10, 6, 4))[0]
        prosecuted, administrative = rng.random() < 0.72, rng.random() < 0.2
        number = f"{self._world.number(f'{unit}:case:{detected.year}'):03d}/{detected.year}"
        if grams is None and offence in ("trade", "possession", "transport"):
            grams = Decimal(rng.randint(1, 4000)) / 100
        row: Row = {
            "case_no": number,
            "commune_code": commune.code,
            "detected_on": detected,
            "offence": offence,
            "channel": channel,
            "disguised_drug": True if disguised else None,
            "venue": venue,
            "subjects": subjects,
            "prosecuted_on": detected + days(rng.randint(1, 20)) if prosecuted else None,
            "accused": rng.randint(1, subjects) if prosecuted else None,
            "administrative_on": detected + days(rng.randint(1, 18))
            if administrative and not prosecuted
            else None,
            "substance": rng.choices(
                ("heroin", "methamphetamine", "ketamine", "MDMA", "cần sa"), (8, 9, 4, 2, 1)
            )[0],
            "seized_grams": grams,
            "unit_code": unit,
        }
        self._cases.append(
            _Case(number, unit, commune, detected, subjects, prosecuted, administrative and not prosecuted)
        )
        self._world.write_in_stages("drug_cases", row, _LATER, share=0.4)

    def _arrests(self) -> None:
        """People taken in the cases: some whom the registry lists (it says since when they are detained), most not."""
        rng = self._rng
        detained = [
            life for life in self._cast.of("detained") if (life.detained_on or POLICE_DAY).year == 2023
        ]
        for life in detained:
            assert life.detained_on is not None
            self._arrest(self._nearest(life.detained_on), life.human, life.detained_on)
        known = [life.human for life in (*self._cast.of("user")[165:190], *self._cast.of("plain")[520:550])]
        for human in known:
            case = rng.choice([one for one in self._cases if one.detected.year == 2023])
            self._arrest(case, human, case.detected + days(rng.randint(0, 2)), ("administrative", "released"))
        for case in self._cases:
            if rng.random() < (0.7 if case.detected.year == 2023 else 0.4):
                for _ in range(min(case.subjects, rng.randint(1, 3))):
                    self._arrest(case, self._cast.outsider(), case.detected + days(rng.randint(0, 4)))
        for human in known[:6]:  # taken twice in the year, once in each of two cases
            case = rng.choice([one for one in self._cases if one.detected.year == 2023])
            self._arrest(case, human, case.detected + days(4), ("released",))

    def _nearest(self, day: date) -> _Case:
        past = [case for case in self._cases if case.detected <= day and case.prosecuted]
        return max(past, key=lambda case: case.detected)

    def _arrest(self, case: _Case, human: Human, day: date, outcomes: Sequence[str] = ()) -> None:
        usual = (
            ("prosecuted",)
            if case.prosecuted
            else ("administrative",)
            if case.administrative
            else ("pending", "released")
        )
        row: Row = {
            "case_no": case.number,
            **identity(self._rng, human),
            "arrested_on": day,
            "outcome": self._rng.choice(outcomes or usual),
            "unit_code": case.unit,
        }
        self._world.write("arrests", row)
