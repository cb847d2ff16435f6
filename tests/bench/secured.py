"""``python -m tests.bench.secured``: what disclosure control and the audit of reads cost a query, in one process.

The same application with and without its audit, the same question from a reader who sees exact numbers and one who does
not; rounds of all three in turn, so that a busy machine slows all alike. PostgreSQL flushes each commit to disk.
"""

import asyncio
import logging
import tempfile
import time
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median

import httpx
import structlog

from deploy.embedded.postgres import PostgresServer
from reference.pack.areas import area_book
from services.chassis.persistence import migrations
from services.chassis.platform import Platform
from services.chassis.security.auth import Principal
from services.chassis.service import ServiceApp
from services.reporting.app import compose
from tests.support.callers import bearer, client_of, known_to
from tests.support.reporting import NOW, PASSWORD, ROLE, Log, fold, listed, reporting_settings

CALLERS = {
    "exact": Principal("committee:30", "30", "official", "bench"),
    "protected": Principal("committee:30", "30", "analyst", "bench"),
}
ROUNDS, REQUESTS, TOGETHER = 9, 96, 16
URL = "/v1/figures/registry.users?as_of=2023-12-31&by=commune"


def _composed(audited: bool, platform: Platform) -> ServiceApp:
    """Return the service with or without its audit of reads."""
    return replace(compose(platform), audited=audited)


async def _measure(url: str) -> dict[str, list[float]]:
    platform = known_to(Platform.of(reporting_settings(url)), CALLERS, NOW)
    log = Log()
    for number, commune in enumerate(area_book().communes("30@2008", date(2023, 12, 31))):
        for person in range(number % 13):
            listed(log, f"{commune.uid} {person}", "user", date(2023, 1, 1), commune=commune.uid)
    await fold(platform, log.messages)
    clients = {audited: client_of(platform, partial(_composed, audited)) for audited in (False, True)}
    cases = {
        "plain": (clients[False], "exact"),
        "audited": (clients[True], "exact"),
        "protected, audited": (clients[True], "protected"),
    }
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for round_ in range(ROUNDS + 1):
        for name, (client, caller) in cases.items():
            seconds = await _together(client, bearer(caller))
            if round_:  # the first round makes the release and fills pools
                taken[name].append(seconds / REQUESTS * 1_000)
    for client in clients.values():
        await client.aclose()
    await platform.database.close()
    return taken


async def _together(client: httpx.AsyncClient, headers: dict[str, str]) -> float:
    async def some() -> None:
        for _ in range(REQUESTS // TOGETHER):
            answer = await client.get(URL, headers=headers)
            answer.raise_for_status()

    started = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(TOGETHER)))
    return time.perf_counter() - started


def main() -> None:
    """Measure and print milliseconds per request and the two ratios."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="khopso-bench-") as folder:
        Path(folder).chmod(0o755)
        with PostgresServer(Path(folder) / "pg") as server:
            url = server.ensure_service(ROLE, PASSWORD)
            migrations.upgrade(reporting_settings(url), "services.reporting")
            taken = asyncio.run(_measure(url))
    for name, found in taken.items():
        print(f"{name:20} {median(found):7.2f} ms/request (least {min(found):.2f})")
    lost = [1 - here / there for there, here in zip(taken["audited"], taken["plain"], strict=True)]
    secured = [there / here for there, here in zip(taken["protected, audited"], taken["plain"], strict=True)]
    print(f"A4 throughput lost to the audit: {median(lost):.0%} (goal ≤ 20 %)")
    print(f"S3 secured / unsecured: {median(secured):.2f} (goal ≤ 3)")


if __name__ == "__main__":
    main()
