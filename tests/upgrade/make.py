"""Makes the data of a release for the upgrade tests: ``python -m tests.upgrade.make v0.2.0``, once after each release.

The release's own code does everything, from a work tree of its tag: it starts its own embedded stack, builds its own
demonstration, of which the rows of one city are handed in, closes a period where it can, and answers. Kept are the
four databases as plain SQL, the keys of the stack, and the answers.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from deploy.embedded.postgres import PostgresServer
from deploy.embedded.state import SERVICES
from tests.support.closings import ACCEPTED
from tests.upgrade.asked import CITY, Params, name_of, protected_questions, questions
from tests.upgrade.databases import dumped

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).with_name("data")
_KEYS = ("secrets.json", "closing-key.pem", "closing-key.pub.pem")
OUTSIDER = ("committee:30", "analyst")
# Writes the registers of one city with the release's own generator; prints "form<TAB>file" in the order of handing in.
# What names no commune (targets, declarations, doses at the city's site) stays.
_REGISTERS = f"""
import sys
from pathlib import Path
try:
    from demo import generate
except ImportError:
    from deploy.demo import generate

world = generate.build_world()
district = lambda code: world.province.by_code[str(code)].district

def here(row):
    if row.get("commune_code") is not None:
        return district(row["commune_code"]) == "{CITY}"
    return "{CITY}" in str(row.get("facility_code", "{CITY}"))

def thin(registers):
    for form, rows in registers.items():
        if form not in ("facilities", "clinicians", "targets", "declared"):
            rows[:] = [row for row in rows if here(row)]

thin(world.registers)
thin(world.afterthoughts)
empty = set()
write = generate.write_file

def write_file(path, form, rows, style):
    write(path, form, rows, style)
    if not rows:
        empty.add(path)

generate.build_world, generate.write_file = (lambda seed=138: world), write_file
for form, path in generate.build(Path(sys.argv[1])):
    if path not in empty:
        print(form, path, sep="\\t")
"""

# Hands a register in as the release's own demonstration does: from 0.3.0 on it knows whose clerk hands in what today.
_HAND_IN = """
import sys
from pathlib import Path
from contracts.forms import FORMS
from khopso.api import Api
from khopso.registers.handin import hand_in
from demo import hands_in

form, file, data_dir = sys.argv[1:]
with Api(Path(data_dir), timeout_seconds=300) as api:
    clerk_of = lambda unit: api.clerk_of(hands_in(form, unit))
    refused = hand_in(api, FORMS[form], Path(file), FORMS, by_unit=clerk_of).refused
sys.exit(f"{refused} rows of {form} are refused" if refused else 0)
"""


class Release:
    """A release at work: its work tree, and a stack of its own in a directory of its own."""

    def __init__(self, tree: Path, python: Path, data_dir: Path) -> None:
        self._tree = tree
        self._python = python
        self._data_dir = data_dir
        self._client = httpx.Client(timeout=300, trust_env=False)
        self._urls: dict[str, str] = {}

    def python(self, *arguments: str) -> str:
        """The output of Python with the release's code."""
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(self._data_dir)}
        done = subprocess.run(
            [self._python, *arguments],
            cwd=self._data_dir,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(
                f"{arguments[:6]}: status {done.returncode}\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}"
            )
        return done.stdout

    def khopso(self, *arguments: str) -> Any:
        """The JSON answer of the release's command line."""
        command = ("-c", "from khopso.cli import main; main()", *arguments)
        return json.loads(self.python(*command, "--data-dir", str(self._data_dir), "--json"))

    def hand_in(self, form: str, file: str) -> None:
        """Hand in a register of the release's demonstration."""
        self.python("-c", _HAND_IN, form, file, str(self._data_dir))

    @contextmanager
    def running(self) -> Iterator[None]:
        """The stack runs during the block."""
        try:
            self._urls = self.khopso("up", "--wait", "--broker", "embedded")["services"]
            yield
        finally:
            self.khopso("down")

    def token(self, unit: str, role: str) -> str:
        """A token of the stack's issuer."""
        return str(self.khopso("token", "--unit", unit, "--role", role)["token"])

    def call(
        self, method: str, path: str, token: str, params: Params | None = None, body: object = None
    ) -> Any:
        """The JSON answer of reporting; None where it refuses."""
        answer = self._client.request(
            method,
            self._urls["reporting"] + path,
            params=params,
            json=body,
            headers={"authorization": f"Bearer {token}"},
        )
        if answer.status_code >= 500:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.status_code < 400 else None


def make(tag: str, tree: Path, work: Path) -> None:
    """Fill a stack of the release, ask it, keep its databases, keys and answers."""
    (work / "stack").mkdir()
    release = Release(tree, _interpreter(tree, work / "venv"), work / "stack")
    with release.running():
        files = [
            line.split("\t") for line in release.python("-c", _REGISTERS, str(work / "files")).splitlines()
        ]
        corrections = [(form, file) for form, file in files if "dinh-chinh" in file]
        for form, file in files:
            if (form, file) not in corrections:
                release.hand_in(form, file)
        release.khopso("wait")
        official = release.token("committee:30", "official")
        closed = release.call(
            "POST",
            "/v1/closings",
            official,
            body={
                "calendar": "civil",
                "period": "2023",
                "figures": "police",
                "name": "Mẫu Văn Thử",
                "accept_missing": ACCEPTED,
            },
        )
        for form, file in corrections:
            release.hand_in(form, file)
        release.khopso("wait")
        answers = _answers(release, official, closed)
    _keep(tag, work / "stack", answers)


def _interpreter(tree: Path, folder: Path) -> Path:
    """A Python that finds the release's code and the packages installed here. Processes of a stack are told nothing else."""
    venv.create(folder, with_pip=False)
    (packages,) = folder.glob("lib/python*/site-packages")
    installed = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "release.pth").write_text("\n".join((str(tree), *installed)) + "\n")
    return folder / "bin" / "python"


def _answers(release: Release, official: str, closed: Mapping[str, Any] | None) -> dict[str, Any]:
    outsider = release.token(*OUTSIDER)
    catalogue = release.call("GET", "/v1/figures", official)["figures"]
    figures = {
        name_of(path, params): answer
        for path, params in questions(catalogue)
        if (answer := release.call("GET", path, official, params)) is not None
    }
    found: dict[str, Any] = {"figures": figures, "protected": {}, "closings": {}}
    if closed is None:
        sys.stderr.write("warning: the release did not close the period; its data has no closing\n")
        return found
    release.call("POST", f"/v1/closings/{closed['id']}/revisions", official)
    release.call("POST", f"/v1/closings/{closed['id']}/editions", official, body={"name": "Mẫu Văn Thử"})
    release.call(
        "POST",
        "/v1/follows",
        official,
        body={"figure": "registry.users", "as_of": "2023-12-31", "by": "area"},
    )
    release.khopso("wait")
    for path, params in protected_questions():
        found["protected"][name_of(path, params)] = release.call("GET", path, outsider, params)
    for one in release.call("GET", "/v1/closings", official)["closings"]:
        place = f"/v1/closings/{one['id']}"
        for path in (place, f"{place}/replay", f"{place}/revisions"):
            found["closings"][path] = release.call("GET", path, official)
    found["closings"]["/v1/closings/chain"] = release.call("GET", "/v1/closings/chain", official)
    found["follows"] = release.call("GET", "/v1/follows", official)
    return found


def _keep(tag: str, stack: Path, answers: Mapping[str, Any]) -> None:
    kept = DATA / tag
    kept.mkdir(parents=True, exist_ok=True)
    with PostgresServer(stack / "postgres") as server:
        for service in SERVICES:
            _write(kept / f"{service}.sql.gz", dumped(server.admin_url(service)))
    _write(
        kept / "answers.json.gz", json.dumps(answers, ensure_ascii=False, indent=1, sort_keys=True).encode()
    )
    for name in _KEYS:
        if (stack / name).exists():
            (kept / name).write_bytes((stack / name).read_bytes())


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(gzip.compress(content, 9, mtime=0))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.upgrade.make")
    parser.add_argument("tag", help="a release's tag: v0.2.0")
    tag = parser.parse_args().tag
    with tempfile.TemporaryDirectory(prefix="khopso-") as folder:
        tree = Path(folder) / "tree"
        subprocess.run(
            ["git", "-C", str(ROOT), "worktree", "add", "--quiet", "--detach", str(tree), tag], check=True
        )
        try:
            make(tag, tree, Path(folder))
        finally:
            subprocess.run(["git", "-C", str(ROOT), "worktree", "remove", "--force", str(tree)], check=True)


if __name__ == "__main__":
    main()
