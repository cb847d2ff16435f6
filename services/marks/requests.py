"""What a request to mark a line holds, and what it is answered."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from services.chassis.http import ONE_LINE
from services.marks.documents import mark_document
from services.marks.marking import Marking, Outcome, Seen
from services.marks.standing import Kind, Mark


class MarkRequest(BaseModel):
    """A mark on one line, named as its list names it. ``assigned`` names a unit or a person (the subject of a token).

    ``note`` is free text for those who work on the line: no names, no numbers of people. ``on``: since when (default: today).
    ``seen`` is the ``id`` of the line's ``mark`` as it was shown, ``none`` where it had none: 409 where another stands now.
    """

    model_config = ConfigDict(extra="forbid")

    line: str = Field(min_length=1, max_length=1_000, pattern=ONE_LINE)
    mark: Kind
    to_unit: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    to_person: Annotated[str, Field(min_length=1, max_length=200, pattern=ONE_LINE)] | None = None
    note: Annotated[str, Field(min_length=1, max_length=500, pattern=ONE_LINE)] | None = None
    on: date | None = None
    seen: Seen | None = None

    @property
    def marking(self) -> Marking:
        """Return what is marked."""
        return Marking(self.line, self.mark, self.to_unit, self.to_person, self.note, self.on, self.seen)


class MarkAnswer(BaseModel):
    """What became of it, and what stands of the line now; ``unchanged``: it was so already."""

    rule: str
    line: str
    outcome: Outcome
    mark: dict[str, Any]

    @classmethod
    def of(cls, rule: str, line: str, outcome: Outcome, marks: list[Mark]) -> "MarkAnswer":
        """Return the answer about a line that has these marks now."""
        stands = mark_document(marks, {}, found=True)
        assert stands is not None, "a line that was marked has a mark"
        return cls(rule=rule, line=line, outcome=outcome, mark=stands)
