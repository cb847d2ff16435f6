"""Who may conclude a determination (decree 109/2021/NĐ-CP, art. 5, 9: qualified facility, certified clinician)."""

from collections.abc import Iterator
from datetime import date

from services.treatment.directory.domain import Directory

DETERMINES = "determination"


def facility_faults(directory: Directory, code: str, day: date) -> Iterator[str]:
    """The rule that the facility breaks on the day: unknown, or listed as doing other things only."""
    listing = directory.facility_on(code, day)
    if listing is None:
        yield "facility_unknown"
    elif listing.does and DETERMINES not in listing.does:
        yield "facility_not_determining"


def clinician_faults(directory: Directory, code: str, day: date) -> Iterator[str]:
    """The rule that the clinician breaks on the day."""
    if directory.clinician_on(code, day) is None:
        yield "clinician_unknown"
