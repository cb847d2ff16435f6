"""Who calls and what is kept secret: tokens, roles, encryption of fields."""

from services.chassis.security.auth import (
    AreaWithin,
    IssuerUnreachableError,
    NotAuthenticatedError,
    Principal,
    Role,
    TokenVerifier,
)
from services.chassis.security.crypto import FieldCipher

__all__ = [
    "AreaWithin",
    "FieldCipher",
    "IssuerUnreachableError",
    "NotAuthenticatedError",
    "Principal",
    "Role",
    "TokenVerifier",
]
