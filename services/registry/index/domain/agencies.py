"""Among whose records a record is, for what an agency is told of numbers that wait."""

from reference import agency_of

_DETOX = frozenset({"detox", "post_detox"})


def agency_of_record(form: str, unit: str) -> str:
    """Return the agency of the unit; registers of detox stand apart, since they have changed their agency.

    Example: a detox centre is a facility like a clinic, but since 1 March 2025 the police are told of its records.
    """
    agency = agency_of(unit)
    return f"{agency}:detox" if form in _DETOX else agency
