"""The role ``migrate`` of a service, without its application: importing that takes most of the time of a start."""

from typing import NoReturn

from contracts.forms import FORMS
from services.chassis.persistence import migrations
from services.chassis.runtime import (
    StoringSettings,
    check_province_or_exit,
    get_logger,
    load_or_exit,
    logging,
)

log = get_logger(__name__)


def main(service: str, settings: type[StoringSettings]) -> NoReturn:
    """Read the settings, bring the service's database to the newest revision and end the process with status 0."""
    loaded = load_or_exit(settings, service=service)
    check_province_or_exit(FORMS)
    logging.configure(service, loaded.log_level)
    migrations.upgrade(loaded, f"services.{service}")
    log.info("migrated")
    raise SystemExit(0)
