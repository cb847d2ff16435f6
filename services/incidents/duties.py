"""What is due about drug cases, fires and conflicts, by the records of one unit. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date

from services.registers import Begun, DutyBook, Fact

INTAKE, LONGEST = "incidents.drug_case_intake", "incidents.drug_case_longest"
CAUSE, AGEING = "incidents.fire_cause", "incidents.conflict_ageing"
_OUTCOMES = ("prosecuted_on", "administrative_on")


def find(facts: Sequence[Fact], day: date) -> Iterator[Begun]:
    """Yield the drug cases without an outcome, fires without a cause, and conflicts in progress."""
    for fact in facts:
        match fact.form:
            case "drug_cases" if not any(fact.happened(each, day) for each in _OUTCOMES):
                yield Begun(fact, INTAKE, fact.needed_day("detected_on"), then=LONGEST)
            case "fires" if fact.values.get("cause") == "under_investigation":
                yield Begun(fact, CAUSE, fact.needed_day("alarm_at"))
            case "conflicts" if _in_progress(fact, day):
                yield Begun(fact, AGEING, fact.needed_day("detected_on"))


def _in_progress(conflict: Fact, day: date) -> bool:
    """Return whether the conflict was not resolved by the day; a resolution without a day counts from the beginning."""
    status_on = conflict.day("status_on")
    return conflict.values["status"] == "in_progress" or (status_on is not None and status_on > day)


# What `find` leaves out, said to the database: registers keep what is settled for ever.
_OVER = (
    "CASE form WHEN 'fires' THEN content->>'cause' IS DISTINCT FROM 'under_investigation'"
    " WHEN 'drug_cases' THEN least((content->>'prosecuted_on')::date, (content->>'administrative_on')::date) <= %(day)s"
    " WHEN 'conflicts' THEN content->>'status' <> 'in_progress'"
    " AND coalesce((content->>'status_on')::date <= %(day)s, true) END"
)
BOOK = DutyBook((INTAKE, LONGEST, CAUSE, AGEING), ("drug_cases", "fires", "conflicts"), find, over=_OVER)
"""The duties of the registers of cases, fires and conflicts."""
