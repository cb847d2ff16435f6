"""The linkage secret is rotated on a whole stack, killed on its way: figures, links and closings are what they were.

Everything through the command line, on both brokers. Afterwards no former key, token or subject of a link is in any
database or on any topic, and people who are handed in again find their earlier records.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import orjson
import psycopg
import pytest

from contracts.topics import PERSON_TOPICS, TOPICS
from deploy.embedded import SERVICES, Issuer, bring_down, database_urls, read_stack
from khopso.api import Api
from tests.support.closings import WITHOUT_REGISTERS
from tests.support.stack.harness import Province, owner_of
from tests.support.stack.keeping import unit_of
from tests.support.stack.lanes import need_kafka
from tests.support.stack.log import read
from tests.support.stack.questions import canonical, differences, name_of, questions
from tests.support.stack.registers import Registers
from tests.support.stack.rows import clinician, fire, person, site, slip
from tests.support.stack.submissions import Sender
from tests.support.stack.truth import Values

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SECONDS = 500
_NAMES = re.compile(rb"[A-Za-z0-9_-]{43}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BYTES = re.compile(rb"\\x((?:[0-9a-f]{2}){10,})")


@dataclass
class Machine:
    """A stack of a test."""

    folder: Path
    closing: str = ""
    former: set[str] = field(default_factory=set)

    def run(self, *arguments: str, code: int = 0) -> Any:
        """A command as a program of its own; its document."""
        done = subprocess.run(
            self.command(*arguments), capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "khopso", *arguments, "--data-dir", str(self.folder), "--json"]

    def api(self) -> Api:
        return Api(self.folder, timeout_seconds=120)

    def hand_in(self, form: str, rows: Sequence[Mapping[str, str]]) -> None:
        """Rows, each by the clerk of its unit."""
        parts: dict[str, list[dict[str, Any]]] = {}
        for number, values in enumerate(rows, 2):
            parts.setdefault(unit_of(form, values), []).append({"row": number, "values": values})
        with self.api() as api:
            for unit, numbered in parts.items():
                path = f"/v1/forms/{form}/records"
                answer = api.clerk_of(unit).post(owner_of(form), path, {"rows": numbered})
                assert answer["refused"] == [], answer["refused"][:3]

    def figures(self) -> bytes:
        """The answers to every question, byte for byte comparable."""
        with self.api() as api:
            return canonical(
                {
                    name_of(code, params): api.get(
                        "reporting", f"/v1/figures/{code}", params, patience_seconds=60
                    )
                    for code, params in questions(broad=True)
                }
            )

    def replay(self) -> bool:
        with self.api() as api:
            return bool(api.get("reporting", f"/v1/closings/{self.closing}/replay")["equal"])

    def rows(self, service: str, query: str) -> list[Any]:
        with psycopg.connect(database_urls(self.folder)[service]) as connection:
            return connection.execute(query.encode()).fetchall()

    def links(self) -> list[Any]:
        """The edges without the names of their tokens, and who goes by which name in reporting."""
        edges = self.rows(
            "registry",
            "SELECT ref, basis, ordinal, known_from, known_until, sequence, withdrawn FROM person_edge ORDER BY 1, 2, 3, 4, 5, 6, 7",
        )
        ((live,),) = self.rows("reporting", "SELECT number FROM generation WHERE state = 'live'")
        return [edges, self.rows("reporting", f"SELECT * FROM g{live}.person ORDER BY 1, 2")]

    def names(self) -> set[str]:
        """Every linkage key, token and subject of a link that is stored."""
        found: set[str] = set()
        for service in ("registry", "treatment", "incidents"):
            for (payload,) in self.rows(service, "SELECT payload FROM outbox WHERE payload IS NOT NULL"):
                about = orjson.loads(payload)["data"].get("person")
                found |= set(about["keys"].values()) if isinstance(about, dict) else set()
        for row in self.rows("registry", "SELECT nid12, nid9, name_birth_sex FROM observed_version"):
            found |= {str(token) for token in row if token is not None}
        for edge, token in self.rows("registry", "SELECT edge_id, person FROM person_edge"):
            found |= {str(edge), str(token)}
        return found

    def left_behind(self) -> list[str]:
        """Where a former name is still found: table or topic."""
        found = []
        for service in SERVICES:
            tables = self.rows(
                service,
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
            )
            for schema, table in tables:
                rows = self.rows(service, f'SELECT convert_to(t::text, \'UTF8\') FROM "{schema}"."{table}" t')
                if any(self._is_former(_readable(bytes(row))) for (row,) in rows):
                    found.append(f"{service} {schema}.{table}")
        stack = read_stack(self.folder)
        assert stack.kafka_bootstrap
        assert stack.broker
        topics = [*TOPICS, *(TOPICS[name].dlq for name in PERSON_TOPICS)]
        records = read(stack.kafka_bootstrap, topics, stack.broker)
        return found + [
            f"topic {record.topic}"
            for record in records
            if self._is_former((record.value or b"") + b" " + (record.key or b""))
        ]

    def _is_former(self, content: bytes) -> bool:
        return any(name.decode() in self.former for name in _NAMES.findall(content))


def _readable(row: bytes) -> bytes:
    """The row with its columns of bytes as what they are."""
    return row + b" " + b" ".join(bytes.fromhex(found.decode()) for found in _BYTES.findall(row))


def contradicting() -> dict[str, list[Values]]:
    """One name with two numbers and none, and another by which one of them could be joined: order decides."""
    arrests = [
        {"case_no": f"VA-{number}", "arrested_on": "05/04/2023", **who}
        for number, who in enumerate(
            (
                person("Nguyễn Văn Trùng", number="030090000001"),
                person("Nguyễn Văn Trùng", number="030090000002"),
                person("Nguyễn Văn Trùng"),
                person("Trần Văn Khác", number="030090000001"),
                person("Lê Văn Thứ", number="030090000003"),
            ),
            1,
        )
    ]
    slips = [
        slip(f"P-{number}", who, "CS-01", "BS-01")
        for number, who in enumerate(
            (person("Trần Văn Khác"), person("Lê Văn Thứ"), person("Trần Văn Khác", number="030090000003")), 1
        )
    ]
    return {
        "facilities": [site("CS-01")],
        "clinicians": [clinician("BS-01", "CS-01")],
        "arrests": arrests,
        "determination": slips,
    }


@pytest.fixture(scope="module", params=[pytest.param("embedded", marks=pytest.mark.embedded), "kafka"])
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    """A stack with people on every register, corrections and withdrawals, and a closed year with a late correction."""
    if request.param == "kafka":
        need_kafka()
    # Not under pytest's own directory: its path is too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="khopso-rotation-"))
    made, registers = Machine(folder / "stack"), Registers(138)
    try:
        made.run("up", "--broker", request.param)
        for form, rows in contradicting().items():
            made.hand_in(form, rows)
        for batch in registers.slice(0):
            made.hand_in(batch.form, batch.rows)
        made.closing = made.run(
            "close", "--calendar", "civil", "--period", "2023", "--figures", "health", *WITHOUT_REGISTERS
        )["id"]
        for batch in registers.slice(1):
            made.hand_in(batch.form, batch.rows)
        made.run("wait")
        yield made
    finally:
        bring_down(made.folder)
        shutil.rmtree(folder, ignore_errors=True)


def killed_at(machine: Machine, said: str) -> None:
    """Begin the rotation as a program and `kill -9` it as soon as it has said so; the hashing process with it."""
    begun = subprocess.Popen(
        machine.command("keys", "rotate", "linkage"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert begun.stderr is not None
    try:
        for line in begun.stderr:
            if said in line:
                break
        else:
            raise AssertionError(f"it never said {said!r}: {begun.wait()}")
    finally:
        os.kill(begun.pid, signal.SIGKILL)
        begun.wait()
        begun.stderr.close()
    entry = read_stack(machine.folder).processes["hashing"].alive()
    if entry is not None:
        entry.kill()


def hand_in_over_http(machine: Machine, form: str, row: dict[str, str]) -> httpx.Response:
    """One row by the clerk of its unit, asked once."""
    stack, unit = read_stack(machine.folder), unit_of(form, row)
    assert stack.issuer_key
    token = Issuer(Path(stack.issuer_key)).mint(unit, "clerk")
    return httpx.post(
        f"{stack.urls[owner_of(form)]}/v1/forms/{form}/records",
        json={"rows": [{"row": 2, "values": row}]},
        headers={"authorization": f"Bearer {token}"},
        timeout=60,
        trust_env=False,
    )


def sender(machine: Machine) -> Sender:
    """A unit's software, which sends registers over Kafka."""
    stack = read_stack(machine.folder)
    assert stack.issuer_key

    def get(service: str, path: str) -> Any:
        with machine.api() as api:
            return api.get(service, path, patience_seconds=60)

    parts = SimpleNamespace(
        get=get,
        issuer=Issuer(Path(stack.issuer_key)),
        bootstrap=stack.kafka_bootstrap,
        flavour=stack.broker,
    )
    return Sender(cast(Province, parts))


def test_a_rotation_that_is_killed_again_and_again_changes_keys_and_no_figure(machine: Machine) -> None:
    # Given a stack with links that names contradict, and a closing after which something came
    figures, links, machine.former = machine.figures(), machine.links(), machine.names()
    assert machine.replay()
    assert len(machine.former) > 100
    # When the secret is rotated, and whoever rotates is killed at every step, the hashing process with him
    killed_at(machine, "registry: collecting")
    # Then during it a person handed in over HTTP comes too early, over Kafka it waits, and everything else goes on
    early = slip("P-9", person("Lê Văn Thứ", number="030090000003"), "CS-01", "BS-01")
    refused = hand_in_over_http(machine, "determination", early)
    assert refused.status_code == 503, refused.text
    assert int(refused.headers["retry-after"]) > 0
    by_kafka = sender(machine)
    waiting = {**contradicting()["arrests"][4], "case_no": "VA-9"}
    by_kafka.send(by_kafka.record("during", "arrests", [waiting]))
    assert hand_in_over_http(machine, "fires", fire("C-9", day="05/05/2024")).status_code == 200
    for said in (
        "treatment: checked",
        "registry: rewriting",
        "incidents: emptied",
        "registry: done",
        "incidents: done",
    ):
        killed_at(machine, said)
        assert machine.figures() == figures, "\n".join(differences(figures, machine.figures()))
    document = machine.run("keys", "rotate", "linkage")
    assert (document["epoch"], document["abandoned_tokens"]) == (2, 0)
    # And when it is over, every link and every figure is what it was, and the closing computed anew is the same
    ((outcome,),) = by_kafka.outcomes(["during"]).values()
    assert outcome["data"]["accepted"] == 1
    machine.run("wait")
    after = machine.figures()
    later = {"arrests.persons", "arrests.arrests"}
    assert [line for line in differences(figures, after, limit=99) if line.split(" ")[0] not in later] == []
    assert machine.replay()
    assert [edge for edge in links[0] if edge not in machine.links()[0]] == []
    assert machine.left_behind() == []


def test_who_is_handed_in_afterwards_is_the_person_of_before(machine: Machine) -> None:
    query = (
        "SELECT person FROM person_edge WHERE NOT withdrawn AND known_until IS NULL AND basis = 'national_id'"
    )
    before = len(machine.rows("registry", query))
    row = slip("P-9", person("Lê Văn Thứ", number="030090000003"), "CS-01", "BS-01")
    assert hand_in_over_http(machine, "determination", row).json()["accepted"] == 1
    machine.run("wait")
    # The two arrests and the slip of that number are one human being, and now this one too.
    assert len(machine.rows("registry", query)) == before + 1


def test_a_second_rotation_and_a_rebuild_change_nothing_either(machine: Machine) -> None:
    figures, links, machine.former = machine.figures(), machine.links(), machine.names()
    assert machine.run("keys", "rotate", "linkage")["epoch"] == 3
    machine.run("rebuild", "reporting")
    assert machine.figures() == figures
    assert machine.links() == links
    assert machine.replay()
    assert machine.left_behind() == []
    secrets = json.loads((machine.folder / "secrets.json").read_text())
    assert (secrets["linkage_epoch"], secrets["linkage_secret_next"]) == (3, None)
