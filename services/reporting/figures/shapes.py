"""Models and examples of answers for the OpenAPI document."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from reference import sample_communes, sample_district
from texts import message

UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": str(message("api.response.unchanged"))}}


class Shape(BaseModel):
    """An answer's JSON: what is not named here is not in it."""

    # A field that is not declared is refused, so every field of an answer is in the OpenAPI document.
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class DefinitionShape(BaseModel):
    """The version of a figure's definition that counted."""

    model_config = ConfigDict(extra="allow")

    version: str


class PendingShape(Shape):
    """Links of persons that wait for a clerk: how many, and by how many persons at most the value is too high."""

    links: int
    at_most: int


class FigureAnswer(Shape):
    """One figure. A stock has ``as_of``, a flow ``from`` and ``to``; a ratio has its parts.

    ``rows`` are there with ``by``: each has the row under the name of the dimension, areas a ``name``, and its own
    value. With two dimensions in ``by`` the ``rows`` are those of the first, ``columns`` those of the second, and ``cells``
    has one element for every row and column, zeros included. ``overlap``: by how much rows (or cells) add up to more than the
    total. ``pending``: what waits for a clerk to say whether records
    are of one person; only exact answers about persons have it. ``value`` null: there is none (a ratio without
    its denominator), or with ``suppressed`` it is withheld under the rules in ``protection``. With ``per``
    there is a ``rate`` of the value and of each area's row: for so many people of the ``population`` of that area, which was
    published for ``population_from``; null where the value is, or where no number of people is published.
    """

    figure: str
    area: str
    area_name: str | None = None
    as_of: date | None = None
    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")
    calendar: str | None = None
    period: str | None = None
    geography: date | None = None
    area_of: str | None = None
    known_at: str
    definition: DefinitionShape | None = None
    definitions: list[DefinitionShape] | None = None
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    suppressed: bool | None = None
    rows: list[dict[str, Any]] | None = None
    columns: list[dict[str, Any]] | None = None
    cells: list[dict[str, Any]] | None = None
    overlap: float | None = None
    pending: PendingShape | None = None
    unplaced: list[dict[str, Any]] | None = None
    per: int | None = None
    rate: float | None = None
    population: int | None = None
    population_from: date | None = None
    protection: dict[str, Any] | None = None


def figure_example() -> dict[str, Any]:
    """Return an invented answer about an area of the province."""
    area = sample_district()
    return {
        "figure": "registry.addicts_with_file",
        "area": area.code,
        "area_name": area.name,
        "as_of": "2023-12-14",
        "known_at": "2024-01-05",
        "definition": {"version": "2022", "basis": "NĐ 109/2021", "from": "2022-01-01"},
        "value": 214,
        "rows": [
            {"commune": commune.code, "name": commune.name, "value": value}
            for commune, value in zip(sample_communes(), (17, 0), strict=False)
        ],
        "overlap": 3,
    }


def answered(
    model: type[BaseModel], example: Any, status: int = 200, **said: Any
) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of a route: a model with its example."""
    return {status: {"model": model, "content": {"application/json": {"example": example}}, **said}}
