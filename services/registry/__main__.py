"""``python -m services.registry migrate|api|consume|relay|all``, or ``hash`` alone: the hashing process."""

import sys

if sys.argv[1:] == ["hash"]:
    from services.registry.hashing import main as hash_for_services

    hash_for_services()
else:
    from services.chassis.service import main
    from services.registry.app import compose
    from services.registry.settings import RegistrySettings

    main("registry", compose, settings=RegistrySettings)
