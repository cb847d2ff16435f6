"""``python -m services.reporting migrate|api|consume|relay|all``."""

from services.chassis.service import main
from services.reporting.app import compose
from services.reporting.settings import ReportingSettings

main("reporting", compose, settings=ReportingSettings)
