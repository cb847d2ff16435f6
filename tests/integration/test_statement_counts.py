"""SQL statements and commits per row and per event: they do not depend on the machine, so they are held here."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
import pytest

from tests.support.stack.harness import Province
from tests.support.stack.parts import wait_for
from tests.support.stack.rows import fire

_LINE = re.compile(
    r"^~(?P<application>[^~]*)~(?P<session>[^~]*)~.*?LOG:  (?:statement|execute [^:]*): (?P<statement>.*)$"
)


@dataclass(slots=True)
class Heard:
    """Statements by the application that sent them, and by the connection on which they came."""

    statements: dict[str, list[str]] = field(default_factory=dict)
    sessions: dict[str, list[str]] = field(default_factory=dict)

    def transactions(self, words: str) -> list[list[str]]:
        """The transactions, from whatever application, in which a statement starts so."""
        found: list[list[str]] = []
        for session in self.sessions.values():
            whole: list[str] = []
            for text in session:
                whole.append(text)
                if text.upper().startswith(("COMMIT", "ROLLBACK")):
                    found.append(whole)
                    whole = []
            found.append(whole)
        return [whole for whole in found if any(text.startswith(words) for text in whole)]

    def count(self, application: str, words: str = "") -> int:
        """How many statements of the application start with one of the words (any, when none is given)."""
        wanted = tuple(words.upper().split())
        return sum(
            1 for text in self.statements.get(application, []) if text.upper().startswith(wanted or ("",))
        )


@contextmanager
def listening(province: Province) -> Iterator[Heard]:
    """Have PostgreSQL write down every statement (without parameters) while the block runs."""
    log = province.layout.log("postgres")
    configure(
        province, "ALTER SYSTEM SET log_statement = 'all'", "ALTER SYSTEM SET log_line_prefix = '~%a~%c~'"
    )
    start = log.stat().st_size
    heard = Heard()
    try:
        yield heard
    finally:
        configure(province, "ALTER SYSTEM RESET log_statement", "ALTER SYSTEM RESET log_line_prefix")
        for line in log.read_bytes()[start:].decode("utf-8", "replace").splitlines():
            found = _LINE.match(line)
            if found:
                heard.statements.setdefault(found["application"], []).append(found["statement"])
                heard.sessions.setdefault(found["session"], []).append(found["statement"])


def configure(province: Province, *statements: str) -> None:
    with psycopg.connect(province.postgres.admin_url(), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
        connection.execute("SELECT pg_reload_conf()")
    wanted = "all" if "SET log_statement = 'all'" in statements[0] else "none"

    def in_force() -> bool:
        return province.sql("postgres", "SHOW log_statement") == [(wanted,)]

    wait_for(in_force, 10, f"log_statement {wanted}")


@pytest.mark.parametrize("rows", [100, 2000])
def test_a_hand_in_costs_a_fixed_number_of_statements_and_one_commit(province: Province, rows: int) -> None:
    with listening(province) as heard:
        province.hand_in("fires", [fire(f"ST-{rows}-{n}") for n in range(rows)])
    # The relay and the leases of the same process commit when their time comes: what counts is what writes the rows.
    (written,) = heard.transactions("COPY record ")
    assert written[-1].upper().startswith("COMMIT")
    assert len(written) <= 20, written
    assert heard.count("khopso-incidents") <= 40, heard.statements["khopso-incidents"][:60]


def test_reporting_folds_events_with_few_statements_and_commits(province: Province) -> None:
    rows = 3000
    province.settled()
    reporting = province.part("reporting", "all")
    reporting.end()
    try:
        province.hand_in("fires", [fire(f"FO-{n}") for n in range(rows)])
        wait_for(lambda: not province.progress("incidents")["outbox"]["unsent"], 60, "events on the log")
        with listening(province) as heard:
            reporting.start()
            province.settled()
    finally:
        reporting.start()
    writes = heard.count("khopso-reporting", "COPY INSERT UPDATE DELETE")
    assert 0 < writes <= rows * 0.05, writes
    assert 0 < heard.count("khopso-reporting", "COPY") <= rows * 0.02
    assert heard.count("khopso-reporting", "COMMIT") <= rows * 0.1, (
        "positions and rows commit together, batch by batch"
    )
