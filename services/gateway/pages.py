"""The gateway's own pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal
from urllib.parse import urlencode

from services.chassis.security import Role
from services.chassis.web import Page, SummaryRow, Task, Text
from services.gateway.kept import REQUEST_ID, Fields, Kept
from services.gateway.sessions import Session
from texts import Message, message


@dataclass(frozen=True, slots=True)
class Room:
    """A part of the system with pages of its own below ``/<service>/``, and the roles that have something to do there."""

    service: str
    roles: frozenset[Role]


Sent = Literal["kept", "lost"]

_AT_A_DESK: frozenset[Role] = frozenset({"clerk", "official"})

ROOMS: tuple[Room, ...] = (
    Room("registry", _AT_A_DESK),
    Room("treatment", _AT_A_DESK),
    Room("incidents", _AT_A_DESK),
    Room("reporting", _AT_A_DESK | {"analyst"}),
)
"""The rooms that there are."""


@dataclass(frozen=True, kw_only=True)
class HomePage(Page):
    """Where everybody begins: who he is, and the rooms that are his."""

    template: ClassVar[str] = "home.html"
    unit: Text
    role: Text
    rooms: tuple[Task, ...]


@dataclass(frozen=True, kw_only=True)
class NoticePage(Page):
    """A page that says one thing, and where to go from there."""

    template: ClassVar[str] = "notice.html"
    text: Text
    href: str
    link: Text


@dataclass(frozen=True, kw_only=True)
class Resumed:
    """A form that was kept: where it goes, since when it is kept, what is sent again, and of that what a person typed."""

    path: str
    at: datetime
    fields: Fields
    typed: tuple[SummaryRow, ...]


@dataclass(frozen=True, kw_only=True)
class ResumePage(Page):
    """What somebody had typed when his session ended, to be sent again or left."""

    template: ClassVar[str] = "resume.html"
    forms: tuple[Resumed, ...]


def resume(kept: Sequence[Kept]) -> ResumePage:
    """Return the page of the forms that are kept for its reader."""
    return ResumePage(
        title=message("page.resume.title"),
        forms=tuple(
            Resumed(
                path=each.path,
                at=each.at,
                fields=each.fields,
                typed=tuple(
                    SummaryRow(term=name, value=value)
                    for name, value in each.fields
                    if value and name != REQUEST_ID
                ),
            )
            for each in kept
        ),
    )


def home(session: Session, unit: str) -> HomePage:
    """Return the home page of whoever has signed in; ``unit`` is what people call his unit."""
    rooms = (room for room in ROOMS if session.role in room.roles)
    return HomePage(
        title=message("page.home.title"),
        unit=unit,
        role=role_text(session.role),
        rooms=tuple(
            Task(
                text=message(f"page.home.room.{room.service}"),
                href=f"/{room.service}/",
                hint=message(f"page.home.about.{room.service}"),
            )
            for room in rooms
        ),
    )


def role_text(role: str) -> Message:
    """Return what people call a role."""
    return message("role.administrator" if role == "admin" else f"role.{role}")


def sign_in(back: str, *, anew: bool = False, again: bool = False, sent: Sent | None = None) -> NoticePage:
    """Return the page that asks somebody to sign in, who comes to ``back`` afterwards.

    ``again``: he was signed in; ``anew``: he still is, and has to prove again who he is; ``sent``: what became of the form
    that he sent.
    """
    reason = "anew" if anew else "again" if again else "first"
    fields = {"return_to": back} | ({"anew": "1"} if anew else {})
    return NoticePage(
        title=message(f"page.sign_in.{reason}.title"),
        text=message(f"page.sign_in.{sent}") if sent else message(f"page.sign_in.{reason}.text"),
        href=f"/sign-in?{urlencode(fields)}",
        link=message("page.sign_in.link"),
    )


def sign_in_failed() -> NoticePage:
    """Return the page for somebody whose sign-in did not succeed."""
    return NoticePage(
        title=message("page.sign_in.failed.title"),
        text=message("page.sign_in.failed.text"),
        href="/sign-in",
        link=message("page.sign_in.failed.link"),
    )


def signed_out() -> NoticePage:
    """Return the page after signing out."""
    return NoticePage(
        title=message("page.signed_out.title"),
        text=message("page.signed_out.text"),
        href="/sign-in",
        link=message("page.sign_in.link"),
    )


def provider_away() -> NoticePage:
    """Return the page while nobody can sign in."""
    return NoticePage(
        title=message("page.provider_away.title"),
        text=message("page.provider_away.text"),
        href="/",
        link=message("page.to_home"),
    )


def service_away(service: str) -> NoticePage:
    """Return the page in place of that of a service that does not answer."""
    return NoticePage(
        title=message("page.service_away.title", room=message(f"page.home.room.{service}")),
        text=message("page.service_away.text"),
        href="/",
        link=message("page.to_home"),
    )
