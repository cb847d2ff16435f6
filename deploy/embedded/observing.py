"""The present state of a stack's processes, asked of each: ``stack.json`` may be older than the end of one."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from deploy.embedded.children import answers
from deploy.embedded.layout import GATEWAY_PROCESS, SERVICE_PROCESSES, Layout
from deploy.embedded.state import ProcessEntry, Stack
from deploy.kafka import known_brokers
from deploy.ports import LOOPBACK

_ASK_SECONDS = 3.0
_HTTP_PORTS = {spec.name: spec.port_name for spec in (*SERVICE_PROCESSES, GATEWAY_PROCESS)} | {
    "issuer": "jwks"
}


def observe(data_dir: Path, stack: Stack) -> Stack:
    """Return the stack of ``stack.json``, with each process in the state in which it is found now."""
    if not stack.processes:
        return stack
    with (
        httpx.Client(timeout=_ASK_SECONDS, trust_env=False) as client,
        ThreadPoolExecutor(len(stack.processes)) as pool,
    ):
        found = pool.map(
            lambda item: _observe_one(Layout(data_dir), stack, client, *item), stack.processes.items()
        )
        processes = dict(zip(stack.processes, found, strict=True))
    return stack.model_copy(update={"processes": processes})


def _observe_one(
    layout: Layout, stack: Stack, client: httpx.Client, name: str, entry: ProcessEntry
) -> ProcessEntry:
    if entry.alive() is None:
        since = entry.since if entry.state == "down" else time.time()
        return entry.model_copy(update={"pid": 0, "started": 0.0, "state": "down", "since": since})
    if _serves(layout, stack, client, name):
        state = "ready"
    else:
        state = "silent" if entry.state == "ready" else entry.state
    since = entry.since if state == entry.state else time.time()
    return entry.model_copy(update={"state": state, "since": since})


def _serves(layout: Layout, stack: Stack, client: httpx.Client, name: str) -> bool:
    if name == "broker":
        return known_brokers(stack.ports["kafka"], _ASK_SECONDS) > 0
    if name == "postgres":
        from deploy.embedded.postgres import PostgresServer  # loads a database client

        return PostgresServer(layout.postgres).answers()
    return answers(client, f"http://{LOOPBACK}:{stack.ports[_HTTP_PORTS[name]]}/ready")
