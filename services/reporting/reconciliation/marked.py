"""Marks on the records behind the steps of a waterfall: which line a record is, and what stands of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.marks import (
    Mark,
    MarkedLines,
    MarkedList,
    Notes,
    Wanted,
    is_wanted,
    mark_document,
    marks_of,
    standing_of,
)
from services.reporting.facts import Connection
from services.reporting.figures import Question, Reader
from services.reporting.reconciliation.naming import sides

Json = dict[str, Any]


def marked_list(question: Question) -> MarkedList:
    """Return the list that marks on a figure's waterfalls are of."""
    return MarkedList("waterfall", question.figure.code)


@dataclass(frozen=True, slots=True)
class MarkedRecords:
    """The marks on the waterfalls of a figure as one reader asks for them; ``wanted`` None: all lines."""

    marked: MarkedLines
    reader: Reader
    wanted: Wanted | None

    @classmethod
    async def of(
        cls, connection: Connection, question: Question, reader: Reader, wanted: Wanted | None
    ) -> "MarkedRecords":
        """Return the marks that were known at the instant of the question."""
        return cls(await marks_of(connection, marked_list(question), question.known_at), reader, wanted)

    @property
    def version(self) -> str:
        """Return what an entity tag needs to know of them: marks are only added, and whose lines are ``mine`` depends on who asks."""
        asker = "" if self.wanted is None else f" for {self.reader.caller.unit} {self.reader.caller.subject}"
        return f"{len(self.marked.marks)} marks{asker}"

    def of_line(self, line: str | None) -> list[Mark]:
        """Return the marks of a line; a record that the reader may not know is none (None)."""
        return [] if line is None else self.marked.on(line, ())

    def has(self, line: str | None) -> bool:
        """Return whether a line is asked for; what is no line has no mark, so it is open and nobody's."""
        if self.wanted is None:
            return True
        caller = self.reader.caller
        return is_wanted(standing_of(self.of_line(line)), self.wanted, caller.unit, caller.subject)

    async def show(self, connection: Connection, document: Json, notes: Notes) -> None:
        """Add what stands of each line to the records that a reconciliation lists, and leave out those that are not asked for.

        They are left out here too, since which records the reader may know is decided after the page was made.
        """
        for listed in _lists(document):
            listed[:] = [record for record in listed if self.has(record["line"])]
        records = [record for listed in _lists(document) for record in listed]
        marks = [self.of_line(record["line"]) for record in records]
        texts = await notes.read(connection, [mark for those in marks for mark in those])
        for record, those in zip(records, marks, strict=True):
            record["mark"] = mark_document(those, texts, found=True)


def _lists(document: Json) -> Iterator[list[Json]]:
    for side in sides(document):
        for step in side["steps"]:
            if step["records"] is not None:
                yield step["records"]
