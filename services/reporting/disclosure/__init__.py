"""Disclosure control: readers outside the owning agencies get numbers from prepared releases only.

Releases exist for a fixed grid of dates and periods, and no small count can be computed from them.

Only the service's ``app.py`` comes in here: products ask `services.reporting.figures.QueryService`.
"""

from services.reporting.disclosure.control import ReleaseControl

__all__ = ["ReleaseControl"]
