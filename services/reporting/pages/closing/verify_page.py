"""The page on which a printed hash is looked up, and a file is held to the closings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from services.chassis.problems import Problem
from services.chassis.web import Cell, Column, ErrorSummary, FieldFault, Link, Page, Table
from services.reporting.closing import Changed, Held
from services.reporting.pages.closing.desk_page import way
from services.reporting.pages.closing.tables import Json, editions_table
from texts import Message, message


@dataclass(frozen=True, kw_only=True)
class VerifyPage(Page):
    """A hash or a file, and the closings that have it; ``found`` and ``verdict`` are None where nothing was asked.

    ``findings`` say what of a file does not hold; ``changed`` which numbers it says otherwise.
    """

    template: ClassVar[str] = "closing_verify.html"
    given: str
    found: Table | None
    verdict: Message | None
    good: bool
    findings: tuple[Message, ...] = ()
    changed: Table | None = None


def verify_page(
    given: str, listed: Sequence[Json] | None, navigation: tuple[Link, ...], *, is_hash: bool
) -> VerifyPage:
    """Return the page of a hash; ``listed`` are the closings found, None where nothing was looked up."""
    errors = None
    if not is_hash:
        fault = FieldFault(field="hash", text=message("page.closing.hash_wrong"))
        errors = ErrorSummary(faults=(fault,))
    known = "page.closing.hash_known" if listed else "page.closing.hash_unknown"
    return VerifyPage(
        **_head(navigation),
        errors=errors,
        given=given,
        found=editions_table(listed) if listed else None,
        verdict=None if listed is None else message(known),
        good=bool(listed),
    )


def held_page(held: Held, navigation: tuple[Link, ...]) -> VerifyPage:
    """Return the page of a file that was held to the closings."""
    return VerifyPage(
        **_head(navigation),
        given="",
        found=None if held.closing is None else editions_table([held.closing]),
        verdict=_verdict(held),
        good=held.same,
        findings=tuple(message(one.rule, **one.parts) for one in held.findings),
        changed=_changed(held.changed) if held.changed else None,
    )


def refused_page(problem: Problem, navigation: tuple[Link, ...]) -> VerifyPage:
    """Return the page where no file was sent."""
    faults = tuple(FieldFault(field=one.field, text=one.message) for one in problem.faults)
    return VerifyPage(
        **_head(navigation),
        errors=ErrorSummary(faults=faults),
        given="",
        found=None,
        verdict=None,
        good=False,
    )


def _verdict(held: Held) -> Message:
    if held.kind == "proof" and held.genuine:
        return message("page.closing.file.proof")
    if not held.same:
        return message("page.closing.file.differs")
    if held.kind == "closing":
        return message("page.closing.file.closing")
    return message("page.closing.file.published")


def _head(navigation: tuple[Link, ...]) -> dict[str, Any]:
    title = message("page.closing.verify")
    return {"title": title, "breadcrumbs": way(title), "navigation": navigation, "wide": True}


def _changed(found: Sequence[Changed]) -> Table:
    return Table(
        caption=message("page.closing.file.numbers"),
        columns=(
            Column(text=message("page.closing.file.number")),
            Column(text=message("page.closing.file.closed"), number=True),
            Column(text=message("page.closing.file.said"), number=True),
        ),
        rows=tuple(
            (
                Cell(text=" ".join(str(part) for part in one.key if part)),
                Cell(text="–" if one.closed is None else str(one.closed)),
                Cell(text="–" if one.said is None else str(one.said)),
            )
            for one in found
        ),
    )
