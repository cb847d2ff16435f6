"""Files that were made from a template: read by the headers of its version, and without notes on its own furniture."""

from dataclasses import dataclass, replace
from functools import cache

from contracts.forms import Form, columns_of_version, normalise_header, template_version
from registerfiles.columns import RowFault, fault_of
from registerfiles.parts import Choices
from texts import message

_SIGNATURES = ("book.place_and_day", "book.keeper", "book.head_of_unit", "book.sign", "book.sign_and_seal")


@dataclass(frozen=True, slots=True)
class FormerTemplate:
    """How a file of another version of the template is read.

    ``form`` knows the headers of that version too; ``gone`` are headers whose columns the form has no longer; ``notes`` tell
    the clerk.
    """

    form: Form
    gone: frozenset[str]
    notes: tuple[RowFault, ...]

    def with_gone(self, choices: Choices) -> Choices:
        """Return the choices, with the columns that are gone left out (which the answer names one by one)."""
        if choices.ignored is None:
            return choices
        return replace(choices, ignored=choices.ignored | self.gone)


def former_template(form: Form, version: int) -> FormerTemplate | None:
    """Return how a file of this version is read; None where it is the newest.

    A later version than this software knows is read by the names of its columns.
    """
    newest = template_version(form.name)
    if version == newest:
        return None
    columns = columns_of_version(form.name, version)
    if columns is None:
        note = fault_of(1, "", None, "template_newer", version=version, newest=newest)
        return FormerTemplate(form, frozenset(), (note,))
    held = set(columns.values())
    missing = [column for column in form.columns if column.id not in held]
    listed = ", ".join(f"“{column.vi}”" for column in missing)
    rule = "template_older" if missing else "template_older_whole"
    note = fault_of(
        1, "", None, rule, version=version, newest=newest, **({"columns": listed} if missing else {})
    )
    gone = frozenset(header for header, column in columns.items() if column not in form.by_id)
    return FormerTemplate(replace(form, former=columns), gone, (note,))


def is_furniture_of_template(note: RowFault) -> bool:
    """Return whether a note only tells of rows that the template itself has: its titles and its signatures."""
    if note.rule == "rows_above_header":
        return True
    if note.rule != "left_out_signature" or not isinstance(note.value, str):
        return False
    return all(normalise_header(text) in _signatures() for text in note.value.split(" | "))


@cache
def _signatures() -> frozenset[str]:
    texts = [message(code) for code in _SIGNATURES]
    return frozenset(normalise_header(text) for each in texts for text in (each.vi, each.en))
