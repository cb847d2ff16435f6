"""``python -m services.reporting migrate|api|consume|relay|all``."""

import sys

from services.chassis.loading import loading

# Each branch imports what it needs: the application takes most of the time of a start.
if sys.argv[1:] == ["migrate"]:
    with loading():
        from services.chassis.migrating import main as migrate
        from services.reporting.settings import ReportingSettings

    migrate("reporting", ReportingSettings)
else:
    with loading():
        from services.chassis.service import main
        from services.reporting.app import compose
        from services.reporting.settings import ReportingSettings

    main("reporting", compose, settings=ReportingSettings)
