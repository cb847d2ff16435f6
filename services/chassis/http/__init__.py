"""HTTP: the application around a service's routes, callers, entity tags, audit and operations."""

from services.chassis.http import operations
from services.chassis.http.app import (
    Caller,
    Fault,
    Lifespan,
    Problem,
    Work,
    create_app,
    create_operations_app,
    has_right,
    platform_of,
    require_fresh_sign_in,
    require_right,
)
from services.chassis.http.approvals import approvals_router
from services.chassis.http.audit import Key, announcing, audit_router
from services.chassis.http.documentation import query_parameters
from services.chassis.http.entity_tags import has_it
from services.chassis.http.exporting import count_identities, count_listed, opened_by_approval, use_opened
from services.chassis.http.guards import guards_met, require_purpose, require_step_up_for
from services.chassis.http.internal import create_internal_app
from services.chassis.http.known_at import read_date, read_known_at
from services.chassis.http.looks import looks_router, write_looks
from services.chassis.http.masking import masked_headers, masked_key, masked_value
from services.chassis.http.middleware import BodyLimit, HeadAsGet, Surroundings
from services.chassis.http.purposes import PURPOSE, purpose_of, state_purpose
from services.chassis.http.second_person import approval_of
from services.chassis.http.server import QuietServer, server_config
from services.chassis.http.status import (
    BackupStatus,
    CertificateStatus,
    ServiceStatus,
    read_status,
    status_router,
)
from services.chassis.http.text_guard import (
    LINES,
    ONE_LINE,
    judges_cells,
    leaves_cells_to_the_route,
    unusable_in_text,
)
from services.chassis.http.tokens import tokens_router

__all__ = [
    "LINES",
    "ONE_LINE",
    "PURPOSE",
    "BackupStatus",
    "BodyLimit",
    "Caller",
    "CertificateStatus",
    "Fault",
    "HeadAsGet",
    "Key",
    "Lifespan",
    "Problem",
    "QuietServer",
    "ServiceStatus",
    "Surroundings",
    "Work",
    "announcing",
    "approval_of",
    "approvals_router",
    "audit_router",
    "count_identities",
    "count_listed",
    "create_app",
    "create_internal_app",
    "create_operations_app",
    "guards_met",
    "has_it",
    "has_right",
    "judges_cells",
    "leaves_cells_to_the_route",
    "looks_router",
    "masked_headers",
    "masked_key",
    "masked_value",
    "opened_by_approval",
    "operations",
    "platform_of",
    "purpose_of",
    "query_parameters",
    "read_date",
    "read_known_at",
    "read_status",
    "require_fresh_sign_in",
    "require_purpose",
    "require_right",
    "require_step_up_for",
    "server_config",
    "state_purpose",
    "status_router",
    "tokens_router",
    "unusable_in_text",
    "use_opened",
    "write_looks",
]
