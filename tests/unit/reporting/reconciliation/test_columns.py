"""Fields of the log have the names that clerks know from their forms."""

from typing import Any

import pytest

from contracts.catalogue import EVENT_TYPES
from contracts.forms import FORMS
from services.reporting.reconciliation.columns import column_of

SNAPSHOTS: dict[str, Any] = {
    data.model_fields["form"].default: data
    for kind in EVENT_TYPES.values()
    if (data := kind.model.model_fields["data"].annotation) is not None
    and "form" in data.model_fields
    and data.model_fields["form"].default in FORMS
}


def test_every_form_is_there() -> None:
    assert set(SNAPSHOTS) == set(FORMS)


@pytest.mark.parametrize("form", sorted(SNAPSHOTS))
def test_every_field_has_a_vietnamese_name(form: str) -> None:
    for name in SNAPSHOTS[form].model_fields:
        if name != "form":
            assert column_of(form, name).strip()


@pytest.mark.parametrize(
    ("form", "name", "column"),
    [
        ("methadone", "ended_on", "Ngày kết thúc"),
        ("registry", "commune", "Mã xã nơi cư trú"),
        ("registry", "has_decision", "Số quyết định"),
        ("area_classes", "area_class", "Loại"),
        ("fires", "place", "Nơi xảy ra"),
        ("places", "place", "Số cơ sở, điểm"),
        ("detox", "person", "Nhân thân"),
    ],
)
def test_a_field_goes_by_the_heading_of_its_column(form: str, name: str, column: str) -> None:
    assert column_of(form, name) == column
