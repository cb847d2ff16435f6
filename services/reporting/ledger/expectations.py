"""Which registers are expected of which units, by the authority table, the calendar and the list of facilities. Pure."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from contracts.forms import FORMS
from reference import Period, area_book, forms_expected, unit_kinds
from services.chassis.periods import due_of
from services.chassis.security import Unit, Units, lies_in
from services.reporting.ledger.domain import Expected

_ALL_FORMS = frozenset(FORMS)


def expected_of(
    units: Units,
    facilities: Iterable[str],
    period: Period,
    area: str,
    *,
    form: str | None = None,
    unit: str | None = None,
) -> dict[Unit, list[Expected]]:
    """Return what each unit in the area is expected to hand in, as the rules stand on the period's last day.

    ``facilities`` are the codes of those that are listed; ``form`` and ``unit`` narrow it to one.
    """
    day = period.last
    found: dict[Unit, list[Expected]] = {}
    # Units are many and their kinds few: what is expected of a kind is looked up once.
    by_kinds: dict[frozenset[tuple[str, str]], frozenset[str]] = {}
    for code in [unit] if unit else [*offices(day), *facilities]:
        known = units.on(code, day)
        if not lies_in(known, area):
            continue
        if known.kinds not in by_kinds:
            by_kinds[known.kinds] = forms_expected(known.kinds, period, _ALL_FORMS)
        forms = by_kinds[known.kinds]
        if form is not None:
            forms &= {form}
        if forms:
            due = due_of(period, known)
            found[known] = [Expected(each, code, due) for each in sorted(forms)]
    return found


@lru_cache(maxsize=64)
def offices(day: date) -> tuple[str, ...]:
    """Return the codes of the units of all areas that exist on the day."""
    return tuple(
        f"{kind.code_word}:{area.code}"
        for kind in unit_kinds()
        if kind.code_word is not None
        for area in area_book().by_uid.values()
        if area.level == kind.level and area.exists_on(day)
    )
