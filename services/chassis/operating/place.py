"""What the operators' pages of a service share: where they are, and the way to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.chassis.http import operations
from services.chassis.kafka import Retired
from services.chassis.platform import Platform
from services.chassis.web import Breadcrumb, Link, Text
from texts import message

OPERATIONS = "/operations/"
"""The gateway's page of all services."""


@dataclass(frozen=True, slots=True)
class Place:
    """The pages of one service."""

    platform: Platform
    consumers: operations.Consumers
    retired: Retired | None
    links: tuple[Link, ...]

    @property
    def home(self) -> str:
        """Return the address of the service's own page of operators."""
        return f"/{self.platform.settings.service}{OPERATIONS}"

    @property
    def name(self) -> Text:
        """Return what that page is called."""
        return message("page.operating.of", service=self.platform.settings.service)

    def head(self, text: Text) -> Mapping[str, Any]:
        """Return the head of a page: its title, and the way to it."""
        above = [Breadcrumb(text=message("page.operating.title"), href=OPERATIONS)]
        if text != self.name:
            above.append(Breadcrumb(text=self.name, href=self.home))
        return {"title": text, "breadcrumbs": (*above, Breadcrumb(text=text))}
