"""What the pages of a desk share: where they are, what stands above them, and what a request states."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from reference import purposes_on
from services.chassis.http import Problem
from services.chassis.platform import Platform
from services.chassis.web import Breadcrumb, Option, SentForm, Text
from services.registers.engine import Intake
from services.registers.http import Facilities
from services.registers.pages.cells import title
from services.registers.register import Register
from texts import Message, joined, message


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk of one service: what its pages ask, and their addresses."""

    platform: Platform
    intake: Intake
    facilities: Facilities | None

    @property
    def home(self) -> str:
        """Return the address of the desk itself."""
        return f"/{self.intake.service}/"

    @property
    def name(self) -> Text:
        """Return what the desk is called."""
        return message(f"page.desk.of.{self.intake.service}")

    def form_address(self, form: str, what: str) -> str:
        """Return an address about a form: ``new``, ``records``."""
        return f"{self.home}forms/{form}/{what}"

    def record_address(self, record: UUID | str, what: str = "", **query: str) -> str:
        """Return the address of a record, or of what is done with it; of a record only its id is in it."""
        asked = "&".join(f"{name}={value}" for name, value in query.items() if value)
        return f"{self.home}records/{record}{f'/{what}' if what else ''}{f'?{asked}' if asked else ''}"

    def register(self, form: str) -> Register:
        """Return a register of the service; Problem 404 where it keeps none of that name."""
        found = self.intake.registers.get(form)
        if found is None:
            raise Problem.not_found("form_unknown")
        return found

    def head(self, text: Text, *above: Breadcrumb) -> Mapping[str, Any]:
        """Return the head of a page: its title, and the way to it."""
        if text == self.name:
            return {"title": text}
        own = Breadcrumb(text=self.name, href=self.home)
        return {"title": text, "breadcrumbs": (own, *above, Breadcrumb(text=text))}

    def of_form(self, register: Register) -> Breadcrumb:
        """Return the step of the way to a form: the list of its records."""
        name = register.form.name
        return Breadcrumb(text=title(register.form), href=self.form_address(name, "records"))


def purposes(day: date) -> tuple[Option, ...]:
    """Return the purposes to choose from on the day."""
    return tuple(
        Option(value=code, text=Message(each.vi, each.en)) for code, each in purposes_on(day).items()
    )


def request_id(desk: Desk, sent: SentForm) -> str:
    """Return the id that a form was drawn with, as far as it is one; else a new one."""
    try:
        return str(UUID(sent.one("request_id")))
    except ValueError:
        return str(desk.platform.new_id())


def refusal_of(problem: Problem) -> Text:
    """Return what a problem says: its faults, or what it is called where it has none."""
    return joined((fault.message for fault in problem.faults), "; ") if problem.faults else problem.title
