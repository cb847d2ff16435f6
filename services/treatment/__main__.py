"""``python -m services.treatment migrate|api|consume|relay|all``."""

from services.chassis.service import main
from services.treatment.app import compose
from services.treatment.settings import TreatmentSettings

main("treatment", compose, settings=TreatmentSettings)
