"""The pages with which operators run one service: how it is, its dead letters, its stopped consumers."""

from services.chassis.operating.http import operating_router
from services.chassis.operating.words import (
    age,
    backup_text,
    backup_troubles,
    is_trouble,
    troubles,
    waiting,
)

__all__ = [
    "age",
    "backup_text",
    "backup_troubles",
    "is_trouble",
    "operating_router",
    "troubles",
    "waiting",
]
