"""TODO"""

from services.chassis.persistence import inbox, migrations, outbox
from services.chassis.persistence.cloud_events import About, Origin, outbox_event, snapshot_of
from services.chassis.persistence.copying import copy_rows, copy_texts
from services.chassis.persistence.lease import Lease
from services.chassis.persistence.outbox import (
    CHANNEL,
    OutboxEvent,
    append,
    pack_headers,
    send_again,
    unpack_headers,
)
from services.chassis.persistence.session import (
    AsyncSession,
    Database,
    UnitOfWork,
    database_error,
    is_outage,
    raw,
)
from services.chassis.persistence.sql import Cte, Statement, all_of, nested, tidy

__all__ = [
    "CHANNEL",
    "About",
    "AsyncSession",
    "Cte",
    "Database",
    "Lease",
    "Origin",
    "OutboxEvent",
    "Statement",
    "UnitOfWork",
    "all_of",
    "append",
    "copy_rows",
    "copy_texts",
    "database_error",
    "inbox",
    "is_outage",
    "migrations",
    "nested",
    "outbox",
    "outbox_event",
    "pack_headers",
    "raw",
    "send_again",
    "snapshot_of",
    "tidy",
    "unpack_headers",
]
