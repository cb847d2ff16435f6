"""Compare what an agency declared for each part of the area with the figure there.

Errors in opposite directions cancel out in the sum and can be seen only part by part.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from reference import Area, area_book
from services.reporting.facts import Connection
from services.reporting.figures import Number, Scope
from services.reporting.figures.exact import compute
from services.reporting.reconciliation.domain.choice import Declared, choose


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the area. ``declared`` is None where its agency declared nothing for it.

    ``then`` and ``now`` are the figure at the declared dates, as known at the cut-off and as known to the asker. A row
    that is no area (``unattributed``, ``unknown``) has no ``area``.
    """

    code: str
    area: Area | None
    declared: Fraction | None
    then: Fraction
    now: Fraction

    @property
    def difference(self) -> Fraction | None:
        """Return declared − computed, as known to the reader; None where nothing was declared for the part."""
        return None if self.declared is None else self.declared - self.now


@dataclass(frozen=True, slots=True)
class Parts:
    """All parts, in the order of their codes. ``total`` is the figure of the whole area now, ``declared`` its number.

    declared − total = (declared − declared_sum) + Σ differences − Σ now of what nobody declared + overlap.
    """

    rows: tuple[Part, ...]
    declared: Fraction
    total: Fraction

    @property
    def declared_sum(self) -> Fraction:
        """Return what the declared parts add up to."""
        return sum((part.declared for part in self.rows if part.declared is not None), Fraction())

    @property
    def missing(self) -> set[str]:
        """Return the codes of the areas for which nothing was declared."""
        return {part.code for part in self.rows if part.declared is None and part.area is not None}

    @property
    def complete(self) -> bool:
        """Return whether something was declared for every part."""
        return not self.missing

    @property
    def not_declared(self) -> Fraction:
        """Return the figure now in the rows for which nothing was declared."""
        return sum((part.now for part in self.rows if part.declared is None), Fraction())

    @property
    def overlap(self) -> Fraction:
        """Return by how much the rows add up to more than the total: people in several parts."""
        return sum((part.now for part in self.rows), Fraction()) - self.total


def parts_of(declared: Declared, declarations: Sequence[Declared]) -> dict[str, Declared]:
    """Return what the same agency declared, for the same dates, for the parts of a declaration's area; by area uid.

    Of several declarations for one part, ``choose`` selects one.
    """
    # The parts of the hierarchy of the declared day, since the agency declared for the areas of that time.
    children = {area.uid for area in area_book().children(declared.area, declared.day)}
    found: dict[str, Declared] = {}
    for other in choose(declarations, declared.day, declared.first):
        # Numbers of another agency or for other dates need not add up to this one.
        same = other.agency == declared.agency and other.same_dates(declared.day, declared.first)
        if same and other.area in children:
            found.setdefault(other.area, other)
    return found


async def compare_parts(
    connection: Connection, code: str, then: Scope, now: Scope, declared: Declared, found: dict[str, Declared]
) -> Parts | None:
    """Return the parts of a figure that is no ratio; None where the agency declared none of them, or there is no value."""
    if not found:
        return None
    before = await compute(connection, code, replace(then, by="area"))
    after = await compute(connection, code, replace(now, by="area"))
    if before.rows is None or after.rows is None or after.value is None:
        return None
    areas = {area.code: area for area in area_book().children(declared.area, declared.day)}
    rows = []
    # A part that counts nothing now may have counted something at the cut-off, so it is listed too.
    for name in [*after.rows, *(name for name in before.rows if name not in after.rows)]:
        area = areas.get(name)
        part = None if area is None else found.get(area.uid)
        rows.append(
            Part(
                name,
                area,
                None if part is None else Fraction(part.value),
                _number(before.rows.get(name)),
                _number(after.rows.get(name)),
            )
        )
    return Parts(tuple(rows), Fraction(declared.value), Fraction(after.value))


def _number(value: Number | None) -> Fraction:
    return Fraction(value or 0)
