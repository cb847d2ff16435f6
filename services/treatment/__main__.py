"""``python -m services.treatment migrate|api|consume|relay|all``."""

import sys

from services.chassis.loading import loading

# Each branch imports what it needs: the application takes most of the time of a start.
if sys.argv[1:] == ["migrate"]:
    with loading():
        from services.chassis.migrating import main as migrate
        from services.treatment.settings import TreatmentSettings

    migrate("treatment", TreatmentSettings)
else:
    with loading():
        from services.chassis.service import main
        from services.treatment.app import compose
        from services.treatment.settings import TreatmentSettings

    main("treatment", compose, settings=TreatmentSettings)
