"""The way from one number to another as rows and as a drawing: each step with what it adds, the registers' number in between."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from services.chassis.web import charts
from services.reporting.pages import words
from texts import Language, Message, message, number_message

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One step of the way: a total, or what a step adds to what stood before. ``agency``: whose declaration it is about.

    ``step`` is None for a total, and ``records`` how many records are behind a step.
    """

    agency: str | None
    step: str | None
    text: Message
    value: float
    kind: str = "total"
    records: int = 0


def rows_of(document: Json) -> list[Row]:
    """Return the way from what an agency declared to the registers, and on to what the other declared, where there is one."""
    rows = [_declared(document), *_steps(document, -1), _computed(document)]
    if "against" in document:
        other = document["against"]
        rows += [*reversed(_steps(other, 1)), _declared(other)]
    return rows


def _declared(side: Json) -> Row:
    agency = side["agency"]
    text = message("page.bridge.declared", agency=message(f"holder.agency.{agency}"))
    return Row(agency, None, text, side["declared"])


def _computed(side: Json) -> Row:
    return Row(None, None, message("page.bridge.computed"), side["computed"])


def _steps(side: Json, sign: int) -> list[Row]:
    """Return the steps of a declaration; each count says how much greater it makes what was declared."""
    return [
        Row(
            side["agency"],
            step["step"],
            Message(step["vi"], step["en"]),
            sign * step["count"],
            step["kind"],
            step["records_total"],
        )
        for step in side["steps"]
        if step["count"] or step["records_total"]
    ]


def drawn(title: Message, rows: Sequence[Row], language: Language) -> Markup:
    """Return the way as a drawing; a step that adds nothing is in the table alone."""
    steps = list(_drawn(rows, language))
    return charts.waterfall(title.in_language(language), steps, charts.cut_of(steps))


def cut(rows: Sequence[Row]) -> float:
    """Return where the axis of the drawing begins."""
    return charts.cut_of(list(_drawn(rows, "vi")))


def _drawn(rows: Iterable[Row], language: Language) -> Iterable[charts.Step]:
    for row in rows:
        if row.step is None:
            shown = number_message(row.value)
            name = "page.bridge.registers" if row.agency is None else f"holder.agency.{row.agency}"
            yield charts.Step(
                message(name).in_language(language), row.value, shown.in_language(language), total=True
            )
        elif row.value:
            name = message(f"page.bridge.step.{row.step}").in_language(language)
            yield charts.Step(name, row.value, words.change_written(row.value).in_language(language))
