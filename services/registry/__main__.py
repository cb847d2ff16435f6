"""``python -m services.registry migrate|api|consume|relay|all``."""

from services.chassis.service import main
from services.registry.app import compose
from services.registry.settings import RegistrySettings

main("registry", compose, settings=RegistrySettings)
