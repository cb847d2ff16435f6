"""Read the parameters of a reconciliation that are not part of the figure's own question."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import get_args

from contracts.forms import FORMS
from reference import Owner, number_within
from services.chassis.problems import Fault, Problem
from services.marks import wanted_of
from services.registers import CellError, parse
from services.reporting.reconciliation.document import Listing
from services.reporting.reconciliation.domain.waterfall import ORDER
from services.reporting.reconciliation.usecases import Given

PAGE, PAGE_MOST = 50, 1_000
_VALUE = FORMS["declared"].by_id["value"]
OWN = (
    "agency",
    "against",
    "records",
    "step",
    "limit",
    "offset",
    "declared",
    "declared_as_of",
    "declared_from",
    "declared_to",
    "declared_on",
    "marked",
)
"""Parameters of the reconciliation itself."""
QUESTION = ("area", "as_of", "from", "to", "known_at", "area_of", "calendar", "period", "geography")
"""Parameters of the figure's own question."""
_WITH_VALUE = ("declared_as_of", "declared_from", "declared_to", "declared_on")


class ReconciliationRequest:
    """The parameters of the reconciliation itself; every fault of them at once.

    Raises:
        Problem: 422.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self._faults: list[Fault] = []
        self.agency = self._agency()
        self.against = self._against()
        self.number = self._number()
        self.listing = self._listing()
        self.marked = wanted_of(given.get("marked"))
        if self._faults:
            raise Problem.invalid(self._faults)

    def _fault(self, name: str, rule: str, **parts: object) -> None:
        self._faults.append(Fault.of(name, self._given.get(name), rule, **parts))

    def _agency(self) -> str | None:
        agency = self._given.get("agency") or None
        # A number given in the request itself may be nobody's declaration, so it needs no agency.
        if agency not in get_args(Owner) and not (agency is None and self._given.get("declared")):
            self._fault("agency", "reconcile_agency", agencies=", ".join(get_args(Owner)))
        return agency

    def _against(self) -> str | None:
        against = self._given.get("against") or None
        if against is not None and against not in get_args(Owner):
            self._fault("against", "reconcile_agency", agencies=", ".join(get_args(Owner)))
        return against

    def _number(self) -> Given | None:
        text = self._given.get("declared")
        if not text:
            # Without a number these dates would be ignored, and the caller would trust an answer about other dates.
            for name in _WITH_VALUE:
                if self._given.get(name):
                    self._fault(name, "reconcile_only_with_value")
            return None
        value = self._value(text)
        day = self._day("declared_to") or self._day("declared_as_of")
        return Given(value, day, self._day("declared_from"), self._day("declared_on"))

    def _value(self, text: str) -> Decimal:
        """Read a number as Vietnamese forms write it: ``1.120`` is 1120, and ``78,3`` has one decimal."""
        try:
            value: Decimal = parse(_VALUE, text)
        except CellError:
            self._fault("declared", "reconcile_value")
            return Decimal()
        return value

    def _day(self, name: str) -> date | None:
        text = self._given.get(name)
        if not text:
            return None
        # strptime takes the digits of every script.
        for form in ("%Y-%m-%d", "%d/%m/%Y") if text.isascii() else ():
            try:
                found = datetime.strptime(text, form).date()  # noqa: DTZ007  only its date is used
            except ValueError:
                continue
            if 1900 <= found.year <= 9990:
                return found
        self._fault(name, "date")
        return None

    def _listing(self) -> Listing | None:
        asked = self._given.get("records", "true")
        if asked not in ("true", "false"):
            self._fault("records", "flag")
        limit, offset = self._count("limit", PAGE, 1, PAGE_MOST), self._count("offset", 0, 0, 10**9)
        step = self._given.get("step") or None
        if step is not None and step not in ORDER:
            self._fault("step", "reconcile_step", steps=", ".join(ORDER))
        if self._given.get("by"):
            self._fault("by", "reconcile_no_breakdown")
        return None if asked == "false" else Listing(limit, offset, step)

    def _count(self, name: str, default: int, least: int, most: int) -> int:
        text = self._given.get(name)
        if not text:
            return default
        number = number_within(text, least, most)
        if number is None:
            self._fault(name, "reconcile_page", least=least, most=most)
            return default
        return number
