"""From a number to what is behind it: the statements that count it, and the registers whose records it counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from contracts.forms import INCIDENTS_FORMS, REGISTRY_FORMS, TREATMENT_FORMS
from reference import Figure
from services.chassis.security import Allowed, reads_rows
from services.chassis.web import Cell, Column, Link, Page, Table
from services.reporting.figures import Question, Reader, statements_of
from services.reporting.pages import words
from services.reporting.pages.choosing import Chosen
from services.reporting.pages.figure import View
from services.reporting.pages.figure_page import PATH, kept_in_address, way_to
from services.reporting.pages.headline import forms_of
from texts import Message, message

ENDING = "sql"
SEE = "see_statements"
_DESKS = {
    form.name: desk
    for desk, forms in (
        ("registry", REGISTRY_FORMS),
        ("treatment", TREATMENT_FORMS),
        ("incidents", INCIDENTS_FORMS),
    )
    for form in forms
}
"""Form → the desk that shows its records."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One statement: what it counts and from where, its text with comments, and the values that it is given."""

    title: Message
    sql: str
    values: Table


@dataclass(frozen=True, kw_only=True)
class StatementsPage(Page):
    """The statements behind a number, as the database is asked. Nobody's rows are in them."""

    template: ClassVar[str] = "statements.html"
    lead: Message
    statements: tuple[Shown, ...]
    back: str


def statements_page(
    question: Question, chosen: Chosen, view: View, navigation: tuple[Link, ...]
) -> StatementsPage:
    """Return the page of a question's statements."""
    name = words.figure_name(question.figure.code)
    back = words.link(f"{PATH}/{question.figure.code}", {**chosen.asked(), **kept_in_address(view)})
    return StatementsPage(
        title=message("page.drill.statements", figure=name),
        breadcrumbs=way_to(name, chosen, back, message("page.drill.short")),
        navigation=navigation,
        wide=True,
        lead=words.days_written(question.first, question.day),
        statements=tuple(_shown(one) for one in statements_of(question)),
        back=back,
    )


def _shown(statement: dict[str, Any]) -> Shown:
    values = statement["parameters"]
    reads = message(f"sql.{statement['reads']}")
    return Shown(
        title=message("page.drill.of", figure=words.figure_name(statement["figure"]), reads=reads),
        sql=statement["sql"],
        values=Table(
            caption=message("page.drill.values"),
            columns=(Column(text=message("page.drill.name")), Column(text=message("page.headline.number"))),
            rows=tuple((Cell(text=name), Cell(text=str(values[name]))) for name in sorted(values)),
            empty=message("page.figure.no_parts"),
        ),
    )


def behind(figure: Figure, chosen: Chosen, view: View, reader: Reader, *, exact: bool) -> tuple[Link, ...]:
    """Return links to what is behind a number, as far as the reader may go there."""
    return tuple(_behind(figure, chosen, view, reader, exact=exact))


def _behind(figure: Figure, chosen: Chosen, view: View, reader: Reader, *, exact: bool) -> Iterator[Link]:
    if isinstance(reader.may(SEE), Allowed):
        address = words.link(
            f"{PATH}/{figure.code}/{ENDING}", {**chosen.asked(), "by": view.by, "across": view.across}
        )
        yield Link(text=message("page.drill.to_statements"), href=address)
    # Whoever is told released numbers alone has no records to look for.
    if exact and reads_rows(reader.actor.role, reader.today, "purpose", "step_up"):
        for form in sorted(forms_of(figure.code)):
            if form in _DESKS:
                text = message("page.drill.to_records", form=words.form_name(form))
                # Who must state a purpose states it at the search of the desk; the list itself asks for none.
                listed = f"forms/{form}/records" if reads_rows(reader.actor.role, reader.today) else ""
                yield Link(text=text, href=f"/{_DESKS[form]}/{listed}")
