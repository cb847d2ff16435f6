"""Who writes a report and who decides on it: the offices of its agency for the area and above it, by the pack's tables. Pure.

Which levels have an office is dated (``offices.csv``): there is none of a district after June 2025, so a commune's report
goes to the province. Who may do what in an office says ``authority/actions.csv``.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from contracts.envelope import VIETNAM
from reference import area_book, issuing_office
from services.chassis.security import Allowed, Decision, Target, may
from services.reporting.documents.composing.domain import Act, Step
from services.reporting.documents.requests import Request
from services.reporting.figures import Reader, reaches

READ, READ_DRAFT = "read_report", "read_report_draft"
_RIGHT: Mapping[Act, str] = {
    "written": "compose_report",
    "taken_over": "compose_report",
    "submitted": "submit_report",
    "recalled": "submit_report",
    "approved": "approve_report",
    "returned": "approve_report",
}
_BY_THE_LEVEL_ABOVE: frozenset[Act] = frozenset({"approved", "returned"})


def levels(office: str, area: str, day: date, now: date | None = None) -> tuple[str, ...]:
    """Return the areas (uids) of the offices that a report passes, its own first: those that there are on the day.

    ``now``: of a report sent on the day, the offices above its own that have ended since are left out.
    """
    passed = _with_office(office, area_book().ancestors(area), day)
    above = passed[1:] if now is None else _with_office(office, passed[1:], now)
    return (*passed[:1], *above)


def _with_office(office: str, areas: Iterable[str], day: date) -> list[str]:
    book = area_book()
    return [uid for uid in areas if issuing_office(office, book.by_uid[uid].level, day) is not None]


def right_to(reader: Reader, act: Act, office: str, area: str, gone: Step | None) -> Decision:
    """Return whether the reader may do this to the report of an office about an area; ``gone``: the step that sent it up."""
    # What was sent is decided on by the level that was above its sender then, also when the sender's office ends meanwhile.
    day = reader.today if gone is None else gone.at.astimezone(VIETNAM).date()
    passed = levels(office, area, day, reader.today)
    place = int(act in _BY_THE_LEVEL_ABOVE)
    # Where no office stands above, nobody decides.
    return _of_office(reader, _RIGHT[act], office, passed[place] if place < len(passed) else None)


def reads_draft(reader: Reader, office: str, area: str) -> bool:
    """Return whether the reader reads a report before it is sent up: whoever works on it, and whoever will decide on it."""
    own = _of_office(reader, READ_DRAFT, office, area)
    return any(isinstance(one, Allowed) for one in (own, right_to(reader, "approved", office, area, None)))


def right_to_read(reader: Reader, asked: Request) -> Decision:
    """Return whether the reader reads what is written in a report: officials and clerks of its agency, in their area."""
    # Texts tell numbers as their authors see them, so nobody reads them who is answered from releases.
    within = reaches(reader, asked.area.uid, asked.hierarchy)
    owners = frozenset({asked.report.office} if within else ())
    return may(reader.actor, READ, Target(owners=owners), reader.today)


def _of_office(reader: Reader, right: str, office: str, area: str | None) -> Decision:
    where = [None] if area is None else _same(area, reader.today)
    found = [
        may(reader.actor, right, Target(owners=frozenset({office}), area=uid), reader.today) for uid in where
    ]
    return next((one for one in found if isinstance(one, Allowed)), found[0])


def _same(uid: str, day: date) -> list[str | None]:
    """Return the area, and the province that a province wholly became: an office goes on as that of the new one."""
    book = area_book()
    now = book.placed(uid, day) if book.by_uid[uid].level == "province" else None
    return [uid] if now is None or now.lost is not None or now.uid == uid else [uid, now.uid]
