"""What tests do at the desk of the province's police: enter a fire, and count those that are there."""

from uuid import uuid4

from playwright.sync_api import Page

from tests.support.packs import COMMUNE
from tests.support.visitor import Visitor

WHO = "clerk.province_police"
NEW, LIST = "/incidents/forms/fires/new", "/incidents/forms/fires/records"
SAVE = 'button[name="then"][value="record"]'
FIRE = {
    "commune_code": COMMUNE,
    "alarm_at": "05/02/2023 08:15",
    "place": "dwelling",
    "cause": "electrical",
}


def new_number() -> str:
    """A number that no other test has."""
    return f"VC-{uuid4().hex[:8]}"


def typed(visitor: Visitor, incident: str) -> Page:
    """The form of a new fire, filled in and not sent."""
    visitor.go(NEW)
    visitor.fill(incident_no=incident, **FIRE)
    return visitor.page


def saved(visitor: Visitor) -> str:
    """Wait for the page of the record that was saved; its path."""
    visitor.page.wait_for_url("**/incidents/records/**")
    return visitor.path()


def entered(visitor: Visitor, incident: str) -> int:
    """How many records of the list have that number."""
    visitor.go(LIST)
    return visitor.page.locator(f'tbody a:text-is("{incident}")').count()
