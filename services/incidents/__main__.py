"""``python -m services.incidents migrate|api|consume|relay|all``."""

from services.chassis.service import main
from services.incidents.app import compose
from services.incidents.settings import IncidentsSettings

main("incidents", compose, settings=IncidentsSettings)
