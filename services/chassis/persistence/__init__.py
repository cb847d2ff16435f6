"""Transactions, outbox, inbox, leases, migrations, and how tables and statements are written."""

from services.chassis.persistence import inbox, migrations, outbox
from services.chassis.persistence.cloud_events import About, Origin, outbox_event, snapshot_of
from services.chassis.persistence.columns import (
    GIVEN,
    count,
    document,
    identifier,
    instant,
    number,
    octets,
    small,
    words,
)
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
from services.chassis.persistence.tables import (
    CHASSIS,
    ConsumerState,
    DeadLetter,
    Inbox,
    Outbox,
    PositionRow,
    RelayLog,
    columns_of,
    merged,
)

__all__ = [
    "CHANNEL",
    "CHASSIS",
    "GIVEN",
    "About",
    "AsyncSession",
    "ConsumerState",
    "Cte",
    "Database",
    "DeadLetter",
    "Inbox",
    "Lease",
    "Origin",
    "Outbox",
    "OutboxEvent",
    "PositionRow",
    "RelayLog",
    "Statement",
    "UnitOfWork",
    "all_of",
    "append",
    "columns_of",
    "copy_rows",
    "copy_texts",
    "count",
    "database_error",
    "document",
    "identifier",
    "inbox",
    "instant",
    "is_outage",
    "merged",
    "migrations",
    "nested",
    "number",
    "octets",
    "outbox",
    "outbox_event",
    "pack_headers",
    "raw",
    "send_again",
    "small",
    "snapshot_of",
    "tidy",
    "unpack_headers",
    "words",
]
