"""How a service is: whether this process is ready, and the state that its database knows. For whoever runs the system."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from contracts.envelope import VIETNAM
from reference import warned_after
from services.chassis.http.app import require_right
from services.chassis.kafka import Retired, ServiceState, read_state
from services.chassis.persistence import is_outage
from services.chassis.platform import Platform
from services.chassis.runtime import certificates_end, last_backup
from services.chassis.security import Principal

Names = Callable[[], Collection[str]]
Sees = Annotated[Principal, Depends(require_right("see_consumers"))]


class CertificateStatus(BaseModel):
    """Until when the certificates of a file are valid, by the setting that names it; null where it cannot be read.

    ``soon``: that is near (``certificate`` of ``ages.csv``), over (``ended``), or not known.
    """

    setting: str
    ends: datetime | None
    soon: bool
    ended: bool = False


class BackupStatus(BaseModel):
    """The last back-up that the service knows of. ``read_again``: its files were read after writing, and are whole.

    ``old``: made longer ago than ``backup`` of ``ages.csv`` allows.
    """

    made_at: datetime
    version: str
    digest: str
    read_again: bool
    old: bool


class ServiceStatus(BaseModel):
    """How a service is. ``waiting_for`` and ``degraded`` are what `/ready` of the process says that answers.

    ``state`` is null while the database is away: the process answers all the same. ``backup`` is null where none is known.
    """

    service: str
    waiting_for: list[str]
    degraded: list[str]
    state: ServiceState | None
    certificates: list[CertificateStatus] = []
    backup: BackupStatus | None = None


async def read_status(platform: Platform, names: Names, retired: Retired | None = None) -> ServiceStatus:
    """Return how the service is now; ``names`` are those of its consumers."""
    settings, health = platform.settings, platform.health
    missing = await health.unready()
    state: ServiceState | None = None
    try:
        async with platform.probing() as session:
            still = timedelta(seconds=settings.standing_limit_seconds)
            state = await read_state(session, settings.service, names(), still, retired)
    except Exception as error:
        if not is_outage(error):
            raise
    return ServiceStatus(
        service=settings.service,
        waiting_for=missing,
        degraded=[] if missing else await health.degraded(),
        state=state,
        certificates=_certificates(platform),
        backup=_backup(platform),
    )


def _certificates(platform: Platform) -> list[CertificateStatus]:
    now, found = platform.clock(), []
    near = warned_after("certificate", now.astimezone(VIETNAM).date())
    for setting, path in platform.settings.certificate_files.items():
        ends = certificates_end(path)
        soon, ended = ends is None or ends - now <= near, ends is not None and ends <= now
        found.append(CertificateStatus(setting=setting, ends=ends, soon=soon, ended=ended))
    return found


def _backup(platform: Platform) -> BackupStatus | None:
    now, found = platform.clock(), last_backup(platform.settings.backup_note)
    if found is None:
        return None
    limit = warned_after("backup", now.astimezone(VIETNAM).date())
    return BackupStatus(**found.model_dump(), old=now - found.made_at > limit)


def status_router(platform: Platform, names: Names, retired: Retired | None = None) -> APIRouter:
    """Return the route; the gateway's page of operators asks it of every service."""
    routes = APIRouter(prefix="/v1", tags=["operations"])

    @routes.get("/status", operation_id="get_status")
    async def status(_: Sees) -> ServiceStatus:
        return await read_status(platform, names, retired)

    return routes
