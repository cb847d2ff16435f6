"""Running the gateway: ``migrate``, ``api``, or ``all``, which is one after the other in one process."""

import asyncio
import signal

from contracts.forms import FORMS
from services.chassis.http import QuietServer, create_internal_app, server_config
from services.chassis.persistence import migrations
from services.chassis.runtime import check_province_or_exit, load_or_exit, logging
from services.gateway.app import create_gateway_app
from services.gateway.gateway import Gateway
from services.gateway.settings import GatewaySettings


def main(*, migrating: bool) -> None:
    """Read the settings, migrate where that is asked for, serve until SIGTERM or SIGINT."""
    settings = load_or_exit(GatewaySettings, service="gateway")
    check_province_or_exit(FORMS)
    logging.configure(settings.service, settings.log_level)
    if migrating:
        migrations.upgrade(settings, "services.gateway")
    asyncio.run(_serve(Gateway.of(settings)))


async def _serve(gateway: Gateway) -> None:
    settings = gateway.settings
    app = create_gateway_app(gateway)
    servers = [QuietServer(server_config(app, settings, settings.http_host, settings.http_port))]
    if settings.operations_port is not None:
        operators = create_internal_app(settings, gateway.metrics)
        config = server_config(operators, settings, settings.operations_host, settings.operations_port)
        servers.append(QuietServer(config))

    def stop() -> None:
        gateway.health.start_draining()
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    await asyncio.gather(*(server.serve() for server in servers))
    await gateway.close()
