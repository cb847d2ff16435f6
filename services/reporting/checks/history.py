"""Read versions and links of the log and compute their rows, for checks that must not use the tables of figures."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.reporting.checks import log_statements
from services.reporting.checks.ledger import Ledger, ledger
from services.reporting.facts import (
    Connection,
    Edge,
    Known,
    fetch,
    project,
    stored_version,
)


async def read_ledger(connection: Connection, forms: Sequence[str], known_at: datetime | None) -> Ledger:
    """Return the rows that the versions of these forms give, as known at an instant (None = now).

    They are computed in a thread, so that other requests are served meanwhile.
    """
    versions = await fetch(connection, log_statements.versions_of_forms(forms, known_at))
    # From the links and not from the table of persons: that table is one of the things under check.
    edges = [Edge(*row) for row in await fetch(connection, log_statements.LINKS)]
    return await asyncio.to_thread(lambda: ledger(projected(versions), edges, known_at))


def projected(versions: Sequence[tuple[Any, ...]]) -> list[Known]:
    """Return the rows that stored versions make."""
    return project(stored_version(row) for row in versions)
