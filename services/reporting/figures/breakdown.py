"""What a question is broken down by: nothing, one dimension, or two that make a table of rows and columns."""

from collections.abc import Sequence

from reference import Figure
from services.chassis.problems import Fault
from services.reporting.figures.territories import AREA_DIMENSIONS
from texts import Message, message

_BETWEEN = ","
_MOST = 2
Breakdown = tuple[str | None, str | None]
"""The dimension of the rows and that of the columns."""


def dimensions(figure: Figure) -> tuple[str, ...]:
    """Return what the figure may be broken down by."""
    return (*AREA_DIMENSIONS, *figure.dimensions)


def partners(figure: Figure, dimension: str) -> tuple[str, ...]:
    """Return the dimensions that make a table with this one: all others, but areas with areas.

    Example: drug cases by commune can be crossed with offence, venue, substance or outcome. A table of communes by districts
    would say of each commune in which district it lies.
    """
    taken = AREA_DIMENSIONS if dimension in AREA_DIMENSIONS else (dimension,)
    return tuple(one for one in dimensions(figure) if one not in taken)


def dimension_names(codes: Sequence[str]) -> Message:
    """Return dimensions as a refusal lists them: with their names in Vietnamese, their codes alone in English."""
    named = [f"{message(f'dimension.{code}').vi} ({code})" for code in codes]
    return Message(", ".join(named), ", ".join(codes))


def parse_breakdown(figure: Figure, text: str | None, faults: list[Fault], *, crossed: bool) -> Breakdown:
    """Return the dimensions that the parameter ``by`` names; what is wrong with it is added to ``faults``.

    ``crossed``: whether the product that asks can show a table of two dimensions.

    Example: ``area,age_band`` is a row for each area and a column for each age band.
    """
    if text is None:
        return None, None
    names = [name.strip() for name in text.split(_BETWEEN)]
    fault = _one(figure, text) if len(names) == 1 else _two(figure, text, names, crossed=crossed)
    if fault is not None:
        faults.append(fault)
        return None, None
    return names[0], names[1] if len(names) == _MOST else None


def can_be_asked_by(figure: Figure, text: str) -> bool:
    """Return whether the figure has the dimension, or makes the table, that the parameter ``by`` names."""
    faults: list[Fault] = []
    parse_breakdown(figure, text, faults, crossed=True)
    return not faults


def _one(figure: Figure, text: str) -> Fault | None:
    allowed = dimensions(figure)
    known = text.strip() in allowed
    return None if known else Fault.of("by", text, "dimension", allowed=dimension_names(allowed))


def _two(figure: Figure, text: str, names: Sequence[str], *, crossed: bool) -> Fault | None:
    """Return what is wrong with several dimensions; None for two that make a table."""
    if not crossed:
        return Fault.of("by", text, "dimension_one")
    if not figure.dimensions:
        return Fault.of("by", text, "dimension_areas_only")
    if len(names) > _MOST:
        return Fault.of("by", text, "dimension_two")
    for name in names:
        if name not in dimensions(figure):
            return Fault.of("by", text, "dimension", allowed=dimension_names(dimensions(figure)))
    row, column = names
    if column not in partners(figure, row):
        allowed = dimension_names(partners(figure, row))
        return Fault.of("by", text, "dimension_partner", first=row, allowed=allowed)
    return None
