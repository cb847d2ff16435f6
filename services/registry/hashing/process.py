"""``python -m services.registry hash``: the process that holds the linkage secret."""

import asyncio
import signal
from typing import NoReturn

from services.chassis.http import QuietServer, server_config
from services.chassis.runtime import load_or_exit, logging
from services.registry.hashing.app import create_hashing_app
from services.registry.hashing.settings import HashingSettings


def main() -> NoReturn:
    """Read the settings, serve until SIGTERM or SIGINT, and end the process."""
    settings = load_or_exit(HashingSettings, service="hashing")
    logging.configure(settings.service, settings.log_level)
    asyncio.run(_serve(settings))
    raise SystemExit(0)


async def _serve(settings: HashingSettings) -> None:
    app = create_hashing_app(settings)
    server = QuietServer(server_config(app, settings, settings.http_host, settings.http_port))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: setattr(server, "should_exit", True))
    await server.serve()
