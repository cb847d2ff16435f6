"""The form ``doses``: daily methadone doses. Neither whose nor how much leaves the service."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal, cast

from contracts.events.treatment import Dose
from contracts.forms import FORMS
from reference import dose_range, fold
from services.registers import CellFault, Dated, Prepare, Register, Row, Subject, by_dates

_Episode = tuple[date, date | None]
_Patient = tuple[str, str]  # unit and number


Patients = Mapping[_Patient, Sequence[_Episode]]
"""When the patients of a batch were in treatment by the methadone register of their unit."""


def patients(contents: Iterable[tuple[_Patient, Mapping[str, Any]]]) -> Patients:
    """Return the patients, by what the methadone records of their numbers say."""
    episodes: dict[_Patient, list[_Episode]] = defaultdict(list)
    for patient, content in contents:
        ended = content.get("ended_on")
        begun = date.fromisoformat(content["enrolled_on"])
        episodes[patient].append((begun, None if ended is None else date.fromisoformat(ended)))
    return episodes


def patient_of(row: Row) -> _Patient:
    """Return the unit and the patient number of a row that has one, the number as numbers are compared."""
    return row.unit, fold(row.text("patient_no"))


def dose_is_possible(row: Row, _: object) -> Iterator[CellFault]:
    """Yield a fault where the dose is outside the range of its site on the day (``doses.csv`` of the pack)."""
    mg = row.opt_decimal("mg")
    # A dose of 0 mg is filled in, though `has` takes it for blank.
    if mg is None or not row.has("facility_code", "dosed_on"):
        return
    allowed = dose_range(row.text("facility_code"), row.date("dosed_on"))
    if not allowed.least <= mg <= allowed.most:
        yield row.fault("mg", "dose_range", least=allowed.least, most=allowed.most)


def outside_treatment(rows: Sequence[Row], known: Patients) -> Iterator[CellFault]:
    """Yield a note, once for each patient, where nobody has the number in the unit's methadone register, or not on the day.

    The dose counts: the methadone register may be handed in later, or be kept by another site.
    """
    told: set[tuple[_Patient, str]] = set()
    for row in rows:
        if row.void or not row.has("patient_no", "dosed_on"):
            continue
        patient, day = patient_of(row), row.date("dosed_on")
        episodes = known.get(patient)
        if episodes is None:
            rule, parts = "dose_patient_unknown", {}
        elif not any(begun <= day and (ended is None or day < ended) for begun, ended in episodes):
            rule, parts = "dose_outside_treatment", {"day": f"{day:%d/%m/%Y}"}
        else:
            continue
        if (patient, rule) not in told:
            told.add((patient, rule))
            yield row.fault("patient_no", rule, **parts)


def snapshot(row: Row, _: Subject) -> Dose:
    """Return that a dose was given, where and when."""
    # No person and no amount: the commune's papers by law hold no dose histories (Decree 141/2024, ADR 0007).
    return Dose(
        facility=row.text("facility_code"),
        dosed_on=row.date("dosed_on"),
        kind=cast(Literal["observed", "take_home"], row.code("kind")),
    )


def register(prepare: Prepare) -> Register:
    """Return the register of doses; ``prepare`` loads its `Patients`."""
    return Register(
        form=FORMS["doses"],
        milestones=by_dates(Dated("treatment.dose.dosed.v1", "dosed_on")),
        data=snapshot,
        corrected="treatment.dose.corrected.v1",
        voided="treatment.dose.voided.v1",
        rules=(dose_is_possible,),
        prepare=prepare,
        remarks=outside_treatment,
    )
