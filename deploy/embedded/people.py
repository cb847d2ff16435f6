"""The invented people whom the embedded stack's issuer knows: one in each role of each office of the province.

Outside loopback none of them exists: a real deployment's people are those of its OpenID Connect provider.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from reference import parse_unit, province, sample_communes, unit_kinds

ROLES = ("clerk", "official", "analyst", "admin", "operator")


@dataclass(frozen=True, slots=True)
class Person:
    """A person with a role in a unit."""

    unit: str
    role: str

    @property
    def subject(self) -> str:
        """Return the name in tokens: ``official@health:30``."""
        return f"{self.role}@{self.unit}"

    @property
    def area(self) -> str | None:
        """Return the code of the unit's area; None of a facility."""
        parsed = parse_unit(self.unit)
        return None if parsed is None else parsed.area_code


@lru_cache(maxsize=1)
def people() -> Mapping[str, Person]:
    """Return the people by name, ``role.kind``: ``clerk.commune_police``, ``official.health_department``.

    Kinds of commune level have people in the pack's sample commune, kinds of province level in the province's units;
    other kinds have none.
    """
    commune = sample_communes()[0]
    codes = {"commune": commune.code, "province": province().code}
    found: dict[str, Person] = {}
    for kind in unit_kinds():
        code = codes.get(kind.level or "")
        unit = f"{kind.code_word}:{code}"
        if kind.code_word is None or code is None or parse_unit(unit) is None:
            continue
        found |= {f"{role}.{kind.kind}": Person(unit, role) for role in ROLES}
    return found


def person_named(name: str) -> Person | None:
    """Return one of the people, by name or as ``role@unit`` (``clerk@TTYT-290``); None for anybody else."""
    role, _, unit = name.partition("@")
    if role in ROLES and parse_unit(unit) is not None:
        return Person(unit, role)
    return people().get(name)
