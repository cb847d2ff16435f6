"""What the makers of tables share: the numbers asked for, the notes, the machine cells so far. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from reference import FIGURES, Area, area_book
from services.reporting.documents.document import SUPPRESSED, Cell, MachineCell, Number, Times
from services.reporting.documents.notes import Notes, Version
from services.reporting.documents.planning import Numbers, components
from services.reporting.documents.reference import Windows
from services.reporting.documents.vietnamese import number, percent, percent_of

INCOMPLETE = "chưa đủ sổ"
"""Printed instead of a former period's number where its registers, or those of this period, are not declared complete."""
_KINDS = "xã, phường, thị trấn"
_REST_OF = {
    "areas.without_drug_problem": ("areas.with_drug_problem",),
    "areas.risk.unclassified": ("areas.risk.high", "areas.risk.at_risk", "areas.risk.low"),
}


@dataclass(slots=True)
class Sheet:
    """What the makers of tables share: the numbers, the notes, the count of tables, the machine cells so far, and
    whether anything of the year before is printed, or left out because a register is not declared complete.
    """

    area: Area
    windows: Windows
    hierarchy: date
    numbers: Numbers
    notes: Notes
    version: Version
    cells: list[MachineCell] = field(default_factory=list)
    made: int = 0
    compared: bool = False
    uncompared: bool = False

    def said(self, text: str) -> str:
        """Return words about communes as the day has them: there are no thị trấn from 1 July 2025, but đặc khu."""
        kinds = _commune_kinds(self.area.uid, self.hierarchy)
        for old, new in ((_KINDS, kinds), (_capital(_KINDS), _capital(kinds))):
            text = text.replace(old, new)
        return text

    def next_number(self) -> str:
        """Return the number of the next table."""
        self.made += 1
        return str(self.made)

    def record(
        self,
        table: str,
        figure: str,
        at: Times,
        by: str,
        row: str,
        value: Number | None,
        suppressed: bool = False,
        remark: str = "",
    ) -> None:
        """Store a number as a machine cell."""
        entry = FIGURES[figure]
        self.cells.append(
            MachineCell(
                table,
                figure,
                self.area.code,
                by,
                row,
                at,
                value,
                entry.unit,
                self.version(figure, at)[0],
                suppressed,
                remark,
            )
        )

    def value(self, figure: str, at: Callable[[str], Times]) -> tuple[Number | None, bool]:
        """Return a figure's total, a ratio from its two, and whether it is protected."""
        parts = [self.numbers.total(component, at(component)) for component in components(figure)]
        if len(parts) == 1:
            return parts[0]
        (above, above_hidden), (below, below_hidden) = parts
        # From the ratio and the count that is shown the protected one could be computed.
        if above_hidden or below_hidden:
            return None, True
        return percent_of(above, below), False

    def earlier(self, figure: str) -> tuple[Number | None, bool]:
        """Return the total of the year before and whether it is protected; None where nothing was counted then.

        Registers that do not reach back so far count nothing, and leave all communes to what is the rest of others.
        """
        value, hidden = self.value(figure, self.windows.before)
        counted = _REST_OF.get(figure, (figure,))
        if not any(self.value(one, self.windows.before)[0] for one in counted):
            return None, hidden
        return value, hidden

    def share(self, figure: str, base: str) -> int:
        """Return the mark of a figure whose share of ``base`` is printed; the base gets its own."""
        for part in base.split("+"):
            self.notes.mark(part, self.windows.now(part))
        return self.notes.share(figure, self.windows.now(figure), base)

    def base(self, figures: str, at: Callable[[str], Times]) -> tuple[Number | None, bool]:
        """Return the base of a share: a figure, or a sum of several."""
        found = [self.value(figure, at) for figure in figures.split("+")]
        values = [value for value, _ in found]
        hidden = any(is_hidden for _, is_hidden in found)
        if hidden or any(value is None for value in values):
            return None, hidden
        total = sum((value for value in values if value is not None), 0)
        least = max(self.numbers.percent_base(figure, at(figure)) for figure in figures.split("+"))
        return (None, True) if 0 < total < least else (total, False)


@lru_cache(maxsize=64)
def _commune_kinds(area: str, day: date) -> str:
    """Return the kinds of communes (xã, phường, …) that the area's province has on the day, in words."""
    book = area_book()
    names = [commune.name for commune in book.communes(book.ancestors(area)[-1], day)]
    found = [
        kind
        for kind in (*_KINDS.split(", "), "đặc khu")
        if any(_capital(kind) == name[: len(kind)] for name in names)
    ]
    return ", ".join(found) or _KINDS


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def number_cell(
    value: Number | None, hidden: bool = False, note: int | None = None, *, share: bool = False
) -> Cell:
    """Return a cell with a count, or with a share that has been rounded."""
    if hidden:
        return Cell(SUPPRESSED, None, note, suppressed=True)
    text = percent(Decimal(value)) if share and value is not None else number(value)
    return Cell(text, value, note)


def quoted(figure: str) -> str:
    """Return a figure's name within a sentence."""
    name = FIGURES[figure].vi
    return f"“{name[0].lower()}{name[1:]}”"


def is_target(figure: str) -> bool:
    """Return whether the figure is a target; targets of parts need not add up to the target of the whole."""
    return figure.endswith("_target")
