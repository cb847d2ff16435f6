"""A question about a figure: what was asked, and every fault of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from contracts.areas import Area, area_book
from contracts.envelope import VIETNAM
from contracts.figures import FIGURES, Figure
from services.chassis.problems import Fault, Problem
from services.reporting.figures.definitions import DEFINITIONS
from services.reporting.figures.territory import default_province

AREA_DIMENSIONS = ("area", "commune")
AreaOf = Literal["residence", "facility"]
_PARAMETERS = frozenset({"area", "as_of", "from", "to", "known_at", "by", "area_of"})


@dataclass(frozen=True, slots=True)
class Question:
    """A well-formed question. ``known_at`` None = all that is known now; ``first`` is None for a stock.

    ``day`` is the day asked, for a period its last day: its areas are the ones that count. ``known_as_asked`` and
    ``area_as_asked`` are how the asker put them.
    """

    figure: Figure
    area: Area
    area_as_asked: str
    day: date
    first: date | None
    known_at: datetime | None
    known_as_asked: str | None
    by: str | None
    area_of: AreaOf

    @property
    def kind(self) -> Literal["stock", "flow"]:
        """Whether a day or a period is asked."""
        return "stock" if self.first is None else "flow"


def time_kind(figure: Figure) -> Literal["stock", "flow"]:
    """How a figure is asked: a ratio as its numerator is."""
    if figure.kind == "ratio":
        assert figure.numerator is not None
        return time_kind(FIGURES[figure.numerator])
    return figure.kind


def dimensions(figure: Figure) -> tuple[str, ...]:
    """What the figure may be broken down by."""
    return (*AREA_DIMENSIONS, *figure.dimensions)


def parse_question(code: str, given: Mapping[str, str], now: datetime) -> Question:
    """The question that a request puts.

    Raises:
        Problem: 404 for an unknown figure or area, 422 with every fault otherwise.
    """
    figure = FIGURES.get(code)
    if figure is None:
        raise Problem(404, "figure", faults=[Fault.of("figure", code, "figure")])
    faults = [Fault.of(name, given[name], "unknown_parameter") for name in sorted(given.keys() - _PARAMETERS)]
    first, day = _days(figure, given, now, faults)
    known_at = _known_at(given, faults)
    by = given.get("by") or None
    if by is not None and by not in dimensions(figure):
        faults.append(Fault.of("by", by, "dimension", allowed=", ".join(dimensions(figure))))
    area_of = _area_of(figure, given, faults)
    if faults or day is None:
        raise Problem.invalid(faults)
    asked, area = _area(given, day)
    return Question(figure, area, asked, day, first, known_at, given.get("known_at") or None, by, area_of)


def _days(
    figure: Figure, given: Mapping[str, str], now: datetime, faults: list[Fault]
) -> tuple[date | None, date | None]:
    as_of, first, last = (_date(name, given, faults) for name in ("as_of", "from", "to"))
    if time_kind(figure) == "stock":
        faults += [
            Fault.of(name, given[name], "stock_with_period") for name in ("from", "to") if given.get(name)
        ]
        return None, as_of if given.get("as_of") else now.astimezone(VIETNAM).date()
    if given.get("as_of"):
        faults.append(Fault.of("as_of", given["as_of"], "flow_with_day"))
    else:
        faults += [Fault.of(name, None, "period_needed") for name in ("from", "to") if not given.get(name)]
    if first is not None and last is not None and first > last:
        faults.append(Fault.of("to", last.isoformat(), "period_backwards", first=first.isoformat()))
    return first, last


def _date(name: str, given: Mapping[str, str], faults: list[Fault]) -> date | None:
    text = given.get(name)
    if not text:
        return None
    found = _read_date(text)
    if found is None:
        faults.append(Fault.of(name, text, "date"))
    return found


def _read_date(text: str) -> date | None:
    """``yyyy-mm-dd`` or ``dd/mm/yyyy``."""
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007  only its date is used
        except ValueError:
            continue
        return found if 1900 <= found.year <= 9990 else None
    return None


def _known_at(given: Mapping[str, str], faults: list[Fault]) -> datetime | None:
    text = given.get("known_at")
    if not text:
        return None
    day = _read_date(text)
    if day is not None:
        # Microseconds are the resolution of record time, so this is the last instant of the day.
        return datetime.combine(day + timedelta(days=1), time(), VIETNAM) - timedelta(microseconds=1)
    try:
        # A "+" that was not escaped in the address arrives as a space.
        found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year <= 9990:
        faults.append(Fault.of("known_at", text, "known_at"))
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=VIETNAM)


def _area_of(figure: Figure, given: Mapping[str, str], faults: list[Fault]) -> AreaOf:
    text = given.get("area_of") or "residence"
    if text == "facility":
        codes = (
            [figure.code] if figure.kind != "ratio" else [figure.numerator or "", figure.denominator or ""]
        )
        if not any("facility" in DEFINITIONS[code].dims for code in codes if code in DEFINITIONS):
            faults.append(Fault.of("area_of", text, "area_of_not_available"))
        return "facility"
    if text != "residence":
        faults.append(Fault.of("area_of", text, "area_of"))
    return "residence"


def _area(given: Mapping[str, str], day: date) -> tuple[str, Area]:
    book = area_book()
    text = given.get("area") or None
    if text is None:
        uid = default_province(day)
        if uid is None:
            raise Problem(404, "area_not_then", faults=[], day=day.isoformat())
        return book.by_uid[uid].code, book.by_uid[uid]
    area = book.resolve(text, day)
    if area is None or not area.exists_on(day):
        rule = "area_not_then" if book.codes_known(text) else "area_unknown"
        raise Problem(
            404, rule, faults=[Fault.of("area", text, rule, day=day.isoformat())], day=day.isoformat()
        )
    return text, area
