"""``python -m services.gateway migrate|api|all``."""

import sys

from services.chassis.loading import loading

# Each branch imports what it needs: the application takes most of the time of a start.
if sys.argv[1:] == ["migrate"]:
    with loading():
        from services.chassis.migrating import main as migrate
        from services.gateway.settings import GatewaySettings

    migrate("gateway", GatewaySettings)
elif sys.argv[1:] in (["api"], ["all"]):
    with loading():
        from services.gateway.process import main

    main(migrating=sys.argv[1] == "all")
else:
    sys.stderr.write("usage: python -m services.gateway migrate | api | all\n")
    raise SystemExit(2)
