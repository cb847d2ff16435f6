"""The rows that follow from one version of one record alone, one function for each form.

Rows that depend on other records of the same timeline are computed in ``timelines``.
"""

from collections.abc import Callable
from typing import Any

import orjson

from contracts.envelope import VIETNAM
from contracts.events.statements import STATEMENTS
from contracts.substances import substance_of
from services.reporting.facts.projections.ages import Age
from services.reporting.facts.projections.model import (
    OPEN_END,
    DeclarationRow,
    Fact,
    ProjectedRow,
    Spell,
    Statement,
    TargetRow,
    Version,
    id_text,
)

# Of two statements from the same day the greater rank counts: a death ends everything, and an admission to detoxification
# counts more than the end of an earlier stay.
RANK_REGISTER, RANK_DETOX_END, RANK_DETOX_ADMISSION, RANK_DEATH = range(4)


def attributes(**values: Any) -> str | None:
    """Return the values that are not None as a JSON object; None where all are None.

    The order of the keys is fixed, so that equal values give equal text.
    """
    kept = {name: value for name, value in values.items() if value is not None and value is not False}
    return orjson.dumps(kept, default=str, option=orjson.OPT_SORT_KEYS).decode() if kept else None


_LEAP_DAY = attributes(leap_day=True)


def _born(age: Age) -> str | None:
    """Return the attributes of a person of this age; most have none."""
    return _LEAP_DAY if age.leap_day else None


def register_row(version: Version, _age: Age) -> list[ProjectedRow]:
    """Return the statement of a register row about presence. Its status becomes a spell in the person's timeline."""
    row = version.data
    if row.presence is None:
        return []
    # A row without a first day of presence means: since the status began.
    since = row.presence_from or row.status_from
    return [Statement(id_text(row.person.ref), row.presence, since, RANK_REGISTER, row.status_from)]


def slip(version: Version, age: Age) -> list[ProjectedRow]:
    """Return the conclusion of a determination certificate, as a fact on its day."""
    row = version.data
    return [
        Fact(
            kind="slip",
            code=row.conclusion,
            occurred_on=row.concluded_on,
            person_ref=id_text(row.person.ref),
            area=row.commune,
            facility=row.facility,
            unit=version.unit,
            sex=row.person.sex,
            age30_on=age.thirtieth,
            reason=None,
            attrs=attributes(
                substances=sorted({substance_of(word) for word in row.substances}) or None,
                clinician=row.clinician,
                leap_day=age.leap_day,
            ),
        )
    ]


def methadone(version: Version, age: Age) -> list[ProjectedRow]:
    """Return the episode, the day of entering, and the day of leaving once it is known."""
    row = version.data
    about = (id_text(row.person.ref), row.commune, row.facility, version.unit, row.person.sex, age.thirtieth)
    born = _born(age)
    rows: list[ProjectedRow] = [Fact("methadone_entered", "", row.enrolled_on, *about, None, born)]
    end = row.ended_on or OPEN_END
    # Entered and left on one day: two facts, but on no day a state, since the end is not part of it.
    if end > row.enrolled_on:
        rows.append(Spell("methadone", "", *about, born, row.enrolled_on, end))
    if row.ended_on is not None:
        attrs = (
            attributes(transferred_to=row.transferred_to, leap_day=age.leap_day)
            if row.transferred_to
            else born
        )
        rows.append(Fact("methadone_left", "", row.ended_on, *about, row.end_reason, attrs))
    return rows


def dose(version: Version, _age: Age) -> list[ProjectedRow]:
    """Return a dose as a fact with its place and day; it names no person."""
    row = version.data
    return [
        Fact("dose", row.kind, row.dosed_on, None, None, row.facility, version.unit, None, None, None, None)
    ]


def detox(version: Version, age: Age) -> list[ProjectedRow]:
    """Return the episode, the admission and, in a facility, the statements of presence on its first and last day."""
    row = version.data
    ref = id_text(row.person.ref)
    about = (ref, row.commune, row.facility, version.unit, row.person.sex, age.thirtieth)
    born = _born(age)
    rows: list[ProjectedRow] = [Fact("detox_admitted", row.kind, row.admitted_on, *about, None, born)]
    end = row.ended_on or OPEN_END
    if end > row.admitted_on:
        rows.append(Spell("detox", row.kind, *about, born, row.admitted_on, end))
    if row.ended_on is not None:
        rows.append(Fact("detox_ended", row.kind, row.ended_on, *about, row.end_reason, born))
    # A person treated at home stays in the community, so there is no statement of presence.
    if row.kind == "voluntary_home":
        return rows
    if end > row.admitted_on:
        rows.append(Statement(ref, "detox_facility", row.admitted_on, RANK_DETOX_ADMISSION, row.admitted_on))
    if row.ended_on is not None:
        # A later statement on the same day must not bring back a person who died in the facility.
        died = row.end_reason == "died"
        state, rank = ("removed", RANK_DEATH) if died else ("community", RANK_DETOX_END)
        rows.append(Statement(ref, state, row.ended_on, rank, row.admitted_on))
    return rows


def post_detox(version: Version, age: Age) -> list[ProjectedRow]:
    """Return post-detox management as the treatment agency recorded it. No figure counts it; cross-register checks do."""
    row = version.data
    # Management ends with its term even where nobody reported an end; a reported end may be earlier.
    end = min(row.until_on, row.ended_on or OPEN_END)
    if end <= row.from_on:
        return []
    about = (id_text(row.person.ref), row.commune, None, version.unit, row.person.sex, age.thirtieth)
    return [Spell("post_detox", "", *about, attributes(end_reason=row.end_reason), row.from_on, end)]


def _here(row: Any, unit: str) -> tuple[None, str, None, str, None, None]:
    """Return the columns on person, area and facility for a fact that has a place and names no person."""
    return (None, row.commune, None, unit, None, None)


def fire(version: Version, _age: Age) -> list[ProjectedRow]:
    """Return a fire on the Vietnamese date of its alarm."""
    row = version.data
    attrs = attributes(
        place=row.place,
        cause=row.cause,
        deaths=row.deaths or None,
        injured=row.injured or None,
        rescued=row.rescued or None,
        damage_vnd=row.damage_vnd,
        is_case=row.counts_as_case,
    )
    # In UTC a fire of the early morning would be on the day before, perhaps in another month.
    day = row.alarm_at.astimezone(VIETNAM).date()
    return [Fact("fire", "", day, *_here(row, version.unit), None, attrs)]


def drug_case(version: Version, _age: Age) -> list[ProjectedRow]:
    """Return a case on the day of detection, and again on the days of prosecution and of administrative handling."""
    row = version.data
    attrs = attributes(
        venue=row.venue,
        channel=row.channel,
        disguised=row.disguised_drug,
        substance=None if row.substance is None else substance_of(row.substance),
        subjects=row.subjects,
        accused=row.accused,
        # As text: a JSON number would be read as a float, and sums of grams would end in odd digits.
        grams=None if row.seized_grams is None else f"{row.seized_grams.normalize():f}",
        prosecuted_on=row.prosecuted_on,
        administrative_on=row.administrative_on,
    )
    about = _here(row, version.unit)
    days = (
        ("case_detected", row.detected_on),
        ("case_prosecuted", row.prosecuted_on),
        ("case_administrative", row.administrative_on),
    )
    return [Fact(kind, row.offence, day, *about, None, attrs) for kind, day in days if day is not None]


def arrest(version: Version, age: Age) -> list[ProjectedRow]:
    """Return an arrest on its day."""
    row = version.data
    about = (id_text(row.person.ref), row.commune, None, version.unit, row.person.sex, age.thirtieth)
    attrs = attributes(case=row.case, leap_day=age.leap_day)
    return [Fact("arrest", row.outcome or "", row.arrested_on, *about, None, attrs)]


def conflict(version: Version, _age: Age) -> list[ProjectedRow]:
    """Return a conflict on the day of detection, with the attributes from which its status on any day follows."""
    row = version.data
    attrs = attributes(
        level=row.level,
        cause=row.cause,
        parties=row.parties,
        status_on=row.status_on,
        outcome=row.outcome,
        prolonged=row.prolonged,
    )
    return [Fact("conflict", row.status, row.detected_on, *_here(row, version.unit), None, attrs)]


def place(version: Version, _age: Age) -> list[ProjectedRow]:
    """Return the end of a watched place as a fact on its ``valid_to``; its duration is a spell in its timeline."""
    row = version.data
    if row.valid_to is None:
        return []
    about = _here(row, version.unit)
    return [Fact("place_ended", row.kind, row.valid_to, *about, row.end_reason, attributes(place=row.place))]


def target(version: Version, _age: Age) -> list[ProjectedRow]:
    """Return an assigned target."""
    row = version.data
    return [TargetRow(row.figure, row.area, row.period_from, row.period_to, f"{row.value:f}", version.unit)]


def declared(version: Version, _age: Age) -> list[ProjectedRow]:
    """Return a declared figure."""
    row = version.data
    return [
        DeclarationRow(
            row.agency,
            row.figure,
            row.area,
            row.as_of,
            row.period_from,
            row.period_to,
            f"{row.value:f}",
            row.declared_on,
            row.source,
            version.unit,
        )
    ]


def nothing(_version: Version, _age: Age) -> list[ProjectedRow]:
    """Return no rows, for forms whose rows make only a timeline, and for statements, which no figure counts."""
    return []


ALONE: dict[str, Callable[[Version, Age], list[ProjectedRow]]] = {
    "registry": register_row,
    "determination": slip,
    "methadone": methadone,
    "doses": dose,
    "detox": detox,
    "post_detox": post_detox,
    "facilities": nothing,
    "clinicians": nothing,
    "targets": target,
    "fires": fire,
    "drug_cases": drug_case,
    "arrests": arrest,
    "conflicts": conflict,
    "places": place,
    "area_classes": nothing,
    "declared": declared,
    STATEMENTS: nothing,
}
