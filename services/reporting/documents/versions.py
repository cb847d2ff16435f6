"""Find which version of a figure's definition a report used."""

from reference import versions_in
from services.reporting.documents.document import Times


def version_at(figure: str, times: Times) -> tuple[str, str]:
    """Return the versions in force at any day of the time, and the law or form behind the last of them."""
    found = versions_in(figure, times.first, times.last)
    return "; ".join(one.version for one in found), found[-1].basis
