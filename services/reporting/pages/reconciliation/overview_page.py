"""The page of what agencies declared for a period: each figure with the numbers side by side, and that of the registers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from services.chassis.security import AGENCIES
from services.chassis.web import Cell, Column, Link, Page, Table
from services.reporting.figures import Reader
from services.reporting.pages import words
from services.reporting.pages.choice import Choice, head_of_question
from services.reporting.pages.choosing import Chosen
from texts import Message, joined, message, number_message

PATH = "reconciliation"
Json = Mapping[str, Any]
_FIRST = ("health", "police")
"""The agencies whose numbers stand first, side by side."""
_WHEN = ("as_of", "from", "to")


@dataclass(frozen=True, kw_only=True)
class OverviewPage(Page):
    """The declarations of a period in an area."""

    template: ClassVar[str] = "declared.html"
    area: str
    period: Message
    known: Message
    choice: Choice
    declared: Table


def overview_page(
    chosen: Chosen, rows: Sequence[Json], reader: Reader, navigation: tuple[Link, ...]
) -> OverviewPage:
    """Return the page of the declarations that the reader may hold against the registers."""
    return OverviewPage(
        **head_of_question(message("page.reconciliation.title"), chosen, reader, PATH, navigation),
        declared=_declared(chosen, rows),
    )


def agencies_of(rows: Iterable[Json]) -> list[str]:
    """Return the agencies that declared something: health and police first, the others in their order."""
    there = {row["agency"] for row in rows}
    return [agency for agency in dict.fromkeys((*_FIRST, *sorted(AGENCIES))) if agency in there]


def _declared(chosen: Chosen, rows: Sequence[Json]) -> Table:
    agencies = agencies_of(rows)
    return Table(
        caption=message("page.reconciliation.declared"),
        columns=(
            Column(text=message("page.headline.figure")),
            Column(text=message("page.reconciliation.when")),
            *(Column(text=message(f"holder.agency.{agency}"), number=True) for agency in agencies),
            Column(text=message("page.reconciliation.registers"), number=True),
            Column(text=message("page.reconciliation.agrees")),
        ),
        rows=tuple(_row(chosen, those, agencies) for those in _side_by_side(rows)),
        empty=message("page.reconciliation.nothing_declared"),
    )


def _side_by_side(rows: Sequence[Json]) -> Iterable[list[Json]]:
    """Yield the declarations of one figure and its dates together."""
    found: dict[tuple[Any, ...], list[Json]] = {}
    for row in rows:
        found.setdefault((row["figure"], *(row.get(name) for name in _WHEN)), []).append(row)
    return found.values()


def _row(chosen: Chosen, those: list[Json], agencies: list[str]) -> tuple[Cell, ...]:
    first = those[0]
    by_agency: dict[str, list[Message]] = {}
    for row in those:
        by_agency.setdefault(row["agency"], []).append(number_message(row["declared"]))
    return (
        Cell(text=Message(first["vi"], first["en"]), href=bridge_address(chosen, those)),
        Cell(text=when_of(first)),
        *(
            Cell(text=joined(by_agency[one], "; ") if one in by_agency else number_message(None))
            for one in agencies
        ),
        Cell(text=number_message(first["computed"])),
        _agrees(those),
    )


def when_of(row: Json) -> Message:
    """Return the day or the days that a number is of."""
    last = date.fromisoformat(row.get("as_of") or row["to"])
    return words.days_written(date.fromisoformat(row["from"]) if "from" in row else None, last)


def _agrees(those: list[Json]) -> Cell:
    same = all(row["agrees"] for row in those)
    return Cell(
        text=message("page.reconciliation.same" if same else "page.reconciliation.differs"),
        tag="good" if same else "warning",
    )


def bridge_address(chosen: Chosen, those: list[Json]) -> str:
    """Return the address of the way between the numbers, asked for the days that they were declared for."""
    first, *others = agencies_of(those)
    row = those[0]
    asked = {
        "area": chosen.area.uid,
        **{name: row[name] for name in _WHEN if name in row},
        "known_at": chosen.known_as_asked or "",
        "agency": first,
        "against": others[0] if others else "",
    }
    return words.link(f"{PATH}/{row['figure']}", asked)
