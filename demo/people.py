"""Invented people, and invented in a way that shows.

- Family names are words such as Mẫu ("specimen"), Thử ("trial"), Giả ("sham"), Nháp ("draft") and Ví ("example"),
  which no Vietnamese family bears.
- Citizen numbers (CCCD) have the legal build (030 for the province, one digit for century and sex, two for the
  year of birth, six more), but the six are a running number that starts again at 900001: they are counted up, not
  issued. Old nine-digit numbers (CMND) are ``14`` and a running number.
"""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Literal

from demo.province import Commune
from demo.world import Row, between

Manner = Literal["usual", "isolated"]

_FAMILY = ("Mẫu", "Thử", "Giả", "Nháp", "Ví")
_MIDDLE = {
    "male": ("Văn", "Đức", "Hữu", "Quang", "Minh", "Xuân", "Công", "Đình"),
    "female": ("Thị", "Ngọc", "Thu", "Thanh", "Diệu"),
}
_GIVEN = {
    "male": (
        "Hòa",
        "Tùng",
        "Khóa",
        "Dũng",
        "Bình",
        "Sơn",
        "Lâm",
        "Toàn",
        "Khánh",
        "Phúc",
        "Tiến",
        "Long",
        "Đạt",
    ),
    "female": ("Thủy", "Hoa", "Lan", "Thúy", "Mai", "Hằng", "Nga", "Hòa", "Yến"),
}
_TONE_ELSEWHERE = {"Hòa": "Hoà", "Khóa": "Khoá", "Thủy": "Thuỷ", "Thúy": "Thuý"}


@dataclass(frozen=True, slots=True)
class Human:
    """One human being.

    Registers know the same human in different ways; ``by_id`` says which certain link holds between them: always
    the 12-digit number (the birth date is then now and then a year alone), or always the full birth date (the
    number is then often missing or the old one).
    """

    name: str
    birth: date
    sex: Literal["male", "female"]
    cccd: str
    cmnd: str
    by_id: bool
    home: Commune


class Population:
    """Makes humans of whom no two share name, birth date and sex, except the pairs made so on purpose."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._taken: set[tuple[str, date, str]] = set()
        self._running = 0

    def human(
        self, home: Commune, *, by_id: bool | None = None, born: tuple[int, int] = (1965, 1999)
    ) -> Human:
        """Return a new human being living in the commune, born within the years given (both inclusive)."""
        rng = self._rng
        sex: Literal["male", "female"] = "female" if rng.random() < 0.07 else "male"
        while True:
            name = f"{rng.choice(_FAMILY)} {rng.choice(_MIDDLE[sex])} {rng.choice(_GIVEN[sex])}"
            birth = between(rng, date(born[0], 1, 1), date(born[1], 12, 31))
            if (name, birth, sex) not in self._taken:
                break
        return self._register(name, birth, sex, rng.random() < 0.8 if by_id is None else by_id, home)

    def namesake(self, other: Human, home: Commune) -> Human:
        """Return a different human being of the same name, birth date and sex, whom only the number tells apart."""
        return self._register(other.name, other.birth, other.sex, True, home)

    def _register(
        self, name: str, birth: date, sex: Literal["male", "female"], by_id: bool, home: Commune
    ) -> Human:
        self._taken.add((name, birth, sex))
        self._running += 1
        century = (0 if birth.year < 2000 else 2) + (sex == "female")
        cccd = f"030{century}{birth.year % 100:02d}{900000 + self._running:06d}"
        return Human(name, birth, sex, cccd, f"14{self._running:07d}", by_id, home)


def identity(rng: Random, human: Human, commune: Commune | None = None, manner: Manner = "usual") -> Row:
    """Return the identity columns as some unit wrote them; ``isolated`` leaves nothing that makes a certain link."""
    year_only = manner == "isolated" or (human.by_id and rng.random() < 0.1)
    if manner == "isolated":
        number = None
    elif human.by_id:
        number = human.cccd
    else:
        number = rng.choice((None, None, human.cmnd, human.cccd))
    return {
        "full_name": _as_written(rng, human.name),
        "birth_date": str(human.birth.year) if year_only else human.birth,
        "sex": human.sex,
        "national_id": number,
        "commune_code": (commune or human.home).code,
    }


def _as_written(rng: Random, name: str) -> str:
    given = name.rsplit(" ", 1)[1]
    if given in _TONE_ELSEWHERE and rng.random() < 0.3:
        name = name.removesuffix(given) + _TONE_ELSEWHERE[given]
    if rng.random() < 0.05:
        return name.upper()
    return name.replace(" ", "  ", 1) if rng.random() < 0.01 else name
