"""Listed things through time: a code means something from one day up to, not including, another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Listing:
    """One row of a list, [valid_from, until). ``does`` is empty where it is not known what a facility does."""

    valid_from: date
    until: date | None
    does: frozenset[str] = frozenset()

    def holds_on(self, day: date) -> bool:
        """Return whether the row is in force on the day."""
        return self.valid_from <= day and (self.until is None or day < self.until)


Listings = Mapping[str, Sequence[Listing]]


@dataclass(frozen=True, slots=True)
class Directory:
    """Facilities and clinicians by code."""

    facilities: Listings = field(default_factory=dict)
    clinicians: Listings = field(default_factory=dict)

    def facility_on(self, code: str, day: date) -> Listing | None:
        """Return the facility's listing in force on the day."""
        return _on(self.facilities, code, day)

    def clinician_on(self, code: str, day: date) -> Listing | None:
        """Return the clinician's listing in force on the day."""
        return _on(self.clinicians, code, day)


def _on(listings: Listings, code: str, day: date) -> Listing | None:
    return next((listing for listing in listings.get(code, ()) if listing.holds_on(day)), None)
