"""What readers outside the owning agencies may learn: a fixed grid of releases in which no small count can be found.

Only the service's ``app.py`` comes in here: products ask `services.reporting.figures.QueryService`.
"""

from services.reporting.disclosure.control import ReleaseControl

__all__ = ["ReleaseControl"]
