"""``/<service>/operations/``: the pages, put together. Each route decides by the authority table as the API's own does."""

from fastapi import APIRouter

from services.chassis.http import operations
from services.chassis.kafka import Retired
from services.chassis.operating.consumers import add_consumers
from services.chassis.operating.letters import add_letters
from services.chassis.operating.place import Place
from services.chassis.operating.status import add_status
from services.chassis.platform import Platform
from services.chassis.web import Link, page_router


def operating_router(
    platform: Platform,
    consumers: operations.Consumers,
    retired: Retired | None = None,
    links: tuple[Link, ...] = (),
) -> APIRouter:
    """Return the pages of a service over its consumers; ``links`` lead to what the service alone has for operators."""
    router = page_router(platform.settings.service)
    place = Place(platform, consumers, retired, links)
    add_status(router, place)
    add_letters(router, place)
    add_consumers(router, place)
    return router
