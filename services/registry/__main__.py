"""``python -m services.registry migrate|api|consume|relay|all``, or ``hash`` alone: the hashing process."""

import sys

from services.chassis.loading import loading

# Each branch imports what it needs: the application takes most of the time of a start.
if sys.argv[1:] == ["hash"]:
    with loading():
        from services.registry.hashing import main as hash_for_services

    hash_for_services()
elif sys.argv[1:] == ["migrate"]:
    with loading():
        from services.chassis.migrating import main as migrate
        from services.registry.settings import RegistrySettings

    migrate("registry", RegistrySettings)
else:
    with loading():
        from services.chassis.service import main
        from services.registry.app import compose
        from services.registry.settings import RegistrySettings

    main("registry", compose, settings=RegistrySettings)
