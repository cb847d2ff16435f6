"""Whether everybody who counts in an area has declared a span of days: what a comparison with it rests on."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from reference import Area, Period, area_book
from services.chassis.security import Allowed, Target, Unit, lies_in, may
from services.reporting.figures import Reader, Reading
from services.reporting.ledger import queries
from services.reporting.ledger.domain import declared
from services.reporting.ledger.expectations import expected_of
from services.reporting.ledger.usecases import COUNT


@dataclass(frozen=True, slots=True)
class Span:
    """Days of a register, both in it; of a stock the one day: the register is whole then if the period around it is."""

    form: str
    first: date
    last: date


async def undeclared(
    reading: Reading, area: Area, spans: Collection[Span], known_at: datetime, reader: Reader
) -> frozenset[Span]:
    """Return the spans that some unit has not declared, complete or nil, as known at the instant.

    Units that count are offices in the area and above it, which hand in what happened in it, and all facilities: whom they
    treat lives anywhere. A register that nobody is expected to hand in is declared by nobody, so it is no gap either. For
    whoever only counts hand-ins all units of the province count, whatever the area: of one he may know nothing.
    """
    if not spans:
        return frozenset()
    connection = reading.unprotected
    forms = {span.form for span in spans}
    first, last = min(span.first for span in spans), max(span.last for span in spans)
    said = await queries.statements(connection, forms, first, last, known_at)
    units, codes = await reading.units(), await queries.facilities(connection, known_at)
    top = area_book().ancestors(area.uid)[-1].partition("@")[0]
    counts = may(reader.actor, COUNT, Target(area=top), reader.today)
    within = top if isinstance(counts, Allowed) else area.code
    lacking = set()
    for days in {(span.first, span.last) for span in spans}:
        period = Period("civil", "", *days)
        due = expected_of(units, codes, period, top)
        for span in (span for span in spans if (span.first, span.last) == days):
            keepers = [unit for unit, listed in due.items() if any(one.form == span.form for one in listed)]
            if any(
                declared(said.get((span.form, unit.code), ()), *days) is None
                for unit in _counting(keepers, within)
            ):
                lacking.add(span)
    return frozenset(lacking)


def _counting(units: Iterable[Unit], area: str) -> Iterable[Unit]:
    for unit in units:
        above = unit.area is not None and lies_in(Unit("", area=area), unit.area)
        if not unit.office or above or lies_in(unit, area):
            yield unit
