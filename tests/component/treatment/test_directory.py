"""Who may conclude determinations, by the lists of facilities and clinicians as they stand."""

from typing import Any

import pytest

from tests.support.register_rows import CLINICIAN, FACILITY, FULL
from tests.support.registers import Service

SLIP = FULL["determination"]
OPEN_FACILITY = {k: v for k, v in FACILITY.items() if k not in ("valid_to", "recorded_on")}
OPEN_CLINICIAN = {k: v for k, v in CLINICIAN.items() if k not in ("valid_to", "recorded_on")}


async def refused(treatment: Service, **changed: Any) -> set[tuple[str, str]]:
    answer = await treatment.post_row("determination", {**SLIP, **changed})
    return {(fault["field"], fault["rule"]) for fault in answer.json().get("errors", ())}


async def test_unknown_facility_and_clinician_refuse_a_slip_together_with_its_other_faults(
    treatment: Service,
) -> None:
    assert await refused(treatment, criteria_met="7") == {
        ("criteria_met", "maximum"),
        ("facility_code", "facility_unknown"),
        ("clinician_no", "clinician_unknown"),
    }


@pytest.mark.parametrize(
    ("facility", "fault"),
    [
        ({"valid_from": "06/02/2023"}, "facility_unknown"),
        ({"valid_from": "05/02/2023"}, None),
        ({"valid_to": "05/02/2023"}, "facility_unknown"),
        ({"valid_to": "06/02/2023"}, None),
        ({"does": "methadone"}, "facility_not_determining"),
        ({"does": ""}, None),
    ],
)
async def test_a_facility_counts_on_the_day_of_the_conclusion(
    treatment: Service, facility: dict[str, str], fault: str | None
) -> None:
    await treatment.post_rows("facilities", [{**OPEN_FACILITY, **facility}])
    await treatment.post_rows("clinicians", [OPEN_CLINICIAN])
    assert await refused(treatment) == ({("facility_code", fault)} if fault else set())


async def test_a_row_ends_where_the_next_of_its_code_begins_and_a_withdrawn_one_never_was(
    treatment: Service,
) -> None:
    await treatment.post_rows("clinicians", [OPEN_CLINICIAN])
    later = {**OPEN_FACILITY, "valid_from": "01/02/2023", "does": "dispensing"}
    await treatment.post_rows("facilities", [OPEN_FACILITY, later])
    assert await refused(treatment) == {("facility_code", "facility_not_determining")}
    await treatment.post_rows(
        "facilities", [{"facility_code": "TTYT-01", "valid_from": "01/02/2023", "void": "x"}]
    )
    assert await refused(treatment) == set()


async def test_elsewhere_an_unknown_facility_is_accepted(treatment: Service) -> None:
    for form in ("methadone", "doses", "detox"):
        assert (await treatment.post_row(form, FULL[form])).status_code == 201


async def test_targets_are_for_counted_figures(treatment: Service) -> None:
    for figure in ("detox.compulsory_target", "registry.addicts_with_slip_pct"):
        answer = await treatment.post_row("targets", {**FULL["targets"], "figure": figure})
        assert [(e["field"], e["rule"]) for e in answer.json()["errors"]] == [
            ("figure", "figure_not_counted")
        ]
