"""Rows as units hand them in, what the generator knows about them, and the true figures counted from that."""

from dataclasses import dataclass
from datetime import date

Values = dict[str, str]


@dataclass(frozen=True, slots=True)
class Human:
    """One human being; ``by_number`` ones are known by a birth year and the 12-digit number alone."""

    name: str
    birth: date
    sex: str
    cccd: str
    cmnd: str
    commune: str
    by_number: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One row as handed in, and whom it is about (which no service is told)."""

    form: str
    values: Values
    human: Human | None = None

    @property
    def voids(self) -> bool:
        return self.values.get("void") == "yes"


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one form that are handed in together."""

    form: str
    entries: tuple[Entry, ...]

    @property
    def rows(self) -> list[Values]:
        return [entry.values for entry in self.entries]


def true_figures(entries: list[Entry]) -> dict[str, int]:
    """Figures of the whole year (stocks: at its end) from the rows in force, counting human beings."""

    def rows(form: str, **wanted: str) -> list[Entry]:
        return [entry for entry in entries if entry.form == form
                and all(entry.values.get(name) == value for name, value in wanted.items())]  # fmt: skip

    def people(found: list[Entry]) -> int:
        return len({entry.human for entry in found})

    fires = rows("fires", counts_as_case="yes")
    active = [entry for entry in rows("methadone") if not entry.values.get("ended_on")]
    return {
        "fires.cases": len(fires),
        "fires.deaths": sum(int(entry.values["deaths"]) for entry in fires),
        "fires.damage_vnd": sum(int(entry.values["damage_vnd"].replace(".", "")) for entry in fires),
        "drug_cases.detected": len(rows("drug_cases")),
        "drug_cases.subjects": sum(int(entry.values["subjects"]) for entry in rows("drug_cases")),
        "conflicts.detected": len(rows("conflicts")),
        "conflicts.status.resolved_stable": len(rows("conflicts", status="resolved_stable")),
        "hot_spots.eliminated": len(rows("places", kind="hot_spot", end_reason="eliminated")),
        "methadone.doses": len(rows("doses")),
        "methadone.entered": people(rows("methadone")),
        "methadone.active": people(active),
        "determination.slips": len(rows("determination")),
        "determination.concluded": people(rows("determination")),
        "determination.addicted": people(rows("determination", conclusion="addicted")),
        "detox.compulsory_admitted": people(rows("detox", kind="compulsory")),
        "detox.voluntary_home_admitted": people(rows("detox", kind="voluntary_home")),
        "arrests.persons": people(rows("arrests")),
    }
