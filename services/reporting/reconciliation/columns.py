"""What clerks call the fields of a record: the columns of its form, in Vietnamese."""

from contracts.forms import FORMS

_OTHERWISE = {"has_decision": "decision_no", "area_class": "class"}
"""Fields of the log that tell of a column by another name than the column's own."""
_SEVERAL = {"person": "Nhân thân", "stages": "Các giai đoạn cai nghiện"}
"""Fields that stand for several columns."""


def column_of(form: str, name: str) -> str:
    """The Vietnamese heading of the column behind a field of a form's records."""
    columns = FORMS[form].by_id
    for told in (_OTHERWISE.get(name, name), f"{name}_code", f"{name}_no"):
        if told in columns:
            return columns[told].vi
    return _SEVERAL[name]
