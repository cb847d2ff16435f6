"""The gateway's own pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal, get_args
from urllib.parse import urlencode

from contracts.forms import FORMS
from services.chassis.security import Actor, Allowed, Role, Units, facility_kinds_keeping, hands_in
from services.chassis.web import ErrorSummary, FieldFault, Page, SummaryRow, Task, Text
from services.gateway.kept import REQUEST_ID, Fields, Kept
from services.gateway.sessions import Session
from texts import Message, message


@dataclass(frozen=True, slots=True)
class Room:
    """A part of the system with pages of its own below ``/<service>/``, and the roles that have something to do there.

    A ``desk`` is for those alone who hand in one of the service's registers.
    """

    service: str
    roles: frozenset[Role]
    desk: bool = False


Sent = Literal["kept", "kept_without_file", "lost"]
"""What became of a form: its texts are kept, without the file that was chosen, or nothing of it is."""

_CLERKS: frozenset[Role] = frozenset({"clerk"})

ROOMS: tuple[Room, ...] = (
    Room("registry", _CLERKS, desk=True),
    Room("treatment", _CLERKS, desk=True),
    Room("incidents", _CLERKS, desk=True),
    Room("reporting", _CLERKS | {"official", "analyst"}),
)
"""The rooms that there are."""
_MADE_BY_RULES: frozenset[Role] = frozenset({"admin", "official", "analyst"})
"""Whom home leads to the rules in force; whoever has the address may read them."""
OPERATORS: frozenset[Role] = frozenset({"operator", "admin"})
"""Whom home leads to the page of all services, which is the gateway's own."""


@dataclass(frozen=True, kw_only=True)
class HomePage(Page):
    """Where everybody begins: who he is, and the rooms that are his; ``pinned``: he can lock the pages."""

    template: ClassVar[str] = "home.html"
    unit: Text
    role: Text
    rooms: tuple[Task, ...]
    pinned: bool


@dataclass(frozen=True, kw_only=True)
class NoticePage(Page):
    """A page that says one thing, and where to go from there."""

    template: ClassVar[str] = "notice.html"
    text: Text
    href: str
    link: Text


@dataclass(frozen=True, kw_only=True)
class PinPage(Page):
    """Where somebody sets a PIN for his session, changes it or takes it away; ``kind``: of the notice of what was done."""

    template: ClassVar[str] = "pin.html"
    pinned: bool
    done: Text
    kind: Literal["good", "warning"]


@dataclass(frozen=True, kw_only=True)
class LockedPage(Page):
    """In place of every page of a session that is locked: its PIN opens it, and leads to ``back``; ``whose`` it is."""

    template: ClassVar[str] = "locked.html"
    text: Text
    whose: Text
    back: str
    sign_in: str


PinFault = Literal["shape", "easy", "twice"]
PIN_FAULTS: tuple[PinFault, ...] = get_args(PinFault)
PIN_DONE = ("set", "removed", "none")


def pin(*, pinned: bool, done: str = "", fault: PinFault | None = None, left: int | None = None) -> PinPage:
    """Return the page of the session's PIN, with what is wrong with the one that was typed.

    ``left`` are the tries after a wrong one in place of the one that it has.
    """
    wrong = None if left is None else FieldFault(field="old", text=wrong_pin(left))
    if fault is not None:
        at = "again" if fault == "twice" else "pin"
        wrong = FieldFault(field=at, text=message(f"page.pin.{fault}"))
    return PinPage(
        title=message("page.pin.title"),
        errors=None if wrong is None else ErrorSummary(faults=(wrong,)),
        pinned=pinned,
        done=message(f"page.pin.done.{done}") if done in PIN_DONE else "",
        kind="warning" if done == "none" else "good",
    )


def locked(back: str, subject: str, *, left: int | None = None, sent: Sent | None = None) -> LockedPage:
    """Return the page that asks for the PIN of a person's session; ``left``: tries after a wrong one, ``sent``: what became of a form."""
    wrong = None if left is None else FieldFault(field="pin", text=wrong_pin(left))
    return LockedPage(
        title=message("page.locked.title"),
        errors=None if wrong is None else ErrorSummary(faults=(wrong,)),
        text=message(f"page.locked.{sent}") if sent else message("page.locked.text"),
        whose=message("page.lock.whose", name=subject),
        back=back,
        sign_in=f"/sign-in?{urlencode({'return_to': back})}",
    )


def wrong_pin(left: int) -> Message:
    """Return what is said after a wrong PIN."""
    return message("page.locked.wrong", left=str(left))


@dataclass(frozen=True, kw_only=True)
class Resumed:
    """A form that was kept: where it goes, since when it is kept, what is sent again, and of that what a person typed.

    ``files`` are its fields of files, in which a file has to be chosen again.
    """

    path: str
    at: datetime
    fields: Fields
    files: tuple[str, ...]
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
                fields=each.typed.fields,
                files=each.typed.files,
                typed=tuple(
                    SummaryRow(term=name, value=value)
                    for name, value in each.typed.fields
                    if value and name != REQUEST_ID
                ),
            )
            for each in kept
        ),
    )


def rooms_of(role: str, unit: str, day: date) -> list[Room]:
    """Return the rooms in which somebody has something to do on the day, by the authority table."""
    return [
        room
        for room in ROOMS
        if role in room.roles and (not room.desk or _has_desk(room.service, role, unit, day))
    ]


def _has_desk(service: str, role: str, code: str, day: date) -> bool:
    unit = Units().on(code, day)
    forms = [name for name, form in FORMS.items() if form.service == service]
    if unit.office:
        return any(isinstance(hands_in(Actor(unit, role), form, day), Allowed) for form in forms)
    # What a facility is only the service knows that has the list of them: its desk says so itself.
    return any(facility_kinds_keeping(form, day) for form in forms)


def home(session: Session, unit: str, day: date) -> HomePage:
    """Return the home page of whoever has signed in; ``unit`` is what people call his unit."""
    rooms = [
        Task(
            text=message(f"page.home.room.{room.service}"),
            href=f"/{room.service}/",
            hint=message(f"page.home.about.{room.service}"),
        )
        for room in rooms_of(session.role, session.unit, day)
    ]
    if session.role in OPERATORS:
        about = message("page.home.about_operations")
        rooms.append(Task(text=message("page.operating.title"), href="/operations/", hint=about))
    if session.role in _MADE_BY_RULES:
        about = message("page.home.about_rules")
        rooms.append(Task(text=message("page.rules.title"), href="/reporting/rules/", hint=about))
    return HomePage(
        title=message("page.home.title"),
        unit=unit,
        role=role_text(session.role),
        rooms=tuple(rooms),
        pinned=session.pinned,
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


def unlocked() -> NoticePage:
    """Return the page after signing in beside a page that is locked."""
    return NoticePage(
        title=message("page.unlocked.title"),
        text=message("page.unlocked.text"),
        href="/",
        link=message("page.to_home"),
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
