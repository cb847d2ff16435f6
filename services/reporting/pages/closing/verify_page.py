"""The page on which a printed hash is looked up, and a file is held to the closings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from proof import SUFFIX
from reference import unit_name
from services.chassis.problems import Problem
from services.chassis.web import Cell, Column, ErrorSummary, FieldFault, Kind, Link, Page, Table
from services.reporting.closing import Changed, Held
from services.reporting.pages.closing.desk_page import way
from services.reporting.pages.closing.tables import Json, editions_table
from texts import Message, message


@dataclass(frozen=True, kw_only=True)
class VerifyPage(Page):
    """A hash or a file, and the closings that have it; ``found`` and ``verdict`` are None where nothing was asked.

    ``findings`` say what of a file does not hold, or what has to be there to know; ``changed`` which numbers it says otherwise.
    """

    template: ClassVar[str] = "closing_verify.html"
    given: str
    found: Table | None
    verdict: Message | None
    kind: Kind = "bad"
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
        kind="good" if listed else "bad",
    )


def held_page(held: Held, name: str, navigation: tuple[Link, ...]) -> VerifyPage:
    """Return the page of a file of this name that was held to the closings."""
    found = _missing(held, name) if held.lacks_proof else _findings(held)
    return VerifyPage(
        **_head(navigation),
        given="",
        found=None if held.closing is None else editions_table([held.closing]),
        verdict=_verdict(held),
        kind="good" if held.same else "warning" if held.lacks_proof else "bad",
        findings=tuple(found),
        changed=_changed(held.changed) if held.changed else None,
    )


def _findings(held: Held) -> Iterator[Message]:
    return (message(one.rule, **one.parts) for one in held.findings)


def _missing(held: Held, name: str) -> Iterator[Message]:
    """Yield which file is missing, where it is to be had, and what to do with it."""
    yield message("page.closing.proof.missing", proof=f"{name}{SUFFIX}")
    if held.closing is None:
        yield message("page.closing.proof.from_publisher")
        yield message("page.closing.proof.not_of_exported")
    else:
        unit = unit_name(str(held.closing["official"]["unit"]))
        yield message("page.closing.proof.from_office", unit=unit)
        yield message("page.closing.proof.anew")
    yield message("page.closing.proof.then")


def refused_page(problem: Problem, navigation: tuple[Link, ...]) -> VerifyPage:
    """Return the page where no file was sent."""
    faults = tuple(FieldFault(field=one.field, text=one.message) for one in problem.faults)
    return VerifyPage(
        **_head(navigation),
        errors=ErrorSummary(faults=faults),
        given="",
        found=None,
        verdict=None,
    )


def _verdict(held: Held) -> Message:
    if held.kind == "proof" and held.genuine:
        return message("page.closing.file.proof")
    if held.lacks_proof:
        return message("page.closing.file.unproved")
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
