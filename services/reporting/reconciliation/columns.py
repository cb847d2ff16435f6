"""Names of a record's fields as clerks know them: the Vietnamese column headings of its form."""

from collections.abc import Iterable

from contracts.forms import FORMS
from texts import Message, message

_OTHERWISE = {"has_decision": "decision_no", "area_class": "class"}
"""Fields of the log whose name differs from the name of their column."""
_SEVERAL = {"person": "reconcile_field.person", "stages": "reconcile_field.stages"}
"""Fields that come from several columns → the message that names these columns."""


def columns_of(form: str, names: Iterable[str]) -> Message:
    """Return the columns behind fields of a form's records: Vietnamese headings, and the fields' own names."""
    return Message(", ".join(f"“{column_of(form, name)}”" for name in names), ", ".join(names))


def column_of(form: str, name: str) -> str:
    """Return the Vietnamese heading of the column behind a field of a form's records."""
    columns = FORMS[form].by_id
    for told in (_OTHERWISE.get(name, name), f"{name}_code", f"{name}_no"):
        if told in columns:
            return columns[told].vi
    return message(_SEVERAL[name]).vi
