"""The 235 communes of 2023 and how the invented population lies over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from demo import PROVINCE
from reference import area_book

HOT = ("10513", "10516", "11017")
"""The three communes that the report names as hot: Ngọc Châu, Quang Trung, Gia Xuyên."""
_AS_OF = date(2023, 12, 14)
_CLEAN, _ONLY_CASES, _ONLY_USERS, _ONLY_HOT_SPOT = 51, 20, 12, 2


@dataclass(frozen=True, slots=True)
class Commune:
    """One commune. ``weight`` says how much of the invented population lives there."""

    code: str
    name: str
    district: str
    weight: float


class Province:
    """The communes, parted by what the report day finds in them: 184 with a drug problem and 51 without."""

    def __init__(self, rng: Random) -> None:
        book = area_book()
        province = book.resolve(PROVINCE, _AS_OF)
        assert province is not None
        self.communes = [
            Commune(
                area.code,
                area.name,
                book.by_uid[area.parent_uid or ""].code,
                _weight(rng, area.name, area.code),
            )
            for area in book.communes(province.uid, _AS_OF)
        ]
        self.by_code = {commune.code: commune for commune in self.communes}
        self.districts = {area.code: area.name for area in book.children(province.uid, _AS_OF)}
        rural = [
            commune for commune in self.communes if commune.name.startswith("Xã") and commune.code not in HOT
        ]
        rng.shuffle(rural)
        parts = iter(rural)
        self.clean = [next(parts) for _ in range(_CLEAN)]
        self.only_cases = [next(parts) for _ in range(_ONLY_CASES)]
        self.only_users = [next(parts) for _ in range(_ONLY_USERS)]
        self.only_hot_spot = [next(parts) for _ in range(_ONLY_HOT_SPOT)]
        apart = {*self.clean, *self.only_cases, *self.only_users, *self.only_hot_spot}
        self.with_addicts = [commune for commune in self.communes if commune not in apart]

    def in_district(self, district: str) -> list[Commune]:
        """Return the district's communes, by code."""
        return [commune for commune in self.communes if commune.district == district]

    def seat(self, district: str) -> Commune:
        """Return the town where a district's offices are."""
        return max(
            self.in_district(district),
            key=lambda commune: (not commune.name.startswith("Xã"), commune.weight),
        )

    def anywhere(self, rng: Random) -> Commune:
        """Return a commune drawn by population."""
        return draw(rng, self.communes)


def draw(rng: Random, communes: Sequence[Commune]) -> Commune:
    """Return one of the communes, drawn by population."""
    return rng.choices(communes, weights=[commune.weight for commune in communes])[0]


def spread(rng: Random, communes: Sequence[Commune], count: int, each: Sequence[Commune]) -> list[Commune]:
    """``count`` draws by population among which every commune of ``each`` occurs at least once."""
    drawn = [*each, *(draw(rng, communes) for _ in range(count - len(each)))]
    rng.shuffle(drawn)
    return drawn


def _weight(rng: Random, name: str, code: str) -> float:
    base = 4.0 if name.startswith("Phường") else 3.5 if name.startswith("Thị trấn") else 1.0
    return base * rng.uniform(0.5, 1.5) * (2.5 if code in HOT else 1.0)
