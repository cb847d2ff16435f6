"""A reader who got an answer is in the audit, whatever happened to the process in that moment."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import psycopg

from deploy.embedded.issuer import Issuer
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.state import AUDIENCE, ISSUER
from deploy.key_server import KeyServer
from deploy.ports import free_ports
from proof.audit import FIELDS, check_rows
from services.chassis.audit.recording import listed
from tests.support.asking import status_of
from tests.support.platform import environment_of
from tests.support.reporting import fresh, reporting_settings
from tests.support.wait import wait_until

ROOT = Path(__file__).parents[4]
ANSWERS, READERS = 60, 6


class Readers:
    """Threads that ask and note the correlation id of every answer that they got."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._headers = url, {"Authorization": f"Bearer {token}"}
        self.answered: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read) for _ in range(READERS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        with httpx.Client(headers=self._headers, timeout=60) as client:
            while not self._stop.is_set():
                try:
                    answer = client.get(self._url)
                except httpx.TransportError:
                    return
                assert answer.status_code == 200
                self.answered.append(answer.headers["x-correlation-id"])


def rows_of(url: str) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as connection:
        columns = ", ".join((*FIELDS, "hash"))
        found = connection.execute(f"SELECT {columns} FROM audit ORDER BY chain, seq".encode())
        return [listed(row) for row in found]


def test_no_answer_got_out_unseen_when_the_process_was_killed_under_load(
    server: PostgresServer, tmp_path: Path
) -> None:
    _, url = fresh(server)
    issuer = Issuer(tmp_path / "issuer.json")
    jwks_port, port = free_ports(2)
    jwks = KeyServer(issuer.public_jwks(), jwks_port)
    jwks.start()
    settings = reporting_settings(
        url, http_port=port, jwks_url=jwks.url, token_issuer=ISSUER, token_audience=AUDIENCE
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "services.reporting", "api"],
        env={"PATH": os.environ["PATH"]} | environment_of(settings),
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    readers = Readers(f"http://127.0.0.1:{port}/v1/figures", issuer.mint("committee:30", "admin", "30", 600))

    try:
        wait_until(lambda: status_of(f"http://127.0.0.1:{port}/live") == 200, deadline=90)
        readers.start()
        wait_until(lambda: len(readers.answered) >= ANSWERS, deadline=90)
    finally:
        process.kill()
        process.wait()
        readers.stop()
        jwks.stop()
    rows = rows_of(url)
    logged = [row["correlation"] for row in rows]
    assert len(readers.answered) >= ANSWERS
    assert set(readers.answered) <= set(logged)
    assert len(logged) == len(set(logged))
    assert len(logged) <= len(readers.answered) + READERS, "at most one unfinished request of each reader"
    assert not list(check_rows(rows))
