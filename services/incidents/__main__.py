"""``python -m services.incidents migrate|api|consume|relay|all``."""

import sys

from services.chassis.loading import loading

# Each branch imports what it needs: the application takes most of the time of a start.
if sys.argv[1:] == ["migrate"]:
    with loading():
        from services.chassis.migrating import main as migrate
        from services.incidents.settings import IncidentsSettings

    migrate("incidents", IncidentsSettings)
else:
    with loading():
        from services.chassis.service import main
        from services.incidents.app import compose
        from services.incidents.settings import IncidentsSettings

    main("incidents", compose, settings=IncidentsSettings)
