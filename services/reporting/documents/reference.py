"""Reference data of reports: issuing offices by date, and the days and periods of a yearly report. Pure.

Law and the province change these; they are rows of ``offices.csv``, ``letterhead.csv`` and ``reports.csv`` in the pack of
the province.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from reference import Area, IssuingOffice, area_book, days_in_report, issuing_office
from services.reporting.documents.document import Letterhead, Signature, Times
from services.reporting.documents.vietnamese import bare, within


def issuer(office: str, area: Area, day: date) -> tuple[IssuingOffice, Area]:
    """Return the office that issues a report about the area on the day: its own, else that of the area above.

    A district has no police of its own after 1 March 2025: the province's police report about it.

    Raises:
        LookupError: no area above has such an office either; the data lack a row.
    """
    book = area_book()
    for uid in book.ancestors(area.uid):
        found = issuing_office(office, book.by_uid[uid].level, day)
        if found is not None:
            return found, book.by_uid[uid]
    raise LookupError(f"no office {office} for {area.uid} on {day}")


def _filled(template: str, area: Area) -> str:
    book = area_book()
    above = book.by_uid[area.parent_uid] if area.parent_uid else area
    top = book.by_uid[book.ancestors(area.uid)[-1]]
    names = {"area": area, "parent": above, "province": top}
    parts = {key: within(named.name) for key, named in names.items()}
    parts |= {key.upper(): named.name.upper() for key, named in names.items()}
    return template.format(**parts, place=bare(area.name))


def office_name(office: IssuingOffice, area: Area) -> str:
    """Return the office within a sentence."""
    return _filled(office.name, area)


def letterhead(office: IssuingOffice, area: Area, day: date) -> Letterhead:
    """Return the top of a document issued by the office of the area on the day."""
    lines = [tuple(_filled(text, area) for text in texts) for texts in (office.superior, office.body)]
    return Letterhead(lines[0], lines[1], office.symbol, _filled(office.place, area), day)


def signature(office: IssuingOffice, area: Area) -> Signature:
    """Return the end of a document: who signs and who gets it."""
    recipients = tuple(_filled(one, area) for one in office.recipients)
    return Signature(office.signed_for, office.signatory, recipients)


@dataclass(frozen=True, slots=True)
class Windows:
    """The day or period of each figure in one report, and those of a year before to compare with.

    ``label`` is how the whole is called in the title: ``năm 2023``, ``quý III năm 2023``.
    """

    label: str
    first: date
    last: date
    now: Callable[[str], Times]
    before: Callable[[str], Times]
    before_label: str


def yearly(year: int) -> Windows:
    """Return each figure at its agency's own cut-off, as the committee's yearly report has it."""
    return Windows(
        f"năm {year}",
        date(year, 1, 1),
        date(year, 12, 31),
        lambda figure: _of_year(figure, year),
        lambda figure: _of_year(figure, year - 1),
        f"năm {year - 1}",
    )


def one_period(label: str, first: date, last: date, before_label: str, before: tuple[date, date]) -> Windows:
    """Return all figures of the same period; stocks at its last day."""

    def times(figure: str, start: date, end: date) -> Times:
        return Times(None if _of_year(figure, end.year).first is None else start, end)

    return Windows(
        label,
        first,
        last,
        lambda figure: times(figure, first, last),
        lambda figure: times(figure, *before),
        before_label,
    )


def _of_year(figure: str, year: int) -> Times:
    return Times(*days_in_report(figure, year))
