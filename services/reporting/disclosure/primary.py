"""Primary suppression: which counts are hidden because of their own value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Threshold:
    """The limits of small counts: values in [1, ``least``) are hidden, and 0 too where ``zeros_hidden``.

    Example: with ``least`` 5 the counts 1, 2, 3 and 4 are hidden. Whether zeros are shown is set for each figure
    (``reference/data/disclosure.csv``). A shown zero tells of everybody in the area that they are not in the group; but
    most rows of a table by commune are zero, and the table would lose them.
    """

    least: int
    zeros_hidden: bool = False

    @property
    def floor(self) -> int:
        """Return the least value that a hidden cell can have: 0 or 1. Every reader knows it."""
        return 0 if self.zeros_hidden else 1

    def is_sensitive(self, value: int) -> bool:
        """Return whether a cell of this value is hidden because it is small."""
        return self.floor <= value < self.least

    def may_partner(self, value: int) -> bool:
        """Return whether hiding a cell of this value can help to protect another cell.

        Readers know that a hidden cell is at least ``floor``, so a cell of that value cannot be taken for a smaller one.
        """
        return value > self.floor
