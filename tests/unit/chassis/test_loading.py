"""What a process loads at its start, and how; the role ``migrate`` loads no more than it needs."""

import gc
import subprocess
import sys

import pytest

from services.chassis.loading import loading
from tests.support.suite import ROOT

HEAVY = ("fastapi", "uvicorn", "aiokafka", "faststream")


def test_migrating_loads_neither_the_web_framework_nor_a_kafka_client() -> None:
    code = f"import sys, services.chassis.migrating; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_the_collector_of_garbage_works_again_after_loading() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ImportError), loading():
        raise ImportError
    assert gc.isenabled()
