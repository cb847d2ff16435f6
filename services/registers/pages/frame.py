"""What the pages of a desk share: where they are, what stands above them, and what a request states."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.chassis.http import Problem
from services.chassis.platform import Platform
from services.chassis.web import Breadcrumb, SentForm, Text
from services.registers.drafts import Drafts
from services.registers.duties import DutyBook
from services.registers.engine import Intake
from services.registers.offers import Offering
from services.registers.pages.addresses import record_address
from services.registers.pages.cells import title
from services.registers.previews.store import Previews
from services.registers.register import Register
from texts import joined, message


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk of one service: what its pages ask, and their addresses."""

    platform: Platform
    intake: Intake
    drafts: Drafts
    previews: Previews
    offering: Offering | None
    duties: DutyBook

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
        """Return the address of a record of this desk, or of what is done with it (`addresses.record_address`)."""
        return record_address(self.intake.service, record, what, **query)

    def preview_address(self, preview: UUID, what: str = "") -> str:
        """Return the address of a preview, or of what is done with it."""
        return f"{self.home}previews/{preview}{f'/{what}' if what else ''}"

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


def request_id(desk: Desk, sent: SentForm) -> str:
    """Return the id that a form was drawn with, as far as it is one; else a new one."""
    try:
        return str(UUID(sent.one("request_id")))
    except ValueError:
        return str(desk.platform.new_id())


def refusal_of(problem: Problem) -> Text:
    """Return what a problem says: its faults, or what it is called where it has none."""
    return joined((fault.message for fault in problem.faults), "; ") if problem.faults else problem.title
