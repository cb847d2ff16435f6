"""What a browser sends from a form: texts in one normal form, and files."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile

from services.chassis.http import leaves_cells_to_the_route, unusable_in_text
from services.chassis.problems import Fault, Problem

_MOST_FIELDS = 2000
_MOST_PART_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that was chosen or dropped: its name, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class SentForm:
    """What a form was sent with, by the names of its fields."""

    values: Mapping[str, tuple[str, ...]]
    files: Mapping[str, SentFile]

    def one(self, name: str, default: str = "") -> str:
        """Return the value of a field, the first where it has several; ``default`` for one that was not sent."""
        return self.values.get(name, (default,))[0]

    def all(self, name: str) -> tuple[str, ...]:
        """Return all values of a field, as of checkboxes with one name."""
        return self.values.get(name, ())


async def read_form(request: Request, *, files: int = 1) -> SentForm:
    """Return what a form was sent with: in Unicode's composed form, lines ending as on this machine; so many files at most.

    Raises:
        Problem: 422 where a text holds unusable characters, unless the route is marked with ``judges_cells("*")``
            and refuses them cell by cell; 400 for what is no form.
    """
    values: dict[str, tuple[str, ...]] = {}
    found: dict[str, SentFile] = {}
    async with request.form(max_files=files, max_fields=_MOST_FIELDS, max_part_size=_MOST_PART_BYTES) as sent:
        for name, value in sent.multi_items():
            if isinstance(value, UploadFile):
                if value.filename:  # a browser sends a field of files also where none was chosen
                    found[name] = SentFile(value.filename, await value.read())
            else:
                values[name] = (*values.get(name, ()), _composed(value))
    if not leaves_cells_to_the_route(request):
        _refuse_unusable(values)
    return SentForm(values, found)


def _composed(text: str) -> str:
    # Browsers end the lines of a text area with both characters, whatever was typed.
    # Keyboards write a Vietnamese letter as one character or as several; the same name must be the same text.
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n"))


def _refuse_unusable(values: Mapping[str, tuple[str, ...]]) -> None:
    faults = [
        Fault.of(name, None, "text_unusable")
        for name, texts in values.items()
        if any(unusable_in_text(text) for text in texts)
    ]
    if faults:
        raise Problem.invalid(faults)
