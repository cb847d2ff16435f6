"""The disclosure control that ``app.py`` hands to the query service: exact numbers for some readers, releases for others."""

from datetime import date

from reference import FIGURES
from services.chassis.platform import Platform
from services.chassis.security import Decision
from services.reporting.disclosure import policy
from services.reporting.disclosure.answers import ReleasedAnswers
from services.reporting.disclosure.usecases import CountComparison
from services.reporting.figures import Answer, Comparison, Question, Reader, Sight


class ReleaseControl:
    """Implements `services.reporting.figures.DisclosureControl` by `policy` and the grid of releases.

    ``count_comparison`` counts what a check finds; checks are a layer above, so the application hands it in.
    """

    def __init__(self, platform: Platform, count_comparison: CountComparison) -> None:
        self._released = ReleasedAnswers(platform, count_comparison)

    def is_sensitive(self, code: str, day: date) -> bool:
        """Return whether small counts of the figure are hidden from some readers on the day."""
        return policy.is_sensitive(code, day)

    def right_to_exact(self, code: str, day: date, reader: Reader) -> Decision:
        """Return whether the reader is one of those for whom no number of the figure is hidden on the day."""
        return policy.right_to_exact(reader, FIGURES[code], day)

    def sight_of(self, comparison: Comparison, reader: Reader) -> Sight:
        """Return whether the reader sees the counts of a comparison exactly, as released, or not at all."""
        return policy.sight_of(reader, comparison)

    async def release(self, question: Question) -> Answer:
        """Return what is released to everybody; Problem 422 names what is off the grid and what is on it."""
        return await self._released.answer(question)
