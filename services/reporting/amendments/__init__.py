"""Administrators' changes of rules while the system runs: proposed by one person, confirmed by another, kept for ever.

The files of the pack are the base; what is confirmed lies over them from the moment of its confirmation, so a question
about what was known earlier is answered by the rules that were known then.
"""

from services.reporting.amendments.known import changes_at, days_off_at

__all__ = ["changes_at", "days_off_at"]
