"""What a page of figures is asked: an area, a period and a day of knowledge, by the parameters of its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from contracts.envelope import VIETNAM
from reference import Area, Period
from services.reporting.figures import Question, Reader, parse_question
from services.reporting.pages import areas, periods

PARAMETERS = ("area", "calendar", "period", "known_at")
IN_A_TREE = (*PARAMETERS, "geography")
"""With the day whose areas count."""
_ANY_FLOW = "fires.cases"  # of any figure these parameters are read in the same way


@dataclass(frozen=True, slots=True)
class Chosen:
    """A well-formed choice. ``known_as_asked`` is the knowledge as the address has it; without it, what is known now.

    The areas that count are those of ``geography``, None = of the period's last day.
    """

    area: Area
    period: Period
    known_at: datetime | None
    known_as_asked: str | None
    now: datetime
    geography: date | None = None

    @property
    def hierarchy(self) -> date:
        """Return the day whose areas count."""
        return self.geography or self.period.last

    @property
    def today(self) -> date:
        """Return the day on which it is asked."""
        return self.now.astimezone(VIETNAM).date()

    def asked(self, **changed: str) -> Mapping[str, str]:
        """Return the parameters that ask the same again, some of them changed; one that is changed to nothing is left out."""
        given = {
            "area": self.area.uid,
            "calendar": self.period.calendar,
            "period": self.period.code,
            "known_at": self.known_as_asked or "",
            "geography": "" if self.geography is None else self.geography.isoformat(),
        }
        return {name: value for name, value in (given | changed).items() if value}

    def question(self, figure: str, period: Period | None = None, **more: str) -> Question:
        """Return the question of a figure in the area; ``period``: another one than the one chosen; ``more``: what else is asked.

        Raises:
            Problem: 404 where the area was not there in that period.
        """
        period = period or self.period
        given = self.asked(calendar=period.calendar, period=period.code, **more)
        return parse_question(figure, given, self.now, crossed=True)


def chosen(given: Mapping[str, str], reader: Reader, begins_with: Period, now: datetime) -> Chosen:
    """Return what the parameters of an address choose; what they leave out is the reader's area and ``begins_with``.

    Raises:
        Problem: 404 for an unknown area, 422 with every fault otherwise.
    """
    # A form sends a field that was left empty as an empty text, which means the same as leaving it out.
    said = {name: value for name, value in given.items() if value.strip()}
    if "calendar" not in said and "period" not in said:
        said |= {"calendar": begins_with.calendar, "period": begins_with.code}
    elif "calendar" not in said:
        said["calendar"] = periods.FIRST_CALENDAR
    plain = parse_question(_ANY_FLOW, {name: value for name, value in said.items() if name != "area"}, now)
    home = areas.home_of(reader, plain.hierarchy)
    if "area" not in said and home is not None:
        said["area"] = home
    question = parse_question(_ANY_FLOW, said, now)
    assert question.period is not None  # calendar and period were both given, so it was found or refused
    return Chosen(
        question.area, question.period, question.known_at, question.known_as_asked, now, question.geography
    )
