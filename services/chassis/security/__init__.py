"""Authentication, rights and secrets: tokens, the units register, the authority table, encryption of fields."""

from services.chassis.security.approvals import (
    AT_ONCE,
    ONE_DAY,
    SECOND_PERSON,
    Approval,
    ApprovalError,
    ApprovalState,
    Matter,
    decide_approval,
    decision_on,
    guards_on,
    use_approval,
)
from services.chassis.security.auth import (
    IssuerUnreachableError,
    NotAuthenticatedError,
    Principal,
    Role,
    TokenVerifier,
)
from services.chassis.security.authority import (
    EXACT,
    HAND_IN,
    READ,
    Actor,
    Allowed,
    Decision,
    Refused,
    Target,
    guards_of,
    may,
    nobody,
    reads_rows,
)
from services.chassis.security.crypto import DecryptionFailedError, FieldCipher
from services.chassis.security.hashing import (
    HASHES_PATH,
    MESSAGES_LIMIT,
    HashingClient,
    HashingUnreachableError,
)
from services.chassis.security.refusals import AGENCIES, RIGHTS, ROLES, missing
from services.chassis.security.revocations import Revocations
from services.chassis.security.step_up import (
    StepUpRequiredError,
    check_fresh_sign_in,
    has_fresh_sign_in,
)
from services.chassis.security.throttling import WINDOW_SECONDS, Refusal, Refusals
from services.chassis.security.units import Facility, Unit, Units, lies_in

__all__ = [
    "AGENCIES",
    "AT_ONCE",
    "EXACT",
    "HAND_IN",
    "HASHES_PATH",
    "MESSAGES_LIMIT",
    "ONE_DAY",
    "READ",
    "RIGHTS",
    "ROLES",
    "SECOND_PERSON",
    "WINDOW_SECONDS",
    "Actor",
    "Allowed",
    "Approval",
    "ApprovalError",
    "ApprovalState",
    "Decision",
    "DecryptionFailedError",
    "Facility",
    "FieldCipher",
    "HashingClient",
    "HashingUnreachableError",
    "IssuerUnreachableError",
    "Matter",
    "NotAuthenticatedError",
    "Principal",
    "Refusal",
    "Refusals",
    "Refused",
    "Revocations",
    "Role",
    "StepUpRequiredError",
    "Target",
    "TokenVerifier",
    "Unit",
    "Units",
    "check_fresh_sign_in",
    "decide_approval",
    "decision_on",
    "guards_of",
    "guards_on",
    "has_fresh_sign_in",
    "lies_in",
    "may",
    "missing",
    "nobody",
    "reads_rows",
    "use_approval",
]
