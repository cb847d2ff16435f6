"""Find the figures that health and police both declared for a report's area and time, and what the registers say of them."""

from collections.abc import Mapping, Sequence

from reference import FIGURES, time_kind
from services.reporting.documents.document import Number, Times
from services.reporting.documents.planning import components
from services.reporting.documents.requests import Request
from services.reporting.documents.two_numbers import AGENCIES, TwoNumbers
from services.reporting.documents.vietnamese import percent_of
from services.reporting.figures import Reader, Reading, Scope
from services.reporting.reconciliation import Declared, choose, declared_in, first_of

_Said = Mapping[str, Sequence[Declared]]
"""Agency → what it declared for one figure."""


async def two_numbers(reading: Reading, request: Request, reader: Reader) -> list[TwoNumbers]:
    """Return the figures that both agencies declared for the area in the time of the report, as far as the reader sees them exactly.

    None of them in another report than the committee's, which alone speaks for both; and none of which the two mean
    different periods, since such numbers cannot be compared.
    """
    if request.report.office != "committee":
        return []
    said = _said(await declared_in(reading, request.known_at), request)
    found = [
        await _both(reading, figure, said[figure], request, reader)
        for figure in FIGURES
        if len(said.get(figure, ())) == len(AGENCIES)
    ]
    return [one for one in found if one is not None]


def _said(declarations: Sequence[Declared], request: Request) -> dict[str, dict[str, list[Declared]]]:
    """Return what each of the two agencies declared, by figure."""
    windows = request.windows
    said: dict[str, dict[str, list[Declared]]] = {}
    for one in declarations:
        within = one.area == request.area.uid and windows.first <= one.day <= windows.last
        if within and one.agency in AGENCIES and one.figure in FIGURES:
            said.setdefault(one.figure, {}).setdefault(one.agency, []).append(one)
    return said


async def _both(
    reading: Reading, figure: str, said: _Said, request: Request, reader: Reader
) -> TwoNumbers | None:
    """Return the two numbers that a reconciliation would take; None of different periods, or hidden from the reader."""
    at = request.windows.now(figure)
    chosen = {agency: choose(said[agency], at.last, at.first)[0] for agency in AGENCIES}
    declared = {agency: (one.value, _times(one)) for agency, one in chosen.items()}
    if time_kind(FIGURES[figure]) == "flow":
        spans = {times for _, times in declared.values()}
        if len(spans) > 1:
            return None
        # Beside two numbers of one period stands that of the registers for the same period.
        (at,) = spans
    scope = Scope(request.area.uid, at.last, at.first, request.known_at)
    if not all(reading.may_read(code, scope, reader) for code in (figure, *components(figure))):
        return None
    return TwoNumbers(figure, at, declared, await _computed(reading, figure, scope, reader))


async def _computed(reading: Reading, figure: str, scope: Scope, reader: Reader) -> Number | None:
    """Return the value of the registers; of a ratio in percent, from its two figures."""
    values = [(await reading.compute(code, scope, reader)).value for code in components(figure)]
    return values[0] if len(values) == 1 else percent_of(values[0], values[1])


def _times(declared: Declared) -> Times:
    stock = time_kind(FIGURES[declared.figure]) == "stock"
    return Times(None if stock else first_of(declared), declared.day)
