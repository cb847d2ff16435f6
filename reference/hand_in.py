"""Which registers are handed in period by period: by which kinds of unit, and for which kinds of period.

The authority table says who *may* hand a register in. Of registers that several kinds of unit may hand in
(``hand-in-periods.csv``, column ``units``) this says whose absence is a gap; ``*`` is every unit that keeps one. A form that
is not listed, such as the list of facilities, is handed in whenever something changes, and never missing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from reference.pack.authority import authority
from reference.reporting_calendars import Period, calendars
from reference.tables import in_force, national_table


@dataclass(frozen=True, slots=True)
class HandInPeriod:
    """One row: a form, the kinds of unit and the kinds of period (month, quarter, …) for which it is expected."""

    form: str
    units: frozenset[str]
    periods: frozenset[str]
    valid_from: date | None
    valid_to: date | None
    basis: str

    def expects(self, kind: str) -> bool:
        """Return whether a unit of the kind is expected to hand the form in."""
        return bool(self.units & {"*", kind})


def hand_in_periods(period_kind: str, day: date) -> tuple[HandInPeriod, ...]:
    """Return the forms that are handed in for periods of the kind, as the rule stands on the day."""
    return tuple(
        row
        for row in _rows()
        if row.periods & {"*", period_kind} and in_force(row.valid_from, row.valid_to, day)
    )


def forms_expected(kinds: Iterable[tuple[str, str]], period: Period, forms: frozenset[str]) -> frozenset[str]:
    """Return the forms that a unit is expected to hand in for the period, as the rules stand on the period's last day.

    ``kinds`` are the unit's kinds on that day, each with its agency; ``forms`` the names of the forms that there are. It is
    what the unit keeps itself by the authority table, of what its agency reports by the period's calendar.

    Example: police of a commune and a month of police: the register of users, fires, drug cases, …; nothing of health's.
    """
    owners = frozenset(calendars()[period.calendar].owners)
    reporting = {kind for kind, agency in kinds if owners & {"*", agency}}
    kept = {
        (row["form"], row["kind"])
        for row in authority(forms).on("hand-in", period.last)
        if row["reach"] == "own"
    }
    return frozenset(
        rule.form
        for rule in hand_in_periods(period.kind, period.last)
        for kind in reporting
        if (rule.form, kind) in kept and rule.expects(kind)
    )


@lru_cache(maxsize=1)
def _rows() -> tuple[HandInPeriod, ...]:
    return tuple(
        HandInPeriod(
            row["form"],
            frozenset(row["units"].split(";")),
            frozenset(row["periods"].split(";")),
            date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            row["basis"],
        )
        for row in national_table("hand-in-periods.csv")
    )
