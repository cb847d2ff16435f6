"""Options and arguments that several commands share, one by one or as a set."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from contracts.forms import FORMS, Form
from deploy.embedded import Person
from khopso.failure import Exit, FailureError
from khopso.language import help_of
from reference import province

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help=help_of("cli.option.data_dir", " (KHOPSO_DATA_DIR)"),
        file_okay=False,
    ),
]
Acting = Annotated[str | None, typer.Option("--as", help=help_of("cli.option.as"), metavar="PERSON")]
Approved = Annotated[
    str | None, typer.Option("--approval", help=help_of("cli.option.approval"), metavar="ID")
]
AsJson = Annotated[bool, typer.Option("--json", help=help_of("cli.option.json"))]


def operator() -> Person:
    """Return who runs the machine of the embedded stack: no rights over rows and figures come with it.

    A function, because the province pack is opened with it: a pack with a fault must not end the import of a command.
    """
    return Person(province().committee_unit, "operator")


def administrator() -> Person:
    """Return the administrator of the embedded stack, who has no rights over rows and figures either."""
    return Person(province().committee_unit, "admin")


def clerk_of(unit: str | None) -> Person | None:
    """Return a clerk of the unit, whose registers are that one's daily work; None, the committee's official, without a unit."""
    return None if unit is None else Person(unit, "clerk")


# Options of a question: every command that asks a question has the same ones under the same names.
Area = Annotated[str | None, typer.Option("--area", help=help_of("cli.option.area"))]
AsOf = Annotated[str | None, typer.Option("--as-of", help=help_of("cli.option.as_of"))]
First = Annotated[str | None, typer.Option("--from", help=help_of("cli.option.from"))]
Last = Annotated[str | None, typer.Option("--to", help=help_of("cli.option.to"))]
KnownAt = Annotated[str | None, typer.Option("--known-at", help=help_of("cli.option.known_at"))]
Geography = Annotated[str | None, typer.Option("--geography", help=help_of("cli.option.geography"))]
Calendar = Annotated[
    str | None,
    typer.Option(
        "--calendar",
        help=help_of("cli.option.calendar", ": civil, health, police, committee … (--period)"),
    ),
]
Period = Annotated[
    str | None,
    typer.Option("--period", help=help_of("cli.option.period", ": 2023, 2023-H1, 2023-Q1, 2023-09")),
]


class AreaOf(StrEnum):
    """The area in which a treatment figure counts a person: of the residence or of the facility."""

    RESIDENCE = "residence"
    FACILITY = "facility"


AreaOfOption = Annotated[AreaOf | None, typer.Option("--area-of", help="residence | facility.")]


@dataclass(frozen=True, slots=True)
class QuestionOptions:
    """Options that say what a question is about: area, days, and as known at which instant."""

    as_of: AsOf = None
    first: First = None
    last: Last = None
    calendar: Calendar = None
    period: Period = None
    area: Area = None
    geography: Geography = None
    known_at: KnownAt = None

    def parameters(self) -> dict[str, str | None]:
        """Return what was given under the services' names; FailureError (exit 2) for a day that is none."""
        return {
            "as_of": day("--as-of", self.as_of),
            "from": day("--from", self.first),
            "to": day("--to", self.last),
            "calendar": self.calendar,
            "period": self.period,
            "area": self.area,
            "geography": day("--geography", self.geography),
            "known_at": moment("--known-at", self.known_at),
        }


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option for each field of its parameters that are sets of options (dataclasses).

    Typer reads options from a signature; so the parameter ``question: QuestionOptions`` is replaced there by
    ``as_of``, ``first`` … in its place, and put together again for the call.
    """
    hints = get_type_hints(command, include_extras=True)
    sets = {name: hint for name, hint in hints.items() if isinstance(hint, type) and is_dataclass(hint)}
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(command).parameters.values():
        if parameter.name in sets:
            of_set = inspect.signature(sets[parameter.name]).parameters.values()
            parameters += [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in of_set]
        else:
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))

    @wraps(command)
    def run(**given: Any) -> None:
        for name, options in sets.items():
            given[name] = options(**{field.name: given.pop(field.name) for field in fields(options)})
        command(**given)

    setattr(run, "__signature__", inspect.Signature(parameters))  # noqa: B010  unknown to the type of functions
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def need_period(calendar: str | None, period: str | None) -> None:
    """Raise FailureError (exit 2) where one of the two options that name a period is missing."""
    for option, value in (("--calendar", calendar), ("--period", period)):
        if value is None:
            raise FailureError(Exit.WRONG_USE, "closing_option_needed", option=option)


def filled(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that were given; what is None is left to the service's defaults."""
    return {name: value for name, value in asked.items() if value is not None}


def form_named(name: str) -> Form:
    """Return the form of that name; FailureError (exit 2) with all names where there is none."""
    form = FORMS.get(name)
    if form is None:
        raise FailureError(Exit.WRONG_USE, "unknown_form", form=name, forms=", ".join(sorted(FORMS)))
    return form


def day(option: str, text: str | None) -> str | None:
    """Return a day given as dd/mm/yyyy or yyyy-mm-dd, in ISO form; FailureError (exit 2) for anything else."""
    if text is None:
        return None
    try:
        if "/" in text:
            return datetime.strptime(text, "%d/%m/%Y").date().isoformat()  # noqa: DTZ007  only its date is used
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise FailureError(Exit.WRONG_USE, "not_a_day", option=option, value=text) from None


def moment(option: str, text: str | None) -> str | None:
    """Return a day, or an ISO date-time (Asia/Ho_Chi_Minh unless it has an offset)."""
    if text is None or "/" in text or len(text) <= len("2023-12-31"):
        return day(option, text)
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        raise FailureError(Exit.WRONG_USE, "not_a_day", option=option, value=text) from None
