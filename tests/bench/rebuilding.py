"""What cells cost a rebuild: folding the log plainly, against folding it, indexing and filling the cells."""

import asyncio
import time
from pathlib import Path
from typing import Any

from deploy.embedded.postgres import PostgresServer
from services.chassis.kafka.delivery import Delivered, receive
from services.chassis.persistence import migrations
from services.chassis.persistence.session import raw
from services.chassis.platform import Platform
from services.reporting.facts import generations
from services.reporting.figures.aggregates.maintainer import fill_cells
from tests.bench.events import Maker
from tests.bench.flat import NOW
from tests.bench.table import Table
from tests.support.reporting import fold, reporting_settings

_CHUNK = 50_000


def measure(folder: Path, events: int, table: Table) -> None:
    """P8 by its parts, without a broker: one process folds batches of 5000 into a generation that is being built."""
    with PostgresServer(folder / "rebuilding") as server:
        settings = reporting_settings(server.ensure_service("reporting", "a-password"))
        migrations.upgrade(settings, "services.reporting")
        asyncio.run(_measure(settings, events, table))


async def _measure(settings: Any, events: int, table: Table) -> None:
    platform, maker, folding = Platform.of(settings), Maker(5), 0.0
    try:
        async with platform.uow() as session:
            number = await generations.ask(session, NOW, "bench")
            await generations.begin(session, number, NOW)
        for start in range(0, events, _CHUNK):
            messages = _delivered(maker, min(_CHUNK, events - start))
            begun = time.perf_counter()
            await fold(platform, messages, generation=number)
            folding += time.perf_counter() - begun
        begun = time.perf_counter()
        async with platform.uow() as session:
            await generations.add_indexes(await raw(session), number)
        indexing = time.perf_counter() - begun
        begun = time.perf_counter()
        await fill_cells(platform, number, "bench")
        filling = time.perf_counter() - begun
    finally:
        await platform.close()
    table.add("P8", f"rebuild of {events:,} events with cells / folding them plainly, speed",
              f"{folding / (folding + indexing + filling):.2f} (folding {folding:.1f} s, indexes {indexing:.1f} s,"
              f" cells {filling:.1f} s)", "≥ 0.5")  # fmt: skip


def _delivered(maker: Maker, count: int) -> list[Delivered]:
    found = [receive(it.topic, 0, 0, it.key, it.value, it.headers, 0) for it in maker.records(count)]
    return [message for message in found if isinstance(message, Delivered)]
