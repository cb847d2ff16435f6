"""Listed things through time: a code means something from one day up to, not including, another.

A code is compared folded and taken as the list has it; one that no list has is written in capitals, so that its spellings
are one place in the figures, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from reference import Nearest


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
    """Facilities and clinicians by code.

    ``anothers`` are the numbers of the rows, of a batch of one of these lists, whose code another agency lists.
    """

    facilities: Listings = field(default_factory=dict)
    clinicians: Listings = field(default_factory=dict)
    anothers: frozenset[int] = frozenset()
    _near_facilities: Nearest = field(default_factory=Nearest, compare=False, repr=False)
    _near_clinicians: Nearest = field(default_factory=Nearest, compare=False, repr=False)

    def facility_on(self, code: str, day: date) -> Listing | None:
        """Return the facility's listing in force on the day."""
        return _on(self.facilities, code, day)

    def clinician_on(self, code: str, day: date) -> Listing | None:
        """Return the clinician's listing in force on the day."""
        return _on(self.clinicians, code, day)

    def nearest_facilities(self, code: str, day: date) -> list[str]:
        """Return facilities of the day that may have been meant, likeliest first."""
        return self._near_facilities.of(code, day, _codes_on(self.facilities, day))

    def nearest_clinicians(self, code: str, day: date) -> list[str]:
        """Return clinicians of the day that may have been meant, likeliest first."""
        return self._near_clinicians.of(code, day, _codes_on(self.clinicians, day))


def _codes_on(listings: Listings, day: date) -> Iterator[str]:
    return (known for known in listings if _on(listings, known, day) is not None)


def _on(listings: Listings, code: str, day: date) -> Listing | None:
    return next((listing for listing in listings.get(code, ()) if listing.holds_on(day)), None)
