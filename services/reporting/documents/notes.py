"""Marks after printed numbers, and the notes that explain them. Pure."""

from collections.abc import Callable
from dataclasses import replace

from reference import AGENCY, FIGURES
from services.reporting.documents.document import Note, Times
from services.reporting.documents.vietnamese import unit

Version = Callable[[str, Times], tuple[str, str]]
"""The definition version of a figure at the end of a time, and its legal basis."""


class Notes:
    """Gives each definition a number at its first use; a figure at the same time always has the same number."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._found: dict[tuple[str, Times], Note] = {}

    def mark(self, figure: str, times: Times) -> int:
        """Return the number of the note of this figure at this time."""
        key = (figure, times)
        if key not in self._found:
            entry = FIGURES[figure]
            version, basis = self._version(figure, times)
            owner = AGENCY[entry.owner_on(times.last)]
            self._found[key] = Note(
                len(self._found) + 1, figure, entry.vi, times, unit(figure), owner, version, basis
            )
        return self._found[key].number

    def share(self, figure: str, times: Times, base: str) -> int:
        """Return the same number, and store that a percentage of ``base`` is printed too."""
        number = self.mark(figure, times)
        note = self._found[figure, times]
        bases = [] if note.expression is None else note.expression.split("; ")
        if base not in bases:
            self._found[figure, times] = replace(note, expression="; ".join([*bases, base]))
        return number

    def listed(self) -> tuple[Note, ...]:
        """Return all of them by number."""
        return tuple(self._found.values())
