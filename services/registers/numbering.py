"""How the units of a form number their records: which spellings stay apart, and whose numbers begin anew each year.

A number is compared folded (`reference.fold`). Where a unit's numbering is declared yearly (``numbering.csv`` of the
province's pack), the year of the record's own date is a part of its key: 01 of 2023 and 01 of 2024 are two records.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from contracts.forms import Form, Kind
from reference import fold, yearly_numbering
from services.chassis.persistence import AsyncSession, raw
from services.registers import store
from services.registers.cell_error import CellError
from services.registers.cells import parse
from services.registers.record_keys import SEPARATOR, folded_number, has_whole_key, hashed_parts, key_of
from services.registers.row import CellFault, Row
from services.registers.secrets import Vault
from services.registers.store import Place

APART = "number_apart"
"""The rule of a note: the number has another spelling in the unit, which names a record of its own."""
_YEAR_NEEDED = "year_needed"


@dataclass(frozen=True, slots=True)
class Numbering:
    """What is known of the numbers of one form. ``apart`` are numbers that are not folded, with what they would fold to."""

    form: Form
    apart: Mapping[Place, str] = field(default_factory=dict)

    def numbers_of(self, row: Row) -> tuple[Place, ...]:
        """Return the numbers under which the row's person may be known, of a form whose numbers name persons.

        The first is the one that a new person gets. Where numbers begin anew each year those of the years before follow,
        latest first, then the number without a year: a person who is on the list for years keeps the number of the first.
        """
        number = SEPARATOR.join(folded_number(row, name, self.apart) for name in self.form.person_key)
        years = _years(self.form, row.unit, row.own_day) if row.own_day is not None else []
        return (*((row.unit, with_year(number, year)) for year in years), (row.unit, number))

    def apart_notes(self, rows: Iterable[Row]) -> Iterator[CellFault]:
        """Yield a note for each row with a number that stands twice, in two spellings."""
        if not self.apart:
            return
        twins: dict[Place, list[str]] = {}
        for (unit, number), folded in self.apart.items():
            twins.setdefault((unit, folded), [folded]).append(number)
        column = self.form.key[0]
        for row in rows:
            spelt = twins.get((row.unit, fold(row.text(column)))) if row.has(column) else None
            if spelt is not None:
                yield row.fault(column, APART, number=row.text(column), spellings=", ".join(spelt))


async def load(session: AsyncSession, form: Form) -> Numbering:
    """Return how the form's numbers are compared; what is apart never grows, so it may be kept."""
    connection = await raw(session)
    cursor = await connection.execute(
        "SELECT unit, number, folded FROM number_apart WHERE form = %s ORDER BY unit, number", (form.name,)
    )
    return Numbering(form, {(row[0], row[1]): row[2] for row in await cursor.fetchall()})


def with_year(number: str, year: int) -> str:
    """Return a number, or a key, of a year."""
    return f"{number}{SEPARATOR}{year}"


def every_number(form: str, unit: str, number: str, day: date) -> list[str]:
    """Return a person's number as the unit's records of the form may have it by the day: alone, and of each declared year."""
    first = min((span.since.year for span in yearly_numbering(form, unit)), default=day.year + 1)
    return [number, *(with_year(number, year) for year in range(first, day.year + 1))]


async def find_years(
    session: AsyncSession, numbering: Numbering, rows: Sequence[Row], vault: Vault, today: date
) -> None:
    """Give each row of a unit with yearly numbering the key of the record that it is about.

    A record of before the declaration keeps its key, and is found by the year of its own date. A row that does not say
    its date (a withdrawal, a correction of one column) is about the only record of its number; where there are several
    it is refused.
    """
    form = numbering.form
    if not yearly_numbering(form.name) or _names_day(form):
        return
    asked: list[tuple[Row, list[str]]] = []
    for row in rows:
        if row.void and yearly_numbering(form.name, row.unit):
            _read_own_date(row)
        own = row.own_day
        years = _years(form, row.unit, own or today)
        if years and not row.invalid.intersection(form.dated_by) and has_whole_key(row):
            base = key_of(row, vault, numbering.apart)
            asked.append(
                (row, [base, *(with_year(base, year) for year in (years if own is None else years[:1]))])
            )
    places = {(row.unit, key) for row, keys in asked for key in keys}
    known = await store.own_days(session, form.name, list(places)) if places else {}
    for row, keys in asked:
        _settle(row, keys, known)
        if row.own_day is not None:
            # A later row of the batch may be about this one.
            known[row.place] = row.own_day


def _settle(row: Row, keys: list[str], known: Mapping[Place, date]) -> None:
    base, *dated_keys = keys
    if row.own_day is not None:
        former, dated = known.get((row.unit, base)), dated_keys[0]
        stays = (row.unit, dated) not in known and former is not None and former.year == row.own_day.year
        row.key = base if stays else dated
        return
    # By its number alone a row would confirm that somebody is in the register, where the key says who it is.
    found = [] if hashed_parts(row.form) else [key for key in keys if (row.unit, key) in known]
    row.key = found[0] if found else base
    if len(found) > 1:
        told = sorted(known[row.unit, key].year for key in found)
        column = row.form.dated_by[0]
        row.faults.append(row.fault(column, _YEAR_NEEDED, years=", ".join(str(year) for year in told)))


def _years(form: Form, unit: str, day: date) -> list[int]:
    """Return the years whose number a row of the day may name, latest first; none where numbers are not yearly then."""
    declared = yearly_numbering(form.name, unit)
    if not any(span.holds(day) for span in declared):
        return []
    return list(range(day.year, min(span.since for span in declared).year - 1, -1))


def _names_day(form: Form) -> bool:
    """Return whether a day is a part of the form's key: it tells the records of two years apart anyway."""
    return any(form.by_id[name].kind is Kind.DATE for name in form.key if name in form.by_id)


def _read_own_date(row: Row) -> None:
    """Read the date of a withdrawal, which nothing else needs."""
    for name in row.form.dated_by:
        try:
            value = parse(row.form.by_id[name], row.raw.get(name))
        except CellError as error:
            row.invalid.add(name)
            row.faults.append(row.fault(name, error.rule, **error.parts))
            continue
        if value is not None:
            row.values[name] = value
