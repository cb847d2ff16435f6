"""What a process runs on: settings, health, metrics, logging, clock, ids."""

from services.chassis.runtime import logging
from services.chassis.runtime.certificates import certificates_end, watch_certificates
from services.chassis.runtime.clock import Clock, system_clock
from services.chassis.runtime.health import Health
from services.chassis.runtime.ids import NewId, uuid7
from services.chassis.runtime.last_backup import last_backup
from services.chassis.runtime.logging import correlation_id, describe, get_logger
from services.chassis.runtime.metrics import CONTENT_TYPE, Metrics
from services.chassis.runtime.settings import (
    ProcessSettings,
    Seconds,
    ServiceSettings,
    StoringSettings,
    check_province_or_exit,
    load_or_exit,
    long_enough,
    parse_field_keys,
    parse_submission_key,
)
from services.chassis.runtime.tracing import (
    TRACEPARENT,
    Tracing,
    continuing,
    current_traceparent,
    remote_parent,
)
from services.chassis.runtime.waiting import lock_key, pause

__all__ = [
    "CONTENT_TYPE",
    "TRACEPARENT",
    "Clock",
    "Health",
    "Metrics",
    "NewId",
    "ProcessSettings",
    "Seconds",
    "ServiceSettings",
    "StoringSettings",
    "Tracing",
    "certificates_end",
    "check_province_or_exit",
    "continuing",
    "correlation_id",
    "current_traceparent",
    "describe",
    "get_logger",
    "last_backup",
    "load_or_exit",
    "lock_key",
    "logging",
    "long_enough",
    "parse_field_keys",
    "parse_submission_key",
    "pause",
    "remote_parent",
    "system_clock",
    "uuid7",
    "watch_certificates",
]
