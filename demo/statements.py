"""Which registers of the demonstration are declared: what its units say to have handed in.

The demonstration hands in the province of 2023, so every unit says so of each of its registers. Of the year before it
holds the drug cases whole (524, the number that the report of 2023 compares with), and of every other register only what
reaches into 2023: nobody declares those, and a report compares none of their figures with 2022.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Declared:
    """Registers of a civil year that all units declare, and the day on which they write that down; no ``forms``: all."""

    year: int
    recorded_on: date
    forms: frozenset[str] = frozenset()

    def covers(self, form: str) -> bool:
        """Return whether the register is declared."""
        return not self.forms or form in self.forms


CALENDAR = "civil"
DECLARED = (
    # After the corrections of January.
    Declared(2023, date(2024, 2, 1)),
    Declared(2022, date(2023, 1, 31), frozenset({"drug_cases"})),
)
