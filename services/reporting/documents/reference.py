"""Reference data of reports: issuing offices by date, and the days and periods of a yearly report. Pure.

Law and the province change these; they are rows of ``reference/data/offices.csv`` and ``reference/data/reports.csv``.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

from reference import Area, area_book
from services.reporting.documents.document import Letterhead, Signature, Times
from services.reporting.documents.vietnamese import bare, within


@dataclass(frozen=True, slots=True)
class Office:
    """An office that issues reports for areas of one level, during one validity; lines are split by ``|``."""

    office: str
    level: str
    valid_from: date | None
    valid_to: date | None
    name: str
    superior: str
    body: str
    symbol: str
    signed_for: str
    signatory: str
    recipients: tuple[str, ...]


def _rows(name: str) -> list[dict[str, str]]:
    text = files("reference").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@lru_cache(maxsize=1)
def _offices() -> tuple[Office, ...]:
    return tuple(
        Office(
            row["office"],
            row["level"],
            _date(row["valid_from"]),
            _date(row["valid_to"]),
            row["name"],
            row["superior"],
            row["body"],
            row["symbol"],
            row["signed_for"],
            row["signatory"],
            tuple(row["recipients"].split(";")),
        )
        for row in _rows("offices.csv")
    )


def issuer(office: str, area: Area, day: date) -> tuple[Office, Area]:
    """The office that issues a report about the area on the day: its own, else that of the area above.

    A district has no police of its own after 1 March 2025: the province's police report about it.

    Raises:
        LookupError: no area above has such an office either; the data lack a row.
    """
    book = area_book()
    for uid in book.ancestors(area.uid):
        level = book.by_uid[uid].level
        for found in _offices():
            begun = found.valid_from is None or found.valid_from <= day
            over = found.valid_to is not None and found.valid_to <= day
            if (found.office, found.level) == (office, level) and begun and not over:
                return found, book.by_uid[uid]
    raise LookupError(f"no office {office} for {area.uid} on {day}")


def _filled(template: str, area: Area) -> str:
    book = area_book()
    above = book.by_uid[area.parent_uid] if area.parent_uid else area
    top = book.by_uid[book.ancestors(area.uid)[-1]]
    below = {"province": "Ban Chỉ đạo 138 các huyện, thị xã, thành phố", "district": "Ban Chỉ đạo 138 cấp xã"}
    if area.level == "province" and not any(child.level == "district" for child in _children(area)):
        below["province"] = "Ban Chỉ đạo 138 các xã, phường, đặc khu"
    names = {"area": area, "parent": above, "province": top}
    parts = {key: within(named.name) for key, named in names.items()}
    parts |= {key.upper(): named.name.upper() for key, named in names.items()}
    return template.format(**parts, below=below.get(area.level, ""))


def _children(area: Area) -> list[Area]:
    day = area.valid_from or date(2023, 1, 1)
    return area_book().children(area.uid, day)


def office_name(office: Office, area: Area) -> str:
    """The office within a sentence."""
    return _filled(office.name, area)


def letterhead(office: Office, area: Area, day: date) -> Letterhead:
    """The top of a document issued by the office of the area on the day."""
    lines = [tuple(_filled(text, area).split("|")) for text in (office.superior, office.body)]
    return Letterhead(lines[0], lines[1], office.symbol, bare(area.name), day)


def signature(office: Office, area: Area) -> Signature:
    """Its end: who signs and who gets it."""
    recipients = tuple(text for text in (_filled(one, area) for one in office.recipients) if text)
    return Signature(office.signed_for, tuple(office.signatory.split("|")), recipients)


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
    """Each figure at its agency's own cut-off, as the committee's yearly report has it."""
    return Windows(
        f"năm {year}",
        date(year, 1, 1),
        date(year, 12, 31),
        lambda figure: _of_year(figure, year),
        lambda figure: _of_year(figure, year - 1),
        f"năm {year - 1}",
    )


def one_period(label: str, first: date, last: date, before_label: str, before: tuple[date, date]) -> Windows:
    """All figures of the same period; stocks at its last day."""

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


@lru_cache(maxsize=1)
def _rules() -> tuple[dict[str, str], ...]:
    return tuple(sorted(_rows("reports.csv"), key=lambda row: -len(row["figure"])))


@lru_cache(maxsize=4096)
def _of_year(figure: str, year: int) -> Times:
    """The rule with the longest matching beginning of the figure's code that holds in the year."""
    for rule in _rules():
        holds = (not rule["year_from"] or int(rule["year_from"]) <= year) and (
            not rule["year_to"] or year <= int(rule["year_to"])
        )
        if figure.startswith(rule["figure"]) and holds:
            last = date.fromisoformat(f"{year}-{rule['last']}")
            first = date.fromisoformat(f"{year}-{rule['first']}") if rule["first"] else None
            return Times(first, last)
    raise LookupError(f"no window for {figure} in {year}")
