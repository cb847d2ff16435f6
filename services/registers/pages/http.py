"""The routes of the desk, put together; `create_app` puts authentication before each of them."""

from fastapi import APIRouter

from services.chassis.platform import Platform
from services.chassis.web import page_router
from services.registers.engine import Intake
from services.registers.http import Facilities
from services.registers.pages.correcting import add_correcting
from services.registers.pages.entry import add_entry
from services.registers.pages.frame import Desk
from services.registers.pages.records import add_records
from services.registers.pages.search import add_search


def desk_router(platform: Platform, intake: Intake, facilities: Facilities | None = None) -> APIRouter:
    """Return the pages of a service's registers, below ``/<service>/``."""
    router = page_router(intake.service)
    desk = Desk(platform, intake, facilities)
    add_search(router, desk)
    add_entry(router, desk)
    add_records(router, desk)
    add_correcting(router, desk)
    return router
