"""What all units together know of one human being, in two times: when it happened, and from when until when it was believed."""

from services.registry.chronology.http import chronology_router
from services.registry.chronology.page import chronology_page

__all__ = ["chronology_page", "chronology_router"]
