"""The routes of the desk, put together; `create_app` puts authentication before each of them."""

from fastapi import APIRouter

from services.chassis.platform import Platform
from services.chassis.web import page_router
from services.registers.drafts import Drafts
from services.registers.duties import DutyBook
from services.registers.engine import Intake
from services.registers.offers import Offering
from services.registers.pages.correcting import add_correcting
from services.registers.pages.drafting import add_drafting
from services.registers.pages.duties import add_duties
from services.registers.pages.duties_of_units import add_duties_of_units
from services.registers.pages.entry import add_entry
from services.registers.pages.filling import add_filling
from services.registers.pages.frame import Desk
from services.registers.pages.pasting import add_pasting
from services.registers.pages.previewing import add_previewing
from services.registers.pages.printing import add_printing
from services.registers.pages.records import add_records
from services.registers.pages.search import add_search
from services.registers.pages.stating import add_stating
from services.registers.previews.store import Previews


def desk_router(
    platform: Platform,
    intake: Intake,
    drafts: Drafts,
    previews: Previews,
    duties: DutyBook,
    offering: Offering | None = None,
) -> APIRouter:
    """Return the pages of a service's registers, below ``/<service>/``."""
    router = page_router(intake.service)
    desk = Desk(platform, intake, drafts, previews, offering, duties)
    add_search(router, desk)
    add_entry(router, desk)
    add_filling(router, desk)
    add_drafting(router, desk)
    add_pasting(router, desk)
    add_previewing(router, desk)
    add_records(router, desk)
    add_printing(router, desk)
    add_correcting(router, desk)
    add_stating(router, desk)
    add_duties(router, desk)
    add_duties_of_units(router, desk)
    return router
