"""Words that pages of several services say: moments by the clock of Việt Nam, and the purposes that may be stated."""

from datetime import date, datetime

from contracts.envelope import VIETNAM
from reference import purposes_on
from services.chassis.web.models import Option
from texts import Message, moment_written


def moment_text(moment: datetime | None) -> str:
    """Return a moment by the clock of Việt Nam; a dash for none."""
    return moment_written(moment and moment.astimezone(VIETNAM))


def purpose_options(day: date) -> tuple[Option, ...]:
    """Return the purposes to choose from on the day."""
    return tuple(
        Option(value=code, text=Message(each.vi, each.en)) for code, each in purposes_on(day).items()
    )
