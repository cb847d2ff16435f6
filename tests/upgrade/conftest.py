"""Each release's databases under the services of today."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from shutil import copy
from typing import Any

import httpx
import pytest

from services.reporting.facts.shape import shape
from tests.support.stack.endings import end_in_good_order
from tests.support.stack.harness import Province
from tests.upgrade.databases import restore

OUTSIDER = ("committee:30", "analyst", "30")
"""Who is shown protected numbers alone. The releases were asked by police, who see detoxification exactly by now."""
DATA = Path(__file__).with_name("data")
RELEASES = sorted(path.name for path in DATA.iterdir())
_KEYS = ("secrets.json", "closing-key.pem", "closing-key.pub.pem")


@dataclass(frozen=True, slots=True)
class Released:
    """What a release left: databases as SQL, keys, and the answers that it gave."""

    tag: str

    def sql(self, service: str) -> bytes:
        """A service's database."""
        return gzip.decompress((DATA / self.tag / f"{service}.sql.gz").read_bytes())

    @property
    def answers(self) -> dict[str, Any]:
        """What it answered: by kind of question, path and parameters as one line."""
        return _answers(self.tag)

    @property
    def closing_key(self) -> bytes:
        """The public half of the key that its closings are signed with."""
        return (DATA / self.tag / "closing-key.pub.pem").read_bytes()

    def give_keys(self, data_dir: Path) -> None:
        """Put its keys where a stack looks for them: without, identities stay closed and closings unsigned."""
        data_dir.mkdir(parents=True, exist_ok=True)
        for name in _KEYS:
            if (DATA / self.tag / name).exists():
                copy(DATA / self.tag / name, data_dir / name)


@lru_cache(maxsize=4)
def _answers(tag: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress((DATA / tag / "answers.json.gz").read_bytes()))
    return found


def pytest_configure() -> None:
    """Nothing of a stack outlives its run."""
    end_in_good_order()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bringing a stack up counts against the first test that asks for it."""
    for item in items:
        if Path(__file__).parent in Path(item.path).parents and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(scope="package", params=RELEASES)
def released(request: pytest.FixtureRequest) -> Released:
    """Every release in turn."""
    return Released(request.param)


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A stack of today over a release's databases.

    ``early`` are answers given while ``generation``, the one that the release had made, was still the live one;
    ``readiness`` is what reporting said of itself then. ``outdated``: it was kept in another shape than today's, so it is
    rebuilt without being asked.
    """

    release: Released
    province: Province
    early: dict[str, Any]
    generation: int
    readiness: dict[str, Any]
    outdated: bool


@pytest.fixture(scope="package")
def upgraded(released: Released, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    """The databases restored, migrated, and folded anew from the outboxes, which a new broker is filled from."""
    data_dir = tmp_path_factory.mktemp(f"upgrade-{released.tag}") / "stack"
    released.give_keys(data_dir)

    def filled(service: str, url: str) -> None:
        restore(url, released.sql(service))

    patience = {"KHOPSO_REBUILD_PATIENCE_SECONDS": "5"}
    with Province(data_dir, "embedded", split=False, restore=filled, environment=patience) as running:
        (generation, kept_as), early = live(running), {}
        readiness = httpx.get(f"{running.url('reporting')}/ready", trust_env=False).json()
        for question in sorted(released.answers["figures"])[::40]:
            answer = ask(running, question)
            if live(running)[0] != generation:
                break
            early[question] = answer
        yield Upgraded(released, running, early, generation, readiness, kept_as != shape())


def live(province: Province) -> tuple[int, str | None]:
    """The live generation and its shape."""
    ((number, shape),) = province.sql(
        "reporting", "SELECT number, shape FROM generation WHERE state = 'live'"
    )
    return number, shape


def ask(province: Province, question: str, token: str | None = None) -> Any:
    """The answer of reporting to a question in one line, with the operator's token where no other is given."""
    path, *given = question.split(" ")
    headers = {"authorization": f"Bearer {token or province.token}"}
    answer = province.client.get(
        province.url("reporting") + path,
        params=dict(part.split("=", 1) for part in given),
        headers=headers,
        timeout=120,
    )
    answer.raise_for_status()
    return answer.json()
