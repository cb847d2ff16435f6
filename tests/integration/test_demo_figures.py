"""The demonstration province, handed in as files by the command line, gives every figure published for 2023."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.demo.generate import build
from deploy.local.state import SERVICES
from tests.failure.harness import ROOT, Province

pytestmark = [pytest.mark.slow, pytest.mark.embedded, pytest.mark.timeout(300)]
PUBLISHED = list(csv.DictReader((ROOT / "contracts/data/figures-2023.csv").read_text().splitlines()))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A stack with the whole demonstration in it."""
    files = build(tmp_path_factory.mktemp("files"))
    with Province(tmp_path_factory.mktemp("demo"), "embedded", split=False) as province:
        for form, path in files:
            answer = run_import(province, form, path)
            total = sum(answer[name] for name in ("accepted", "corrected", "unchanged"))
            assert total, f"{path.name}: nothing taken"
        province.settled(120)
        yield province


def run_import(province: Province, form: str, path: Path) -> dict[str, int]:
    """`khopso import` as a process of its own. Status 1 (some rows refused) is part of the demonstration."""
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "HOME": str(path.parent),
        "KHOPSO_TOKEN": province.token,
        **{f"KHOPSO_{service.upper()}_URL": province.url(service) for service in SERVICES},
    }
    command = [sys.executable, "-m", "khopso", "import", form, str(path), "--json"]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=path.parent, timeout=120, check=False
    )
    assert done.returncode in (0, 1), done.stderr[-2000:]
    answer: dict[str, int] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row['figure']} {row['as_of_or_from']}")
def test_the_computed_figure_is_the_published_one(loaded: Province, row: dict[str, str]) -> None:
    moment = (
        {"as_of": row["as_of_or_from"]}
        if row["kind"] == "stock"
        else {"from": row["as_of_or_from"], "to": row["to"]}
    )
    answer = loaded.get("reporting", f"/v1/figures/{row['figure']}", {"area": row["area_code"], **moment})
    assert Decimal(str(answer["value"])) == Decimal(row["value"])


def test_the_compulsory_detox_target_was_met_by_131_percent(loaded: Province) -> None:
    answer = loaded.get(
        "reporting", "/v1/figures/detox.compulsory_target_pct", {"from": "2023-01-01", "to": "2023-12-31"}
    )
    assert (answer["numerator"], answer["denominator"]) == (235, 180)
