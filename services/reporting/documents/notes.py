"""Marks behind printed numbers, and what they stand for. Pure."""

from collections.abc import Callable
from dataclasses import replace

from reference import AGENCY, FIGURES
from services.reporting.documents.document import Note, Times
from services.reporting.documents.vietnamese import unit

Version = Callable[[str, Times], tuple[str, str]]
"""The definition version of a figure at the end of a time, and its legal basis."""


class Notes:
    """Numbers the definitions as they are first used; a figure of one time has one number throughout."""

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
        """Return the same, remembering that a share of ``base`` is printed too."""
        number = self.mark(figure, times)
        note = self._found[figure, times]
        bases = [] if note.expression is None else note.expression.split("; ")
        if base not in bases:
            self._found[figure, times] = replace(note, expression="; ".join([*bases, base]))
        return number

    def listed(self) -> tuple[Note, ...]:
        """Return all of them by number."""
        return tuple(self._found.values())
