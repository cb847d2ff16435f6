"""Facilities and clinicians: 227 that determine, ten methadone sites by year of opening, the detox centre."""

from dataclasses import dataclass
from datetime import date
from random import Random

from demo import HEALTH, POLICE
from demo.cast import Cast
from demo.people import identity
from demo.province import Commune
from demo.world import Row, World

DETOX_CENTRE = "CSCN-30"
_FIRST_LIST = date(2016, 1, 1)
_LIST_OF_2022 = date(2022, 6, 22)
_STATIONS = 212
_MMT_UNIT = "MMT-CSCN"
_PROVINCE_HOSPITAL, _PROVINCE_CENTRE = "BVTT-30", "CDC-30"
_OPENED = {
    _PROVINCE_CENTRE: date(2010, 4, 1),
    "TTYT-290": date(2010, 8, 16),
    "TTYT-292": date(2010, 11, 1),
    "TTYT-293": date(2011, 9, 5),
    "TTYT-291": date(2015, 4, 1),
    "TTYT-295": date(2015, 10, 12),
    "TTYT-296": date(2016, 3, 15),
    "TTYT-300": date(2016, 6, 1),
    "TTYT-298": date(2016, 11, 21),
    _MMT_UNIT: date(2020, 8, 3),
}
"""Methadone sites and when they opened: 2010: 3, 2011: 1, 2015: 2, 2016: 3, 2020: 1."""


@dataclass(frozen=True, slots=True)
class Site:
    """A methadone site; ``weight`` is its share of the patients."""

    code: str
    opened: date
    district: str
    weight: float


@dataclass(frozen=True, slots=True)
class Authority:
    """A clinician at a facility for an interval."""

    clinician_no: str
    facility_code: str
    since: date
    until: date | None


class Directory:
    """Writes both lists and answers who can determine where on a day."""

    def __init__(self, world: World, cast: Cast) -> None:
        self._world, self._cast, self._rng = world, cast, world.rng("facilities")
        self.authorities: dict[str, list[Authority]] = {}
        self.station_of: dict[str, str] = {}
        self.sites: list[Site] = []
        self._seats = {district: world.province.seat(district) for district in world.province.districts}
        self._hospitals()
        self._stations()
        self._dispensaries()

    def authority(self, rng: Random, facility: str, since: date, until: date) -> Authority | None:
        """Someone who could determine there on all days from ``since`` to ``until``."""
        fit = [
            one
            for one in self.authorities.get(facility, ())
            if one.since <= since and (one.until is None or until < one.until)
        ]
        return rng.choice(fit) if fit else None

    def _hospitals(self) -> None:
        seats, city = self._seats, self._seats["288"]
        self._determining(_PROVINCE_HOSPITAL, "Bệnh viện Tâm thần tỉnh", "province", city, _FIRST_LIST)
        self._determining(
            _PROVINCE_CENTRE, "Trung tâm Kiểm soát bệnh tật tỉnh", "province", city, _FIRST_LIST
        )
        for district, name in self._world.province.districts.items():
            self._determining(
                f"TTYT-{district}", f"Trung tâm Y tế {name}", "district", seats[district], _FIRST_LIST
            )
        centre_home = self._seats["290"]
        self._facility(
            DETOX_CENTRE,
            "Cơ sở cai nghiện ma túy tỉnh",
            "province",
            centre_home,
            date(2008, 1, 1),
            ("detox",),
        )
        self._determining(
            _MMT_UNIT, "Bộ phận điều trị methadone, cơ sở cai nghiện", "commune", centre_home, _LIST_OF_2022
        )

    def _determining(self, code: str, name: str, level: str, commune: Commune, since: date) -> None:
        """A facility on the list from ``since``, and a methadone site from its opening: a row for each state."""
        opened = _OPENED.get(code)
        if opened is None:
            self._facility(code, name, level, commune, since, ("determination",))
        else:
            first, both = (
                ("methadone",) if opened < since else ("determination",),
                ("determination", "methadone"),
            )
            self._facility(code, name, level, commune, min(opened, since), first, max(opened, since))
            self._facility(code, name, level, commune, max(opened, since), both)
            weight = {_PROVINCE_CENTRE: 2.6, _MMT_UNIT: 0.5}.get(code, self._rng.uniform(0.6, 1.5))
            self.sites.append(Site(code, opened, commune.district, weight))
        for turn in range(3 if level == "province" else 2):
            basis = "psychiatrist" if level == "province" else ("certificate", "assistant")[turn % 2]
            self._clinician(code, basis, since)

    def _stations(self) -> None:
        """212 of 235 health stations qualify on the last day of 2023: 211 since the list of 2022, one new, three lost."""
        rng = self._rng
        communes = sorted(self._world.province.communes, key=lambda one: one.weight, reverse=True)
        never = {commune.code for commune in rng.sample(communes[40:], len(communes) - _STATIONS - 3)}
        qualified = [commune for commune in communes if commune.code not in never]
        lost = rng.sample(qualified[30:], 3)
        fresh = rng.choice([commune for commune in qualified[30:] if commune not in lost])
        for commune in qualified:
            code, name = f"TYT-{commune.code}", f"Trạm Y tế {commune.name}"
            since = date(2023, 4, 3) if commune == fresh else _LIST_OF_2022
            until = date(2023, rng.randint(2, 9), 1) if commune in lost else None
            self._facility(code, name, "commune", commune, since, ("determination",), until)
            self._clinician(code, rng.choices(("certificate", "assistant"), (4, 1))[0], since, until)
            self.station_of[commune.code] = code
        late = next(commune for commune in communes if commune.code in never)
        self._facility(
            f"TYT-{late.code}",
            f"Trạm Y tế {late.name}",
            "commune",
            late,
            date(2024, 1, 15),
            ("determination",),
        )

    def _dispensaries(self) -> None:
        for district in ("290", "293", "298"):
            commune = self._world.province.in_district(district)[3]
            code = f"CPT-{commune.code}"
            self._facility(
                code,
                f"Điểm cấp phát thuốc {commune.name}",
                "commune",
                commune,
                date(2021, 5, 10),
                ("dispensing",),
            )

    def _facility(
        self,
        code: str,
        name: str,
        level: str,
        commune: Commune,
        since: date,
        does: tuple[str, ...],
        until: date | None = None,
    ) -> None:
        row: Row = {
            "facility_code": code,
            "valid_from": since,
            "name": name,
            "level": level,
            "commune_code": commune.code,
            "does": does,
            "valid_to": until,
            # Detox is the police's to list since March 2025; who hands the file in today is of today.
            "unit_code": POLICE if "detox" in does else HEALTH,
        }
        self._world.write_in_stages("facilities", row, ("valid_to",), share=0.5)

    def _clinician(self, facility: str, basis: str, since: date, until: date | None = None) -> None:
        number = f"BS-{self._world.number('clinician'):04d}"
        self.authorities.setdefault(facility, []).append(Authority(number, facility, since, until))
        row: Row = {
            "clinician_no": number,
            "valid_from": since,
            "full_name": identity(self._rng, self._cast.outsider())["full_name"],
            "facility_code": facility,
            "basis": basis,
            "valid_to": until,
            "unit_code": HEALTH,
        }
        self._world.write_in_stages("clinicians", row, ("valid_to",), share=0.5)
