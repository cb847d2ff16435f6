"""Which cells are sensitive by themselves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Threshold:
    """Counts from 1 up to, not including, ``least`` are never shown; with ``zeros_hidden`` nor is 0.

    Whether zeros are shown is decided once per figure (``reference/data/disclosure.csv``): a shown zero says of
    everybody that they are not in the group, and spares most rows of a table by commune.
    """

    least: int
    zeros_hidden: bool = False

    @property
    def floor(self) -> int:
        """Return the least value that a hidden cell can have, as every reader knows."""
        return 0 if self.zeros_hidden else 1

    def is_sensitive(self, value: int) -> bool:
        """Return whether a cell of this value is hidden for its own sake."""
        return self.floor <= value < self.least

    def may_partner(self, value: int) -> bool:
        """Return whether hiding the cell can protect another: a value that readers know all the same protects nothing."""
        return value > self.floor
